"""Export the order table of a shop as CSV, with a running total per currency."""

import collections
import csv
import hashlib
import io
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path


class DigestWriter(io.TextIOBase):
    """A text sink that keeps only the digest of what it was given."""

    def __init__(self) -> None:
        self.digest = hashlib.sha1()
        self.size = 0

    def write(self, text: str) -> int:
        self.digest.update(text.encode())
        self.size += len(text)
        return len(text)


def fill(db: sqlite3.Connection, count: int) -> None:
    db.execute(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, currency TEXT, cents INTEGER)"
    )
    db.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?)",
        (
            (n, f"customer-{n * 31 % 40009:06d}", ("EUR", "USD", "GBP")[n % 3], n * 17 % 90001)
            for n in range(count)
        ),
    )
    db.commit()


def export(db: sqlite3.Connection, sink: io.TextIOBase) -> dict[str, int]:
    totals: collections.Counter[str] = collections.Counter()
    writer = csv.writer(sink)
    writer.writerow(("id", "customer", "currency", "amount"))
    cursor = db.execute("SELECT id, customer, currency, cents FROM orders ORDER BY id")
    for number, customer, currency, cents in cursor.fetchall():  # advise: chunk
        totals[currency] += cents
        writer.writerow((number, customer, currency, f"{cents / 100:.2f}"))
    return dict(sorted(totals.items()))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with closing(sqlite3.connect(Path(folder) / "shop.db")) as db:
            fill(db, 260_000)
            sink = DigestWriter()
            totals = export(db, sink)
    print(totals, sink.size, sink.digest.hexdigest())


if __name__ == "__main__":
    main()
