"""Reports of a year: what is computed once is kept in the report, and goes with it."""

from __future__ import annotations

from functools import cached_property

DAYS = 365


class Report:
    def __init__(self, day: int) -> None:
        self.day = day
        self.lines = [f"day {day}, line {number}" for number in range(200)]

    @cached_property
    def length(self) -> int:
        return sum(map(len, self.lines))


def main() -> None:
    print(sum(Report(day).length for day in range(DAYS)), "characters")


if __name__ == "__main__":
    main()
