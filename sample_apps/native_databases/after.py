"""Sums up each shop's sales in a database in memory, and closes it when it is done."""

from __future__ import annotations

import sqlite3
from contextlib import closing

SHOPS, SALES = 12, 3_000


def total(shop: int) -> int:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("create table sales (product text, price integer)")
        database.executemany(
            "insert into sales values (?, ?)",
            ((f"product {sale} of shop {shop}", sale % 90) for sale in range(SALES)),
        )
        return int(database.execute("select sum(price) from sales").fetchone()[0])


def main() -> None:
    print(sum(total(shop) for shop in range(SHOPS)), "in all")


if __name__ == "__main__":
    main()
