"""Cheapest order of multiplying matrices: each call leaves its table with the inner function."""

import random
from array import array


def cheapest(sizes):
    count = len(sizes)
    known = array("q", [-1]) * (count * count * 32)  # advise: cycles

    def cost(first, last):
        if last - first < 2:
            return 0
        place = first * count + last
        if known[place] < 0:
            known[place] = min(
                cost(first, middle)
                + cost(middle, last)
                + sizes[first] * sizes[middle] * sizes[last]
                for middle in range(first + 1, last)
            )
        return known[place]

    return cost(0, count - 1)


rng = random.Random(5)
print(max(cheapest([rng.randrange(5, 90) for _ in range(24)]) for _ in range(40)))
