"""Confidence interval of a median by the bootstrap: the sample is needed whole, drawn from at random."""

# forbid: chunk compact grow-copy reuse-buffer pool release-early

import random
import statistics
from array import array


def measurements(count, seed):
    rng = random.Random(seed)
    values = array("d")
    for _ in range(count):
        values.append(rng.lognormvariate(3, 0.6))
    return values


def resampled_medians(values, rounds, size, seed):
    rng = random.Random(seed)
    for _ in range(rounds):
        draw = rng.choices(values, k=size)
        yield statistics.median(draw)


def interval(medians, confidence):
    ordered = sorted(medians)
    cut = int(len(ordered) * (1 - confidence) / 2)
    return ordered[cut], ordered[-cut - 1]


def main():
    values = measurements(400_000, 12)
    low, high = interval(resampled_medians(values, 1200, 800, 34), 0.95)
    centre = statistics.median(values)
    above = sum(1 for value in values if value > centre)
    print(round(low, 4), round(centre, 4), round(high, 4), above)


if __name__ == "__main__":
    main()
