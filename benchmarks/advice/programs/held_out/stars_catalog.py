# forbid: compact gc-pressure chunk
"""Star catalogue kept in typed columns with a grid index for cone searches."""
import math
import random
from array import array
from typing import Iterator, NamedTuple


class Star(NamedTuple):
    ident: int
    ra: float
    dec: float
    mag: float


class Catalogue:
    CELL = 3

    def __init__(self):
        self.ra = array("d")
        self.dec = array("d")
        self.mag = array("f")
        self.cells: dict[tuple[int, int], array] = {}

    def __len__(self):
        return len(self.ra)

    def __getitem__(self, i) -> Star:
        return Star(i, self.ra[i], self.dec[i], self.mag[i])

    def add(self, ra, dec, mag):
        i = len(self.ra)
        self.ra.append(ra)
        self.dec.append(dec)
        self.mag.append(mag)
        key = self.cell(ra, dec)
        try:
            self.cells[key].append(i)
        except KeyError:
            self.cells[key] = array("I", (i,))

    def cell(self, ra, dec):
        return int(ra // self.CELL), int((dec + 90) // self.CELL)

    def cone(self, ra, dec, radius) -> Iterator[Star]:
        cosr = math.cos(math.radians(radius))
        sd, cd = math.sin(math.radians(dec)), math.cos(math.radians(dec))
        span = int(radius // self.CELL) + 1
        wide = int(radius / max(cd, 0.05) // self.CELL) + 1
        ca, cb = self.cell(ra, dec)
        turns = 360 // self.CELL
        for b in range(cb - span, cb + span + 1):
            for a in range(ca - wide, ca + wide + 1):
                for i in self.cells.get((a % turns, b), ()):
                    d = math.radians(self.dec[i])
                    c = sd * math.sin(d) + cd * math.cos(d) * math.cos(math.radians(self.ra[i] - ra))
                    if c >= cosr:
                        yield self[i]


def synthesize(n, seed=1905):
    rng = random.Random(seed)
    cat = Catalogue()
    for _ in range(n):
        dec = math.degrees(math.asin(rng.uniform(-1, 1)))
        cat.add(rng.uniform(0, 360), dec, 2 + 12 * rng.random() ** 0.3)
    return cat


def main():
    cat = synthesize(360_000)
    print("stars", len(cat), "cells", len(cat.cells))
    rng = random.Random(7)
    for _ in range(60):
        ra, dec = rng.uniform(20, 340), rng.uniform(-60, 60)
        n, bright = 0, None
        for star in cat.cone(ra, dec, 6.0):
            n += 1
            if bright is None or star.mag < bright.mag:
                bright = star
        print(f"{ra:7.2f} {dec:6.2f} {n:5d} brightest {bright.ident} {bright.mag:.3f}")


if __name__ == "__main__":
    main()
