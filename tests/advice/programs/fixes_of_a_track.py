"""Positions of a flight, collected as they come; each is three numbers of its own."""

import math


class Track:
    def __init__(self):
        self.fixes = []

    def add(self, second, latitude, longitude):
        self.fixes.append((second, latitude, longitude))  # advise: compact

    def length(self):
        before, sum_km = None, 0.0
        for _, latitude, longitude in self.fixes:
            if before is not None:
                sum_km += 111.2 * math.hypot(latitude - before[0], longitude - before[1])
            before = latitude, longitude
        return sum_km


def fly(track, seconds):
    for second in range(seconds):
        angle = second / 9000
        track.add(second * 0.5, 48 + math.sin(angle), 11 + math.cos(angle) / 2)


track = Track()
fly(track, 120_000)
print(f"{sum(track.length() for _ in range(10)):.1f}", len(track.fixes))
