"""Export the postings of a ledger database to CSV with running balances per account."""
import csv
import hashlib
import os
import random
import sqlite3
import tempfile
from collections import defaultdict

SCHEMA = """
create table posting (
    id integer primary key, day text, account text, memo text, cents integer
);
"""


def fill(db, count):
    rng = random.Random(5)
    accounts = [f"{kind}:{n:03d}" for kind in ("asset", "income", "expense") for n in range(40)]

    def postings():
        for n in range(count):
            day = f"2023-{n * 12 // count + 1:02d}-{rng.randint(1, 28):02d}"
            yield n, day, rng.choice(accounts), f"invoice {rng.randrange(10**6):06d}", rng.randint(-90000, 90000)

    with db:
        db.executescript(SCHEMA)
        db.executemany("insert into posting values (?, ?, ?, ?, ?)", postings())


class HashingWriter:
    """File-like object for csv.writer which keeps a digest of what goes through it."""

    def __init__(self, out):
        self.out = out
        self.digest = hashlib.sha1()
        self.size = 0

    def write(self, text):
        data = text.encode()
        self.digest.update(data)
        self.size += len(data)
        self.out.write(data)


def money(cents):
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def export(db, path):
    rows = db.execute("select id, day, account, memo, cents from posting order by day, id")
    balance = defaultdict(int)
    months = defaultdict(int)
    with open(path, "wb") as raw:
        sink = HashingWriter(raw)
        out = csv.writer(sink)
        out.writerow(["id", "day", "account", "memo", "amount", "balance"])
        for ident, day, account, memo, cents in rows:
            balance[account] += cents
            months[day[:7]] += 1
            out.writerow([ident, day, account, memo, money(cents), money(balance[account])])
    return sink, balance, months


def main():
    with tempfile.TemporaryDirectory() as tmp:
        db = sqlite3.connect(os.path.join(tmp, "ledger.db"))
        db.execute("pragma synchronous = off")
        fill(db, 130_000)
        target = os.path.join(tmp, "ledger.csv")
        sink, balance, months = export(db, target)
        db.close()
        print("bytes", sink.size, os.path.getsize(target) == sink.size)
        print("sha1", sink.digest.hexdigest())
        for month in sorted(months)[:3]:
            print(month, months[month])
        worst = min(balance, key=balance.get)
        print("lowest", worst, money(balance[worst]))


if __name__ == "__main__":
    main()
