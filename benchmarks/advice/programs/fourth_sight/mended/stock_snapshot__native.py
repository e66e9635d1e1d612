"""Warehouse questions, answered from a consistent copy of the live stock database."""
import contextlib
import random
import sqlite3

SCHEMA = """
create table stock(sku text primary key, shelf integer, units integer, note text);
create index by_shelf on stock(shelf, units);
"""

QUESTIONS = {
    "units": "select sum(units) from stock",
    "fullest": "select shelf, sum(units) s from stock group by shelf order by s desc, shelf limit 2",
    "short": "select count(*) from stock where units < 3",
    "notes": "select count(distinct note) from stock where shelf between 10 and 40",
}


def fill(db, n):
    rng = random.Random(n)
    rows = ((f"SKU-{i:08d}", rng.randrange(300), rng.randrange(500),
             f"checked by clerk {rng.randrange(60)} on round {rng.randrange(5)}") for i in range(n))
    with db:
        db.executemany("insert into stock values (?, ?, ?, ?)", rows)


def receive(db, seed, n):
    rng = random.Random(seed)
    with db:
        for _ in range(n):
            db.execute("update stock set units = units + 7 where sku = ?",
                       (f"SKU-{rng.randrange(200_000):08d}",))


def frozen(live):
    copy = sqlite3.connect(":memory:")
    live.backup(copy)
    return copy


def main():
    with contextlib.closing(sqlite3.connect(":memory:")) as live:
        live.executescript(SCHEMA)
        fill(live, 260_000)
        receive(live, 4, 20_000)
        view = live
        for label, sql in QUESTIONS.items():
            print(f"{label:8}", view.execute(sql).fetchall())


if __name__ == "__main__":
    main()
