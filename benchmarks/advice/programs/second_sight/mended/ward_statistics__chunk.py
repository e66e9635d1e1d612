"""Per-ward statistics over synthetic patient observations in SQLite."""
from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Moments:
    count: int = 0
    mean: float = 0.0
    square: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self.square += delta * (value - self.mean)

    @property
    def deviation(self) -> float:
        return (self.square / max(1, self.count - 1)) ** 0.5


@dataclass
class Wards:
    connection: sqlite3.Connection
    moments: dict[str, Moments] = field(default_factory=dict)

    def fill(self, count: int, seed: int) -> None:
        rng = random.Random(seed)
        self.connection.execute("CREATE TABLE obs (ward TEXT, patient INTEGER, pulse REAL, note TEXT)")
        rows = (
            (f"ward-{rng.randrange(12):02d}", rng.randrange(4000), rng.gauss(74, 9), "routine observation")
            for _ in range(count)
        )
        self.connection.executemany("INSERT INTO obs VALUES (?, ?, ?, ?)", rows)
        self.connection.commit()

    def rows(self):
        return self.connection.execute("SELECT ward, patient, pulse, note FROM obs")

    def fold(self, rows: Iterable[tuple[str, int, float, str]]) -> None:
        for ward, _patient, pulse, note in rows:
            if note:
                self.moments.setdefault(ward, Moments()).add(pulse)


def main() -> None:
    wards = Wards(sqlite3.connect(":memory:"))
    wards.fill(110_000, 17)
    wards.fold(wards.rows())
    for name, moments in sorted(wards.moments.items()):
        print(f"{name} {moments.count:6d} {moments.mean:8.3f} {moments.deviation:7.3f}")


if __name__ == "__main__":
    main()
