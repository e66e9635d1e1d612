"""Quote postage for a batch of parcels from a rate card kept in SQLite."""

import os
import random
import sqlite3
import tempfile
from pathlib import Path

ZONES = ("domestic", "near", "far", "overseas")
WEIGHT_STEPS = (100, 250, 500, 1000, 2000, 5000, 10000, 20000)


def write_rate_card(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE rate (zone TEXT, up_to INTEGER, cents INTEGER)")
        db.execute("CREATE INDEX rate_zone ON rate (zone, up_to)")
        for factor, zone in enumerate(ZONES, start=1):
            db.executemany(
                "INSERT INTO rate VALUES (?, ?, ?)",
                [(zone, grams, 90 + factor * grams // 7) for grams in WEIGHT_STEPS],
            )
    db.close()


class RateCard:
    """Prices by zone and weight; the file is replaced by the back office at night."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)

    def price(self, zone: str, grams: int) -> int:
        row = self._db.execute(
            "SELECT cents FROM rate WHERE zone = ? AND up_to >= ? ORDER BY up_to LIMIT 1",
            (zone, grams),
        ).fetchone()
        if row is None:
            raise LookupError(f"no rate for {grams} g to {zone}")
        return row[0]

    def close(self) -> None:
        self._db.close()


def parcels(count: int):
    rng = random.Random(20240517)
    for _ in range(count):
        yield rng.choice(ZONES), rng.randrange(20, 21000)


def main() -> None:
    handle, name = tempfile.mkstemp(suffix=".sqlite")
    os.close(handle)
    try:
        write_rate_card(Path(name))
        card = RateCard(Path(name))
        revenue = refused = 0
        for zone, grams in parcels(7000):
            try:
                revenue += card.price(zone, grams)
            except LookupError:
                refused += 1
        card.close()
    finally:
        os.unlink(name)
    print(f"revenue {revenue} cents, {refused} refused")


if __name__ == "__main__":
    main()
