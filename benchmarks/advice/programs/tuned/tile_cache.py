# forbid: leak pool-leak
"""Map viewer: tiles come from a bounded LRU, viewers are tracked weakly, panning is a random walk."""
import random
import weakref
import zlib
from collections import OrderedDict

TILE = 64


class Tile:
    __slots__ = ("key", "px", "__weakref__")

    def __init__(self, key):
        x, y = key
        row = bytes((x * 31 + y * 17 + i * i) & 0xFF for i in range(TILE))
        self.key = key
        self.px = b"".join(row[k:] + row[:k] for k in range(TILE))


class TileStore:
    def __init__(self, limit):
        self.limit = limit
        self.tiles = OrderedDict()
        self.hits = self.misses = 0

    def get(self, key):
        tile = self.tiles.get(key)
        if tile is not None:
            self.tiles.move_to_end(key)
            self.hits += 1
            return tile
        self.misses += 1
        self.tiles[key] = tile = Tile(key)
        if len(self.tiles) > self.limit:
            self.tiles.popitem(last=False)
        return tile


class Viewer:
    everyone = weakref.WeakSet()

    def __init__(self, store, seed):
        self.store = store
        self.rng = random.Random(seed)
        self.x = self.y = 0
        self.trail = []
        Viewer.everyone.add(self)

    def pan(self):
        self.x += self.rng.choice((-1, 0, 0, 1))
        self.y += self.rng.choice((-1, 0, 1))
        self.trail.append((self.x, self.y))
        if len(self.trail) > 64:
            del self.trail[:32]

    def draw(self):
        crc = 0
        for dy in range(3):
            for dx in range(4):
                crc = zlib.adler32(self.store.get((self.x + dx, self.y + dy)).px, crc)
        return crc


def session(store, seed, steps):
    viewer = Viewer(store, seed)
    crc = 0
    for _ in range(steps):
        viewer.pan()
        crc ^= viewer.draw()
    return crc, len(viewer.trail)


def main():
    store = TileStore(limit=300)
    total = 0
    for seed in range(90):
        crc, _ = session(store, seed, 260)
        total = (total * 31 + crc) & 0xFFFFFFFF
    print(f"{total:08x} hits={store.hits} misses={store.misses}")
    print("cached", len(store.tiles), "viewers alive", len(Viewer.everyone))


if __name__ == "__main__":
    main()
