import math
from array import array
import random


def harmonics(minutes):
    m2 = 2 * math.pi / 745.2
    s2 = 2 * math.pi / 720.0
    o1 = 2 * math.pi / 1549.2
    return 1.9 * math.cos(m2 * minutes) + 0.6 * math.cos(s2 * minutes + 0.4) + 0.2 * math.cos(o1 * minutes)


class Gauge:
    """One station's levels, minute by minute."""

    def __init__(self, station, offset):
        self.station = station
        self.offset = offset
        self.levels = array("d")

    def observe(self, minutes, rng):
        noise = rng.random
        for minute in range(minutes):
            self.levels.append(self.offset + harmonics(minute) + (noise() - 0.5) * 0.08)

    def mean(self):
        return math.fsum(self.levels) / len(self.levels)

    def turning(self, span):
        highs = 0
        picks = self.levels[::span]
        for a, b, c in zip(picks, picks[1:], picks[2:]):
            if a < b >= c:
                highs += 1
        return highs

    def surge(self, mean):
        return max(abs(v - mean) for v in self.levels)


def main():
    rng = random.Random(1953)
    gauges = [Gauge("harbour", 2.1), Gauge("skerry", 1.4)]
    for g in gauges:
        g.observe(800000, rng)
    for g in gauges:
        mean = g.mean()
        print(f"{g.station:8s} mean {mean:.5f} highs {g.turning(30)} surge {g.surge(mean):.4f}")
    apart = math.fsum(a - b for a, b in zip(gauges[0].levels, gauges[1].levels))
    print(f"apart {apart / 800000:.5f}")


if __name__ == "__main__":
    main()
