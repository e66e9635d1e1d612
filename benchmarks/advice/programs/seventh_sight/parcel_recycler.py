import random
import threading
from collections import deque
from contextlib import contextmanager


class Recycler:
    def __init__(self, factory, reset, limit):
        self.factory = factory
        self.reset = reset
        self.limit = limit
        self.shelf = deque()
        self.guard = threading.RLock()
        self.stats = {"reused": 0, "fresh": 0}

    @contextmanager
    def borrowed(self):
        with self.guard:
            if self.shelf:
                item = self.shelf.popleft()
                self.stats["reused"] += 1
            else:
                item = self.factory()
                self.stats["fresh"] += 1
        try:
            yield item
        finally:
            self.reset(item)
            with self.guard:
                if len(self.shelf) < self.limit:
                    self.shelf.append(item)


class Scale:
    def __init__(self, recycler):
        self.recycler = recycler
        self.heavy = 0
        self.volume = 0

    def weigh(self, length, width, height, grams):
        with self.recycler.borrowed() as parcel:
            parcel["dims"] = (length, width, height)
            parcel["grams"] = grams
            parcel["volume"] = length * width * height
            self.classify(parcel)

    def classify(self, parcel):
        self.volume += parcel["volume"]
        if parcel["grams"] * 200 > parcel["volume"]:
            self.heavy += 1


class Belt:
    def __init__(self, seed, length):
        self.rng = random.Random(seed)
        self.length = length

    def run(self, scale):
        below = self.rng.random
        for _ in range(self.length):
            scale.weigh(int(below() * 60) + 1, int(below() * 40) + 1, int(below() * 30) + 1, int(below() * 900))


class Hall:
    def __init__(self, belts):
        self.density = bytearray(8_000_000)
        self.belts = belts

    def shift(self, scale):
        for number, belt in enumerate(self.belts):
            belt.run(scale)
            for position in range(number, len(self.density), 4_096):
                self.density[position] = scale.volume % 251
        return sum(self.density[::1_024])


def main():
    scale = Scale(Recycler(dict, dict.clear, limit=64))
    hall = Hall([Belt(n, 60_000) for n in range(6)])
    mark = hall.shift(scale)
    print(scale.heavy, scale.volume, mark)


if __name__ == "__main__":
    main()
