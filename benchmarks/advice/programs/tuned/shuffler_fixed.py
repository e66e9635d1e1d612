"""Draws lots, with one generator for all."""

import random


class Lottery:
    def __init__(self, names):
        self.names = names
        self.source = random.Random()

    def draw(self) -> str:
        return self.source.choice(self.names)


lottery = Lottery([f"name {n}" for n in range(50)])
print(len({lottery.draw() for _ in range(30_000)}))
