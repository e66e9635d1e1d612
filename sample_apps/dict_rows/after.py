"""Averages of a table of measurements: an array for each column."""

from __future__ import annotations

import csv
import io
from array import array
from dataclasses import dataclass, field


def measurements(count: int) -> str:
    lines = (f"{n % 50},{n % 24},{(n * 37 % 1000) / 10}" for n in range(count))
    return "station,hour,value\n" + "\n".join(lines) + "\n"


@dataclass(slots=True)
class Table:
    station: array[int] = field(default_factory=lambda: array("H"))
    hour: array[int] = field(default_factory=lambda: array("B"))
    value: array[float] = field(default_factory=lambda: array("d"))


def load(text: str) -> Table:
    table = Table()
    reader = csv.reader(io.StringIO(text))
    next(reader)
    for station, hour, value in reader:
        table.station.append(int(station))
        table.hour.append(int(hour))
        table.value.append(float(value))
    return table


def hottest_hour(table: Table) -> tuple[int, float]:
    sums = [0.0] * 24
    counts = [0] * 24
    for hour, value in zip(table.hour, table.value, strict=True):
        sums[hour] += value
        counts[hour] += 1
    means = [total / count for total, count in zip(sums, counts, strict=True)]
    return max(enumerate(means), key=lambda pair: pair[1])


def main() -> None:
    table = load(measurements(100_000))
    hour, mean = hottest_hour(table)
    print(f"{len(table.value)} rows, hottest hour {hour}, mean {mean:.3f}")


if __name__ == "__main__":
    main()
