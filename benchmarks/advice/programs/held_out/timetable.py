"""Departure boards from the stop times of a bus company."""

import bisect
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(order=True)
class StopTime:
    stop: int
    departs: int
    trip: int
    sequence: int
    platform: int


def trips(count: int) -> Iterator[tuple[int, list[int]]]:
    rng = random.Random(77)
    for trip in range(count):
        first = rng.randrange(240)
        yield trip, [(first + step * 3) % 240 for step in range(30)]


class Timetable:
    def __init__(self) -> None:
        self.by_stop: defaultdict[int, list[StopTime]] = defaultdict(list)

    def load(self, count: int) -> None:
        for trip, route in trips(count):
            minute = 240 + trip * 7 % 1080
            for sequence, stop in enumerate(route):
                minute += 2
                entry = StopTime(stop, minute, trip, sequence, stop % 4)  # advise: compact
                self.by_stop[stop].append(entry)  # may: gc-pressure
        for entries in self.by_stop.values():
            entries.sort(key=lambda entry: (entry.departs, entry.trip))

    def board(self, stop: int, now: int, rows: int) -> list[StopTime]:
        entries = self.by_stop[stop]
        start = bisect.bisect_left(entries, now, key=lambda entry: entry.departs)
        return entries[start : start + rows]


def main() -> None:
    timetable = Timetable()
    timetable.load(3000)
    checksum = 0
    for minute in range(300, 1300):
        for stop in range(minute % 2, 240, 1 + minute % 2):
            for entry in timetable.board(stop, minute, 8):
                checksum = (checksum * 33 + entry.trip * 7 + entry.platform) % 1_000_003
    for entry in timetable.board(17, 600, 3):
        print(f"{entry.departs // 60:02d}:{entry.departs % 60:02d} trip {entry.trip}")
    print("checksum", checksum)


if __name__ == "__main__":
    main()
