"""Export invoices from a small sqlite database into CSV, with totals per customer."""
import contextlib
import csv
import hashlib
import os
import random
import sqlite3
import tempfile

SCHEMA = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer INTEGER, day INTEGER,
                      cents INTEGER, note TEXT);
"""


class Repository:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    def close(self):
        self.db.close()

    def populate(self, customers, invoices):
        rng = random.Random(2024)
        self.db.executescript(SCHEMA)
        with self.db:
            self.db.executemany(
                "INSERT INTO customer VALUES (?, ?, ?)",
                ((i, f"Customer {i:04d}", rng.choice(("DE", "FR", "IT", "PL"))) for i in range(customers)),
            )
            self.db.executemany(
                "INSERT INTO invoice VALUES (?, ?, ?, ?, ?)",
                (
                    (i, rng.randrange(customers), rng.randrange(365), rng.randrange(100, 500_000),
                     f"order {i:07d} / batch {i // 100}")
                    for i in range(invoices)
                ),
            )

    def query(self, sql, *params):
        cur = self.db.execute(sql, params)
        names = [d[0] for d in cur.description]
        return names, cur

    def invoices(self, from_day, to_day):
        return self.query(
            "SELECT i.id, c.name, c.country, i.day, i.cents, i.note"
            " FROM invoice i JOIN customer c ON c.id = i.customer"
            " WHERE i.day BETWEEN ? AND ? ORDER BY i.id",
            from_day, to_day,
        )


def vat(country, cents):
    rate = {"DE": 19, "FR": 20, "IT": 22, "PL": 23}[country]
    return cents * rate // 100


def export(repo, path, from_day, to_day):
    names, rows = repo.invoices(from_day, to_day)
    totals = {}
    written = 0
    with open(path, "w", newline="") as out:
        w = csv.writer(out)
        w.writerow([*names, "vat"])
        for ident, name, country, day, cents, note in rows:
            w.writerow((ident, name, country, day, cents, note, vat(country, cents)))
            totals[name] = totals.get(name, 0) + cents
            written += 1
    return written, totals


def sha(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(65536), b""):
            h.update(block)
    return h.hexdigest()[:16]


def main():
    with tempfile.TemporaryDirectory() as tmp:
        with contextlib.closing(Repository(os.path.join(tmp, "shop.db"))) as repo:
            repo.populate(800, 120_000)
            out = os.path.join(tmp, "out.csv")
            for lo, hi in ((0, 30), (31, 90), (0, 364)):
                n, totals = export(repo, out, lo, hi)
                best = max(totals, key=totals.get)
                print(lo, hi, n, best, totals[best], sha(out))


if __name__ == "__main__":
    main()
