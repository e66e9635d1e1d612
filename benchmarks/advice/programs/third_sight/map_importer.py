import math
import random
from array import array
from itertools import islice


class Importer:
    """Reads heights, levels them, and looks for steep places."""

    def __init__(self, side):
        self.side = side
        self.survey = None
        self.ground = None
        self.slopes = None

    def load(self, seed):
        rng = random.Random(seed)
        self.survey = array("d", (rng.random() * 900.0 for _ in range(self.side * self.side * 2)))

    def level(self):
        low = min(self.survey)
        self.ground = array("H", (int(v - low) for v in islice(self.survey, 0, None, 2)))

    def slope(self):
        g, side, hypot = self.ground, self.side, math.hypot
        self.slopes = array("d", (hypot(g[i + 1] - g[i], g[i + side] - g[i]) for i in range(len(g) - side)))

    def ridges(self):
        return sum(1 for s in self.slopes if s > 900.0)

    def profile(self):
        step = self.side * 200
        return [f"{math.fsum(self.slopes[at:at + self.side]) / self.side:.2f}" for at in range(0, len(self.slopes), step)]

    def run(self, seed):
        self.load(seed)
        self.level()
        self.slope()
        return self.ridges(), self.profile()


def main():
    importer = Importer(1500)
    ridges, profile = importer.run(12)
    print("ridges", ridges)
    print("profile", *profile)


if __name__ == "__main__":
    main()
