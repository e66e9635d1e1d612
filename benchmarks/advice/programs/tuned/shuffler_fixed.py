"""Draws lots, with one generator that is seeded anew."""

import random


class Lottery:
    def __init__(self, names):
        self.names = names
        self.source = random.Random()

    def draw(self, ticket: int) -> str:
        self.source.seed(ticket)
        return self.source.choice(self.names)


lottery = Lottery([f"name {n}" for n in range(50)])
print(len({lottery.draw(n) for n in range(30_000)}))
