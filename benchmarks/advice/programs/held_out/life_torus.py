# forbid: reuse-buffer release-early arena-pinning pool
"""Game of Life on a torus with big-integer rows, keeps generations for cycle search."""
import hashlib
import random
from collections import deque


class Torus:
    def __init__(self, width, height, rows=None):
        self.width, self.height = width, height
        self.mask = (1 << width) - 1
        self.rows = rows or [0] * height

    @classmethod
    def soup(cls, width, height, seed, density=0.35):
        rng = random.Random(seed)
        rows = []
        for _ in range(height):
            r = 0
            for x in range(width):
                if rng.random() < density:
                    r |= 1 << x
            rows.append(r)
        return cls(width, height, rows)

    def stamp(self, x, y, art):
        for dy, line in enumerate(art):
            for dx, ch in enumerate(line):
                if ch == "#":
                    self.rows[(y + dy) % self.height] |= 1 << (x + dx) % self.width

    def step(self):
        w, mask, rows = self.width, self.mask, self.rows
        sums = []
        for r in rows:
            left = (r << 1 | r >> (w - 1)) & mask
            right = (r >> 1 | r << (w - 1)) & mask
            ones = left ^ r ^ right
            twos = (left & r) | (left & right) | (r & right)
            sums.append((ones, twos, left ^ right, left & right))
        fresh = []
        for y, r in enumerate(rows):
            a1, a2, _, _ = sums[y - 1]
            b1, b2, _, _ = sums[(y + 1) % self.height]
            _, _, c1, c2 = sums[y]
            s = a1 ^ b1
            bit0 = s ^ c1
            k0 = (a1 & b1) | (s & c1)
            t = a2 ^ b2
            u = t ^ c2
            bit1 = u ^ k0
            four = (a2 & b2) | (t & c2) | (u & k0)
            fresh.append(bit1 & ~four & (bit0 | r) & mask)
        return Torus(w, self.height, fresh)

    def population(self):
        return sum(r.bit_count() for r in self.rows)

    def key(self):
        h = hashlib.blake2b(digest_size=8)
        n = (self.width + 7) // 8
        for r in self.rows:
            h.update(r.to_bytes(n, "little"))
        return h.digest()


class Watcher:
    """Remembers the last generations to notice still lifes and oscillators."""

    def __init__(self, depth=12):
        self.keys = deque(maxlen=depth)

    def period(self, torus):
        k = torus.key()
        for back, old in enumerate(reversed(self.keys), 1):
            if old == k:
                return back
        self.keys.append(k)
        return 0


def evolve(torus, limit):
    watch = Watcher()
    for gen in range(limit):
        p = watch.period(torus)
        if p:
            return gen, p, torus
        torus = torus.step()
    return limit, 0, torus


def main():
    glider = [".#.", "..#", "###"]
    for seed, size in enumerate((64, 96, 160)):
        t = Torus.soup(size, size, seed)
        t.stamp(3, 3, glider)
        gen, period, end = evolve(t, 4200)
        print(size, "generations", gen, "period", period, "population", end.population(), end.key().hex())


if __name__ == "__main__":
    main()
