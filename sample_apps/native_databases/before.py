"""Sums up each shop's sales in a database in memory, and leaves all of them open."""

from __future__ import annotations

import sqlite3

SHOPS, SALES = 12, 3_000


def total(shop: int, opened: list[sqlite3.Connection]) -> int:
    database = sqlite3.connect(":memory:")
    opened.append(database)
    database.execute("create table sales (product text, price integer)")
    database.executemany(
        "insert into sales values (?, ?)",
        ((f"product {sale} of shop {shop}", sale % 90) for sale in range(SALES)),
    )
    return int(database.execute("select sum(price) from sales").fetchone()[0])


def main() -> None:
    opened: list[sqlite3.Connection] = []
    print(sum(total(shop, opened) for shop in range(SHOPS)), "in all")
    for database in opened:
        database.close()


if __name__ == "__main__":
    main()
