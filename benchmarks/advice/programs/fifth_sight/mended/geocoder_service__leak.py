"""Reverse geocoding worker: answers requests from a queue and reports every batch."""
import math
import queue
import random
import threading
from dataclasses import dataclass, field


@dataclass
class Town:
    name: str
    lat: float
    lon: float


@dataclass
class Geocoder:
    towns: list
    grid: dict = field(default_factory=dict)
    resolved: dict = field(default_factory=dict)

    def __post_init__(self):
        for town in self.towns:
            self.grid.setdefault((int(town.lat), int(town.lon)), []).append(town)

    def lookup(self, lat, lon):
        key = (lat, lon)
        hit = self.resolved.get(key)
        if hit is not None:
            return hit
        nearest = min(
            self.grid.get((int(lat), int(lon)), self.towns[:3]),
            key=lambda t: math.hypot(t.lat - lat, t.lon - lon),
        )
        answer = f"{nearest.name} {math.hypot(nearest.lat - lat, nearest.lon - lon) * 111:.2f} km"
        if len(self.resolved) >= 4096:
            self.resolved.clear()
        self.resolved[key] = answer
        return answer


class Worker(threading.Thread):
    def __init__(self, geocoder, inbox, outbox):
        super().__init__(daemon=True)
        self.geocoder, self.inbox, self.outbox = geocoder, inbox, outbox

    def run(self):
        while (batch := self.inbox.get()) is not None:
            answers = [self.geocoder.lookup(lat, lon) for lat, lon in batch]
            near = sum(1 for a in answers if float(a.split()[-2]) < 15)
            self.outbox.put((len(answers), near, answers[-1]))
        self.outbox.put(None)


def devices(rng, count):
    return [(45 + rng.random() * 8, 5 + rng.random() * 8) for _ in range(count)]


def main():
    rng = random.Random(33)
    towns = [Town(f"Town{i}", 45 + rng.random() * 8, 5 + rng.random() * 8) for i in range(260)]
    inbox, outbox = queue.Queue(maxsize=4), queue.Queue()
    Worker(Geocoder(towns), inbox, outbox).start()
    for _ in range(220):
        inbox.put(devices(rng, 500))
    inbox.put(None)
    total = near = 0
    last = ""
    while (item := outbox.get()) is not None:
        total += item[0]
        near += item[1]
        last = item[2]
    print(total, "requests", near, "near a town; last:", last)


if __name__ == "__main__":
    main()
