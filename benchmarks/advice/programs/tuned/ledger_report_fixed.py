"""Quarterly ledger export: SQLite -> filtered postings -> CSV plus totals."""
import csv
import functools
import hashlib
import os
import random
import sqlite3
import tempfile
from collections import defaultdict

STAGES = {}


def stage(name):
    """Record how many rows each stage has handled."""

    def wrap(fn):
        @functools.wraps(fn)
        def inner(*args, **kwargs):
            seen = 0
            for seen, row in enumerate(fn(*args, **kwargs), 1):
                yield row
            STAGES[name] = seen

        return inner

    return wrap


def seed_db(path, n):
    rng = random.Random(41)
    db = sqlite3.connect(path)
    db.execute("create table posting(id integer primary key, account text, day int, cents int, memo text)")
    db.executemany(
        "insert into posting(account, day, cents, memo) values (?,?,?,?)",
        (
            (f"{rng.randrange(1000, 1400)}", rng.randrange(92), rng.randrange(-90_000, 90_000),
             f"ref {rng.randrange(10**9):09d} / batch {i // 500}")
            for i in range(n)
        ),
    )
    db.commit()
    return db


@stage("postings")
def postings(db, minimum):
    cursor = db.execute("select account, day, cents, memo from posting order by id")
    for account, day, cents, memo in cursor:
        if abs(cents) >= minimum:
            yield account, day, cents, memo


class HashingFile:
    def __init__(self, raw):
        self.raw = raw
        self.digest = hashlib.md5()

    def write(self, text):
        self.digest.update(text.encode())
        return self.raw.write(text)


class Totals:
    def __init__(self):
        self.by_account = defaultdict(int)
        self.by_month = [0, 0, 0, 0]

    def add(self, account, day, cents):
        self.by_account[account] += cents
        self.by_month[day // 31] += cents

    def largest(self, n):
        return sorted(self.by_account.items(), key=lambda kv: (-abs(kv[1]), kv[0]))[:n]


def export(db, path):
    totals = Totals()
    with open(path, "w", newline="") as raw:
        out = HashingFile(raw)
        writer = csv.writer(out)
        for account, day, cents, memo in postings(db, minimum=2_000):
            totals.add(account, day, cents)
            writer.writerow((account, day, f"{cents / 100:.2f}", memo))
    return totals, out.digest.hexdigest()


def main():
    with tempfile.TemporaryDirectory() as tmp:
        db = seed_db(os.path.join(tmp, "ledger.db"), 160_000)
        totals, digest = export(db, os.path.join(tmp, "q3.csv"))
        db.close()
    print(STAGES, digest)
    print(totals.by_month)
    for account, cents in totals.largest(4):
        print(account, cents / 100)


if __name__ == "__main__":
    main()
