"""Thumbnail maker: pages are decoded into work areas taken from a shelf and reduced."""
import random
import zlib
from array import array

AREA = 96 * 1024


class Area:
    """A work area with a histogram next to it."""

    def __init__(self):
        self.data = bytearray(AREA)
        self.used = 0
        self.hist = array("I", bytes(4 * 256))

    def fill(self, packed):
        plain = zlib.decompress(packed)
        self.used = len(plain)
        self.data[:self.used] = plain

    def reduce(self, factor):
        return bytes(self.data[:self.used:factor])


class Shelf:
    def __init__(self):
        self._idle = []
        self._all = []

    def take(self):
        if self._idle:
            return self._idle.pop()
        area = Area()
        self._all.append(area)
        return area

    def put(self, area):
        area.used = 0
        self._idle.append(area)

    def close(self):
        self._idle.clear()
        self._all.clear()


class Maker:
    def __init__(self, shelf):
        self.shelf = shelf
        self.small = 0
        self.thumbs = 0
        self.check = 0

    def process(self, page):
        area = self.shelf.take()
        area.fill(page)
        if area.used < 6000:
            self.small += 1
            self.shelf.put(area)
            return None
        thumb = area.reduce(11)
        self.check = zlib.crc32(thumb, self.check)
        self.thumbs += 1
        self.shelf.put(area)
        return len(thumb)


def pages(seed, n):
    rng = random.Random(seed)
    base = bytes(rng.choices(range(64), k=AREA))
    kinds = []
    for _ in range(40):
        size = rng.randrange(20_000, AREA)
        at = rng.randrange(AREA - size + 1)
        kinds.append(zlib.compress(base[at:at + size], 1))
    kinds.append(zlib.compress(base[:4000], 1))
    for _ in range(n):
        yield kinds[int(rng.random() ** 2 * len(kinds) * 1.12) % len(kinds)] if rng.random() < 0.7 else kinds[-1]


def main():
    shelf = Shelf()
    maker = Maker(shelf)
    total = 0
    for page in pages(23, 4200):
        total += maker.process(page) or 0
    shelf.close()
    print("thumbs", maker.thumbs, "too small", maker.small)
    print("bytes", total, "check", maker.check)


if __name__ == "__main__":
    main()
