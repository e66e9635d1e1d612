"""A viewer of map tiles with a cache of decoded tiles."""
import random
import zlib
from abc import ABC, abstractmethod
from collections import OrderedDict


class Store(ABC):
    @abstractmethod
    def tile(self, key):
        ...


class Archive(Store):
    """Packs the tiles once, unpacks at each request."""

    def __init__(self, side):
        self.side = side
        self.packed = {}
        for x in range(side):
            for y in range(side):
                raw = bytes([x & 255, y & 255, x ^ y, 1]) * 5000
                self.packed[x, y] = zlib.compress(raw, 1)

    def tile(self, key):
        return zlib.decompress(self.packed[key])


class Recent(Store):
    def __init__(self, below, limit):
        self.below = below
        self.limit = limit
        self.kept = OrderedDict()
        self.hits = self.misses = 0

    def tile(self, key):
        try:
            tile = self.kept[key]
        except KeyError:
            self.misses += 1
            tile = self.kept[key] = self.below.tile(key)
            if len(self.kept) > self.limit:
                self.kept.popitem(last=False)
            return tile
        self.hits += 1
        self.kept.move_to_end(key)
        return tile


class Viewer:
    def __init__(self, store, side):
        self.store = store
        self.side = side
        self.check = 0

    def look(self, x, y):
        for dx in range(6):
            for dy in range(4):
                tile = self.store.tile(((x + dx) % self.side, (y + dy) % self.side))
                self.check = zlib.adler32(tile, self.check)


def main():
    rng = random.Random(2)
    side = 60
    store = Recent(Archive(side), 1200)
    viewer = Viewer(store, side)
    x = y = 20
    for _ in range(1500):
        x = max(0, min(40, x + rng.randint(-2, 2)))
        y = max(0, min(40, y + rng.randint(-2, 2)))
        viewer.look(x, y)
    print("%08x" % viewer.check, store.hits > 3 * store.misses, len(store.kept))


if __name__ == "__main__":
    main()
