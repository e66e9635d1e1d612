"""A registry of places filled at start-up; then queries only, for the rest of the program's life."""

# forbid: leak compact gc-pressure chunk

import math
import random
from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Place:
    name: str
    lat: float
    lon: float

    def distance(self, lat, lon):
        a = math.radians(self.lat)
        b = math.radians(lat)
        h = (
            math.sin((a - b) / 2) ** 2
            + math.cos(a) * math.cos(b) * math.sin(math.radians(self.lon - lon) / 2) ** 2
        )
        return 12742 * math.asin(math.sqrt(h))


REGISTRY = {}
CELLS = {}


def register(place):
    REGISTRY[place.name] = place
    CELLS.setdefault((int(place.lat), int(place.lon)), []).append(place)
    return place


def load(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        register(Place(f"place-{number}", rng.uniform(-60, 60), rng.uniform(-180, 180)))


def nearest(lat, lon):
    best, best_distance = None, math.inf
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            for place in CELLS.get((int(lat) + dy, int(lon) + dx), ()):
                distance = place.distance(lat, lon)
                if distance < best_distance:
                    best, best_distance = place, distance
    return best, best_distance


def main():
    load(25_000, 1)
    rng = random.Random(2)
    total = 0.0
    misses = 0
    for turn in range(70_000):
        if turn % 4 == 0:
            here = REGISTRY[f"place-{rng.randrange(25_000)}"]
            lat, lon = here.lat + 0.1, here.lon
        else:
            lat, lon = rng.uniform(-60, 60), rng.uniform(-180, 180)
        place, distance = nearest(lat, lon)
        if place is None:
            misses += 1
        else:
            total += distance
    print(misses, round(total, 3))


if __name__ == "__main__":
    main()
