import os
import random
import sqlite3
import tempfile
from contextlib import closing

SCHEMA = """
create table orders (
    id integer primary key, customer integer, placed text, item text, quantity integer, cents integer
)
"""


def fill(path, count, seed):
    rng = random.Random(seed)
    with closing(sqlite3.connect(path)) as db:
        db.execute(SCHEMA)
        db.executemany(
            "insert into orders values (?, ?, ?, ?, ?, ?)",
            (
                (
                    n,
                    rng.randrange(4000),
                    f"2023-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
                    f"item-{rng.randrange(900):05d}",
                    rng.randrange(1, 9),
                    rng.randrange(100, 90_000),
                )
                for n in range(count)
            ),
        )
        db.commit()


class OrderStore:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    def query(self, sql, *params):
        cursor = self.db.execute(sql, params)
        return cursor

    def close(self):
        self.db.close()


class MonthlySheet:
    def __init__(self):
        self.months = {}
        self.lines = 0
        self.best = (0, "")

    def add(self, placed, item, quantity, cents):
        month = placed[:7]
        self.months[month] = self.months.get(month, 0) + quantity * cents
        self.lines += 1
        if cents * quantity > self.best[0]:
            self.best = (cents * quantity, item)


def export(store):
    sheet = MonthlySheet()
    for placed, item, quantity, cents in store.query(
        "select placed, item, quantity, cents from orders where quantity < ? order by id", 8
    ):
        sheet.add(placed, item, quantity, cents)
    return sheet


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "orders.db")
        fill(path, 160_000, 31)
        store = OrderStore(path)
        try:
            sheet = export(store)
        finally:
            store.close()
    for month in sorted(sheet.months)[:3]:
        print(month, sheet.months[month])
    print(sheet.lines, sheet.best)


if __name__ == "__main__":
    main()
