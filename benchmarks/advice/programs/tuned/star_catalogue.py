"""Loads a star catalogue and answers cone searches from bands of declination."""

import math
import random
from bisect import bisect_left
from types import SimpleNamespace


def catalogue(count, seed):
    rng = random.Random(seed)
    stars = []
    for number in range(count):
        ra = rng.uniform(0, 360)
        dec = math.degrees(math.asin(rng.uniform(-1, 1)))
        stars.append(SimpleNamespace(hip=number, ra=ra, dec=dec, mag=rng.gauss(9, 2)))  # advise: compact
    stars.sort(key=lambda star: star.dec)
    return stars


def separation(star, ra, dec):
    a, b = math.radians(star.dec), math.radians(dec)
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(
        math.radians(star.ra - ra)
    )
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def cone(stars, decs, ra, dec, radius):
    first = bisect_left(decs, dec - radius)
    last = bisect_left(decs, dec + radius)
    return [star for star in stars[first:last] if separation(star, ra, dec) <= radius]


def main():
    stars = catalogue(60_000, 21)
    decs = [star.dec for star in stars]
    rng = random.Random(5)
    found, brightest = 0, None
    for _ in range(700):
        hits = cone(stars, decs, rng.uniform(0, 360), rng.uniform(-80, 80), 1.0)
        found += len(hits)
        for star in hits:
            if brightest is None or star.mag < brightest.mag:
                brightest = star
    print(found, brightest.hip, round(brightest.mag, 4))


if __name__ == "__main__":
    main()
