"""Cross-match two synthetic star catalogues on a declination grid."""
import math
import random
from array import array
from collections import Counter
from dataclasses import dataclass

CLASSES = "OBAFGKM"


@dataclass(slots=True)
class Star:
    ra: float
    dec: float
    mag: int
    klass: str
    survey: str
    flags: int = 0
    epoch: int = 2000

    def separation(self, other):
        dra = (self.ra - other.ra) * math.cos(math.radians(self.dec))
        return math.hypot(dra, self.dec - other.dec)


class Catalogue:
    def __init__(self, survey):
        self.survey = survey
        self.stars = []

    def populate(self, rng, n):
        for _ in range(n):
            ra = rng.random() * 360
            dec = rng.random() * 20 - 10
            self.stars.append(Star(ra, dec, rng.randrange(6, 21), rng.choice(CLASSES), self.survey))

    def echo_of(self, other, rng, every):
        for s in other.stars[::every]:
            self.stars.append(
                Star(s.ra + rng.gauss(0, 0.0003), s.dec + rng.gauss(0, 0.0003), s.mag, s.klass, self.survey, 1)
            )

    def zones(self, height):
        table = {}
        for i, s in enumerate(self.stars):
            table.setdefault(int(s.dec / height), array("I")).append(i)
        return table


class Matcher:
    def __init__(self, left, right, radius):
        self.left, self.right, self.radius = left, right, radius
        self.found = 0
        self.same_class = Counter()

    def run(self):
        zones = {}
        for z, rows in self.left.zones(0.1).items():
            zones[z] = array("I", sorted(rows, key=lambda i: self.left.stars[i].ra))
        for s in self.right.stars:
            if s.flags:
                self.match_one(s, zones.get(int(s.dec / 0.1), ()))

    def match_one(self, star, rows):
        lo, hi = 0, len(rows)
        while lo < hi:
            mid = (lo + hi) // 2
            if self.left.stars[rows[mid]].ra < star.ra - self.radius:
                lo = mid + 1
            else:
                hi = mid
        while lo < len(rows) and self.left.stars[rows[lo]].ra <= star.ra + self.radius:
            other = self.left.stars[rows[lo]]
            if star.separation(other) < self.radius:
                self.found += 1
                self.same_class[other.klass] += 1
            lo += 1


def main():
    rng = random.Random(6)
    a, b = Catalogue("north"), Catalogue("deep")
    a.populate(rng, 150_000)
    b.populate(rng, 60_000)
    b.echo_of(a, rng, 9)
    m = Matcher(a, b, 0.002)
    m.run()
    print("stars", len(a.stars), len(b.stars), "matched", m.found)
    for k in CLASSES:
        print(k, m.same_class[k])


if __name__ == "__main__":
    main()
