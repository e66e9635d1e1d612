"""Draws lots, each with a generator of its own made for the call."""

import random


class Lottery:
    def __init__(self, names):
        self.names = names

    def draw(self) -> str:
        source = random.Random()  # advise: pool
        return source.choice(self.names)


lottery = Lottery([f"name {n}" for n in range(50)])
print(len({lottery.draw() for _ in range(30_000)}))
