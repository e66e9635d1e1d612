"""Daily figures from a year of tide gauge readings; the service then answers from them."""

import math
import statistics
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
        low, high, samples = math.inf, -math.inf, 0
        for minute, level in gauge(days):
            readings.append((minute, level, level > 5.0))
            low, high, samples = min(low, level), max(high, level), samples + 1
            if samples == PER_DAY:
                self.days.append((low, high, minute // PER_DAY))  # advise: arena-pinning
                low, high, samples = math.inf, -math.inf, 0
        readings.sort(key=itemgetter(1))
        self.median = statistics.fmean(level for _, level, _ in readings[len(readings) // 2 :][:2])
        self.storms = sum(flag for *_, flag in readings)

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
