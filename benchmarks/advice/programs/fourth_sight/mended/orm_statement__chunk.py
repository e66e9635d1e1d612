"""Prints quarter statements from an accounts database (SQLAlchemy core)."""
import os
import random
import tempfile

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select

meta = MetaData()
movement = Table(
    "movement", meta,
    Column("id", Integer, primary_key=True),
    Column("customer", Integer, nullable=False),
    Column("memo", String(80)),
    Column("cents", Integer),
)


def fill(engine, n):
    rng = random.Random(5)
    with engine.begin() as conn:
        meta.create_all(conn)
        for start in range(0, n, 20_000):
            conn.execute(insert(movement), [
                {"customer": (start + i) // 400,
                 "memo": f"payment reference {rng.randrange(10**9):09d} branch {rng.randrange(90)}",
                 "cents": rng.randrange(-90000, 100000)}
                for i in range(min(20_000, n - start))
            ])


def statements(engine):
    query = select(movement.c.customer, movement.c.memo, movement.c.cents).order_by(movement.c.id)
    with engine.connect() as conn:
        current, balance, longest = None, 0, ""
        for customer, memo, cents in conn.execution_options(yield_per=1000).execute(query):
            if customer != current:
                if current is not None:
                    yield current, balance, longest
                current, balance, longest = customer, 0, ""
            balance += cents
            longest = max(longest, memo)
    if current is not None:
        yield current, balance, longest


def main():
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine("sqlite:///" + os.path.join(folder, "acc.db"))
        fill(engine, 160_000)
        overdrawn = 0
        last = None
        for customer, balance, longest in statements(engine):
            if balance < 0:
                overdrawn += 1
                last = (customer, balance, longest)
        engine.dispose()
    print("overdrawn", overdrawn, "last", last)


if __name__ == "__main__":
    main()
