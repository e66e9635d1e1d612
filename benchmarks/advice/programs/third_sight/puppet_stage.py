import random
import struct
import zlib

WIDTH, HEIGHT, DEPTH = 1280, 720, 3


class Puppet:
    __slots__ = ("x", "y", "dx", "dy", "row")

    def __init__(self, rng):
        self.x = rng.randrange(WIDTH - 40)
        self.y = rng.randrange(HEIGHT - 24)
        self.dx = rng.choice((-3, -2, 2, 3))
        self.dy = rng.choice((-2, -1, 1, 2))
        self.row = bytes(rng.randrange(256) for _ in range(40 * DEPTH))

    def walk(self):
        self.x += self.dx
        self.y += self.dy
        if not 0 <= self.x < WIDTH - 40:
            self.dx = -self.dx
            self.x += 2 * self.dx
        if not 0 <= self.y < HEIGHT - 24:
            self.dy = -self.dy
            self.y += 2 * self.dy


def encode(puppets, shade):
    page = bytearray(WIDTH * HEIGHT * DEPTH * 2)
    page[0] = shade
    at = 1
    for p in puppets:
        width = len(p.row)
        for r in range(24):
            struct.pack_into("<HHB", page, at, p.x, p.y + r, 40)
            at += 5
            page[at:at + width] = p.row
            at += width
    return zlib.adler32(memoryview(page)[:at])


def play(frames):
    rng = random.Random(21)
    troupe = [Puppet(rng) for _ in range(16)]
    sums = []
    for t in range(frames):
        sums.append(encode(troupe, (t // 50) & 0xFF))
        for p in troupe:
            p.walk()
    return sums


def main():
    sums = play(1200)
    mix = 0
    for s in sums:
        mix = (mix * 33 ^ s) & 0xFFFFFFFF
    print("frames", len(sums), "distinct", len(set(sums)), "mix", f"{mix:08x}")


main()
