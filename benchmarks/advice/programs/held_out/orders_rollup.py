"""Nightly job: monthly turnover and longest quiet spell per customer, from SQLite."""
import itertools
import operator
import sqlite3
from typing import NamedTuple

ORDERS = 160_000
CUSTOMERS = 400


class Rollup(NamedTuple):
    customer: int
    orders: int
    turnover: int
    quietest: int


def seed(db):
    db.execute("create table orders (customer integer, day integer, note text, cents integer)")
    db.executemany(
        "insert into orders values (?, ?, ?, ?)",
        (
            (n * 7919 % CUSTOMERS, n // 90, f"order {n} by web shop", n * 6151 % 20_000)
            for n in range(ORDERS)
        ),
    )
    db.execute("create index by_customer on orders (customer, day)")


def rollups(db):
    cursor = db.execute("select customer, day, note, cents from orders order by customer, day")
    rows = cursor.fetchall()  # advise: chunk
    for customer, group in itertools.groupby(rows, key=operator.itemgetter(0)):
        count = turnover = quietest = 0
        last = None
        for _, day, note, cents in group:
            if not note.endswith("shop"):
                continue
            if last is not None:
                quietest = max(quietest, day - last)
            last = day
            count += 1
            turnover += cents
        yield Rollup(customer, count, turnover, quietest)


def main():
    db = sqlite3.connect(":memory:")
    seed(db)
    grand = 0
    best = None
    for rollup in rollups(db):
        grand += rollup.turnover
        if best is None or rollup.turnover > best.turnover:
            best = rollup
    db.close()
    print("turnover", grand)
    print("best", *best)


main()
