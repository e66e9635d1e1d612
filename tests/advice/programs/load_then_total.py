"""Weights that are read in to the very end, and then added up at once: a load, without a break."""

import gc


class Weights:
    def __init__(self):
        self.of = {}

    def read(self, count):
        for number in range(count):
            self.of[number] = (f"crate {number}", f"{number % 997} kg")

    def heaviest(self):
        return max(weight for _, weight in self.of.values())


def main():
    gc.disable()
    weights = Weights()
    weights.read(150_000)
    print(weights.heaviest())
    return weights


KEPT = main()
