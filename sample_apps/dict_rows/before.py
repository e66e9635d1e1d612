"""Averages of a table of measurements: a dictionary for each row."""

from __future__ import annotations

import csv
import io


def measurements(count: int) -> str:
    lines = (f"{n % 50},{n % 24},{(n * 37 % 1000) / 10}" for n in range(count))
    return "station,hour,value\n" + "\n".join(lines) + "\n"


def load(text: str) -> list[dict[str, float]]:
    rows = []
    reader = csv.reader(io.StringIO(text))
    next(reader)
    for station, hour, value in reader:
        rows.append({"station": int(station), "hour": int(hour), "value": float(value)})
    return rows


def hottest_hour(rows: list[dict[str, float]]) -> tuple[int, float]:
    sums = [0.0] * 24
    counts = [0] * 24
    for row in rows:
        sums[int(row["hour"])] += row["value"]
        counts[int(row["hour"])] += 1
    means = [total / count for total, count in zip(sums, counts, strict=True)]
    return max(enumerate(means), key=lambda pair: pair[1])


def main() -> None:
    rows = load(measurements(100_000))
    hour, mean = hottest_hour(rows)
    print(f"{len(rows)} rows, hottest hour {hour}, mean {mean:.3f}")


if __name__ == "__main__":
    main()
