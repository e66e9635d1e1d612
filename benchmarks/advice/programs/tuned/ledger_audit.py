"""Walks through a ledger in an SQLite file and checks the running balance of every account."""

import os
import random
import sqlite3
import tempfile
from contextlib import closing
from itertools import groupby
from operator import itemgetter


def fill(db, accounts, entries, seed):
    rng = random.Random(seed)
    db.execute("create table entry (account integer, day integer, cents integer, memo text)")
    with db:
        db.executemany(
            "insert into entry values (?, ?, ?, ?)",
            (
                (rng.randrange(accounts), day, rng.randrange(-5000, 5200), f"invoice {day % 977:05}")
                for day in range(entries)
            ),
        )
        db.execute("create index by_account on entry (account, day)")


def audit(db):
    cursor = db.execute("select account, day, cents, memo from entry order by account, day")
    rows = cursor.fetchall()  # advise: chunk
    worst = (0, None, None)
    red = 0
    for account, entries in groupby(rows, key=itemgetter(0)):
        balance = 0
        for _, day, cents, memo in entries:
            balance += cents
            if balance < 0:
                red += 1
            if balance < worst[0]:
                worst = (balance, account, memo)
    return worst, red


def main():
    with tempfile.TemporaryDirectory() as folder:
        with closing(sqlite3.connect(os.path.join(folder, "ledger.db"))) as db:
            fill(db, 400, 180_000, 8)
            print(*audit(db))


if __name__ == "__main__":
    main()
