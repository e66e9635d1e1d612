"""A survey has its heights in an attribute that one step needs; what is made of them stays."""

import random
from array import array


def heights(seed, count):
    dice = random.Random(seed)
    return array("d", dice.randbytes(8 * count))


class Survey:
    def __init__(self, seed):
        self.seed = seed
        self.heights = None
        self.steps = None
        self.marks = None

    def read(self, count):
        self.heights = heights(self.seed, count)  # advise: release-early

    def level(self):
        steps = [int(height > 0) for height in self.heights]
        self.steps = bytes(steps)

    def mark(self):
        self.marks = [bytes(self.steps[at : at + 12_000]) for at in range(0, 400_000, 200)]


class Asked:
    def __init__(self, seed):
        self.seed = seed
        self.depths = None
        self.marks = None

    def read(self, count):
        self.depths = heights(self.seed, count)

    def mark(self):
        self.marks = [bytes(12_000) for _ in range(0, 300_000, 200)]

    def deepest(self):
        return len(self.marks), min(self.depths)


def main():
    survey = Survey(4)
    survey.read(500_000)
    survey.level()
    survey.mark()
    print(len(survey.marks))
    del survey
    asked = Asked(5)
    asked.read(500_000)
    asked.mark()
    print(asked.deepest())


main()
