"""Loads a synthetic star catalogue and answers a few cone searches."""
import math
import random
from dataclasses import dataclass


@dataclass
class Star:
    ident: int
    ra: float
    dec: float
    magnitude: int


@dataclass
class Cell:
    ra0: int
    dec0: int
    stars: list


def load(n, seed):
    rng = random.Random(seed)
    cells = {}
    for ident in range(n):
        ra = rng.random() * 360
        dec = rng.random() * 180 - 90
        star = Star(ident, ra, dec, rng.randrange(60, 160))
        key = int(ra // 10), int((dec + 90) // 10)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Cell(key[0] * 10, key[1] * 10 - 90, [])
        cell.stars.append(star)
    return cells


def separation(ra1, dec1, ra2, dec2):
    a1, d1, a2, d2 = map(math.radians, (ra1, dec1, ra2, dec2))
    c = math.sin(d1) * math.sin(d2) + math.cos(d1) * math.cos(d2) * math.cos(a1 - a2)
    return math.degrees(math.acos(max(-1.0, min(1.0, c))))


def cone(cells, ra, dec, radius):
    found = []
    for cell in cells.values():
        if abs(cell.dec0 + 5 - dec) > radius + 6:
            continue
        if abs(cell.ra0 + 5 - ra) > radius + 30:
            continue
        found.extend(s for s in cell.stars if separation(ra, dec, s.ra, s.dec) <= radius)
    return found


def main():
    cells = load(330_000, 90)
    for ra, dec in ((83.8, -5.4), (201.3, 47.2), (266.4, -29.0)):
        hits = cone(cells, ra, dec, 4.0)
        bright = min(hits, key=lambda s: (s.magnitude, s.ident))
        print(len(hits), "stars, brightest", bright.ident, bright.magnitude / 10)


if __name__ == "__main__":
    main()
