"""Figures over the sorted readings."""

import itertools
import statistics
from collections.abc import Iterator


def stations(rows: list[dict[str, str]]) -> list[str]:
    return sorted({row["station"] for row in rows})


def monthly(rows: list[dict[str, str]], wanted: list[str]) -> Iterator[str]:
    for station, group in itertools.groupby(rows, key=lambda row: row["station"]):
        if station not in wanted:
            continue
        for month, days in itertools.groupby(group, key=lambda row: row["taken"][:7]):
            values = [(float(row["kelvin"]), float(row["humidity"])) for row in days]
            if month.endswith(("-01", "-07")):
                kelvin = statistics.fmean(value[0] for value in values)
                damp = max(value[1] for value in values)
                yield f"{station} {month} {kelvin:.2f} K, at most {damp:.0f} %"
