import random
from dataclasses import dataclass


@dataclass(slots=True)
class Order:
    number: int
    item: str
    qty: int
    cents: int


def orders(n, seed=77):
    rng = random.Random(seed)
    for number in range(n):
        yield Order(number, f"item-{rng.randrange(5000):04d}", rng.randrange(1, 9), rng.randrange(99, 99999))
