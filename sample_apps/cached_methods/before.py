"""Reports of a year: a cache on a method keeps each report alive, with all its lines."""

from __future__ import annotations

from functools import cache

DAYS = 365


class Report:
    def __init__(self, day: int) -> None:
        self.day = day
        self.lines = [f"day {day}, line {number}" for number in range(200)]

    @cache
    def length(self) -> int:
        return sum(map(len, self.lines))


def main() -> None:
    print(sum(Report(day).length() for day in range(DAYS)), "characters")


if __name__ == "__main__":
    main()
