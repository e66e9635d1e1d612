import random
from collections import defaultdict

import attr


@attr.s(auto_attribs=True, slots=True)
class Reading:
    station: int
    channel: int
    minute: int
    value: float
    quality: int = 0
    flagged: bool = False

    def deviates(self, mean, limit):
        return abs(self.value - mean) > limit


class Registry:
    def __init__(self):
        self.readings = []

    def ingest(self, source):
        for station, channel, minute, value in source:
            self.readings.append(Reading(station, channel, minute, value))

    def by_station(self, station):
        return (r for r in self.readings if r.station == station)

    def means(self):
        sums = defaultdict(lambda: [0.0, 0])
        for r in self.readings:
            cell = sums[r.channel]
            cell[0] += r.value
            cell[1] += 1
        return {channel: total / count for channel, (total, count) in sums.items()}

    def flag(self, limit):
        means = self.means()
        flagged = 0
        for r in self.readings:
            if r.deviates(means[r.channel], limit):
                r.flagged = True
                r.quality = 2
                flagged += 1
        return flagged

    def latest(self):
        newest = {}
        for r in self.readings:
            key = (r.station, r.channel)
            if not r.flagged and (key not in newest or newest[key].minute < r.minute):
                newest[key] = r
        return newest


def simulated(stations, channels, minutes, seed):
    rng = random.Random(seed)
    for minute in range(minutes):
        for station in range(stations):
            for channel in range(channels):
                yield station, channel, minute, rng.gauss(channel * 10, 3)


def main():
    registry = Registry()
    registry.ingest(simulated(stations=60, channels=8, minutes=400, seed=19))
    flagged = registry.flag(limit=8.0)
    newest = registry.latest()
    print(len(registry.readings), flagged, len(newest))
    for station in (3, 17, 42):
        print(station, round(sum(r.value for r in registry.by_station(station) if not r.flagged), 4))


if __name__ == "__main__":
    main()
