"""Fleet replay: load all positions of a day, then answer questions about trucks."""
import random
from bisect import bisect_right


def position_feed(trucks, per_truck, seed=12):
    rng = random.Random(seed)
    for truck in range(trucks):
        lat, lon = 48.0 + rng.random(), 9.0 + rng.random()
        for step in range(per_truck):
            lat += rng.uniform(-0.002, 0.002)
            lon += rng.uniform(-0.002, 0.002)
            yield truck, step * 45 + rng.randrange(40), lat, lon, rng.randrange(0, 95)


class FleetDay:
    def __init__(self):
        self.by_truck = {}

    def load(self, feed):
        for truck, second, lat, lon, speed in feed:
            track = self.by_truck.setdefault(truck, [])
            track.append({"second": second, "lat": lat, "lon": lon, "speed": speed})

    def where(self, truck, second):
        track = self.by_truck[truck]
        index = bisect_right(track, second, key=lambda p: p["second"]) - 1
        return track[max(index, 0)]

    def distance(self, truck):
        track = self.by_truck[truck]
        total = 0.0
        for a, b in zip(track, track[1:]):
            total += abs(a["lat"] - b["lat"]) * 111.0 + abs(a["lon"] - b["lon"]) * 73.0
        return total

    def speeding(self, limit):
        return {
            truck: sum(1 for p in track if p["speed"] > limit)
            for truck, track in self.by_truck.items()
        }


def main():
    day = FleetDay()
    day.load(position_feed(trucks=110, per_truck=1300))
    longest = max(day.by_truck, key=day.distance)
    print("longest", longest, round(day.distance(longest), 3))
    worst = sorted(day.speeding(80).items(), key=lambda kv: -kv[1])[:3]
    print("speeding", worst)
    probe = random.Random(1)
    checksum = 0.0
    for _ in range(20_000):
        p = day.where(probe.randrange(110), probe.randrange(1300 * 45))
        checksum += p["lat"] - p["lon"] / 10
    print("probe %.6f" % checksum)


if __name__ == "__main__":
    main()
