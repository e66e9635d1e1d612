import random
from collections import namedtuple

Parcel = namedtuple("Parcel", "number code grams express")


def manifest(count, seed=66):
    rng = random.Random(seed)
    for number in range(count):
        code = rng.randrange(1000, 99999) if number % 4000 == 0 else None
        yield Parcel(number, code, rng.randrange(50, 31000), rng.random() < 0.1)
