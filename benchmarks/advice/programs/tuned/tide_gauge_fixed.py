"""Daily figures from a year of tide gauge readings; the service then answers from them."""

import math
import statistics
from array import array
from collections.abc import Iterator
from operator import itemgetter

PER_DAY = 1440
Day = tuple[float, float, int]


def gauge(days: int) -> Iterator[tuple[int, float]]:
    """Minute readings, with the surge of a storm now and then."""
    for minute in range(days * PER_DAY):
        level = 3.1 + 1.7 * math.sin(minute / 118.5) + 0.2 * math.sin(minute / 9.7)
        if minute % 40_000 < 900:
            level += 0.8
        yield minute, level


class Archive:
    def __init__(self, days: int) -> None:
        self.days: list[Day] = []
        self.median = 0.0
        self.storms = 0
        self._load(days)

    def _load(self, days: int) -> None:
        readings = []
        for minute, level in gauge(days):
            readings.append((minute, level, level > 5.0))
        lows, highs = array("d"), array("d")
        for start in range(0, len(readings), PER_DAY):
            levels = [level for _, level, _ in readings[start : start + PER_DAY]]
            lows.append(min(levels))
            highs.append(max(levels))
        readings.sort(key=itemgetter(1))
        self.median = statistics.fmean(level for _, level, _ in readings[len(readings) // 2 :][:2])
        self.storms = sum(flag for *_, flag in readings)
        del readings
        self.days = list(zip(lows, highs, range(days)))

    def range_of(self, day: int) -> float:
        low, high, _ = self.days[day]
        return high - low


def main() -> None:
    archive = Archive(330)
    widest = max(range(len(archive.days)), key=archive.range_of)
    print(f"median {archive.median:.4f} m, {archive.storms} storm minutes")
    print(f"widest day {widest}: {archive.range_of(widest):.4f} m of {len(archive.days)} days")


if __name__ == "__main__":
    main()
