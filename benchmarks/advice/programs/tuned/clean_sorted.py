"""Needs all values at once: the median."""

# forbid: chunk release-early compact
import array
import random


def median(count: int) -> float:
    rng = random.Random(3)
    values = array.array("d", (rng.random() for _ in range(count)))
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


print(median(300_000))
