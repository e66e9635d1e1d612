"""Readings of the stations, as the loggers deliver them: one CSV row per reading."""

import csv
from pathlib import Path
from typing import NamedTuple

FIELDS = ("station", "taken", "kelvin", "pascal", "humidity")


class Reading(NamedTuple):
    station: str
    taken: str
    kelvin: str
    pascal: str
    humidity: str


def write_sample(path: Path, count: int) -> None:
    with open(path, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(FIELDS)
        for n in range(count):
            writer.writerow(
                (
                    f"ST{n % 23:03d}",
                    f"2024-{n // 5000 % 12 + 1:02d}-{n // 170 % 28 + 1:02d}",
                    f"{270 + n * 37 % 400 / 10:.1f}",
                    98000 + n * 53 % 5000,
                    n * 7 % 101,
                )
            )


def load(path: Path) -> list[Reading]:
    rows = []
    with open(path, newline="") as source:
        lines = csv.reader(source)
        next(lines)
        for row in map(Reading._make, lines):
            if row.kelvin:
                rows.append(row)
    rows.sort(key=lambda row: (row.station, row.taken))
    return rows
