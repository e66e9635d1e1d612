"""Draws lots, each with a generator of its own made for the call."""

import random


class Lottery:
    def __init__(self, names):
        self.names = names

    def draw(self, ticket: int) -> str:
        source = random.Random(ticket)  # advise: pool
        return source.choice(self.names)


lottery = Lottery([f"name {n}" for n in range(50)])
print(len({lottery.draw(n) for n in range(30_000)}))
