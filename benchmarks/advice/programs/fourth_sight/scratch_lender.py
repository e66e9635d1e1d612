"""Thumbnails at odd sizes. Work areas are lent out by exact size."""
import random
import zlib
from contextlib import contextmanager


class Lender:
    def __init__(self):
        self.shelves = {}
        self.lent = 0

    @contextmanager
    def borrow(self, size):
        shelf = self.shelves.setdefault(size, [])
        area = shelf.pop() if shelf else bytearray(size)
        self.lent += 1
        try:
            yield area
        finally:
            shelf.append(area)


class Picture:
    def __init__(self, rng):
        self.width = rng.randrange(300, 1200)
        self.height = rng.randrange(300, 900)
        line = rng.randbytes(97)
        self.line = (line * (self.width // 97 + 1))[:self.width]

    def row(self, y):
        turn = (y * 31) % self.width
        return self.line[turn:] + self.line[:turn]


def thumbnail(picture, lender, step):
    size = picture.width * picture.height
    with lender.borrow(size) as area:
        w = picture.width
        for y in range(picture.height):
            area[y * w:(y + 1) * w] = picture.row(y)
        small = area[::step]
        return zlib.crc32(small), len(small)


def main():
    rng = random.Random(8)
    lender = Lender()
    mark = total = 0
    for number in range(330):
        crc, n = thumbnail(Picture(rng), lender, step=7)
        mark ^= crc
        total += n
    print(lender.lent, total, f"{mark:08x}")


if __name__ == "__main__":
    main()
