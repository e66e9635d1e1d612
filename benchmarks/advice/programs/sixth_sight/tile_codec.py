"""Compress map tiles with one work area that is kept between tiles."""
import random
import struct
import zlib


class TileWriter:
    def __init__(self, side):
        self.side = side
        self.blank = bytes(side * side)
        self.area = bytearray(self.blank)
        self.index = []
        self.store = bytearray()

    def draw(self, shapes):
        area = self.area
        side = self.side
        area[:] = self.blank
        for x, y, w, h, colour in shapes:
            row = bytes((colour,)) * w
            for line in range(y, y + h):
                area[line * side + x:line * side + x + w] = row

    def seal(self):
        packed = zlib.compress(self.area, 1)
        self.index.append((len(self.store), len(packed)))
        self.store += struct.pack(">I", zlib.crc32(packed)) + packed


def shapes(rng, side, count):
    for _ in range(count):
        w, h = rng.randrange(4, 90), rng.randrange(4, 90)
        yield rng.randrange(side - w), rng.randrange(side - h), w, h, rng.randrange(1, 200)


def main():
    rng = random.Random(70)
    writer = TileWriter(512)
    for _ in range(420):
        writer.draw(shapes(rng, writer.side, 40))
        writer.seal()
    print(len(writer.index), len(writer.store), f"{zlib.crc32(writer.store):08x}")


if __name__ == "__main__":
    main()
