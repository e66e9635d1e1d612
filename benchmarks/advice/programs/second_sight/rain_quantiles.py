"""Quantiles of rainfall and the longest dry spell."""
from functools import reduce
from itertools import groupby, pairwise
from random import Random


def rainfall(seed, days):
    rng = Random(seed)
    wet = False
    for _ in range(days):
        wet = rng.random() < (0.7 if wet else 0.25)
        yield rng.expovariate(0.2) if wet else 0.0


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spells(values):
    for dry, group in groupby(values, lambda value: value == 0.0):
        if dry:
            yield sum(1 for _ in group)


def above(values, limit):
    return (at for at, value in enumerate(values) if value > limit)


def gaps(places):
    return (b - a for a, b in pairwise(places))


def main():
    values = list(rainfall(10, 500_000))
    ordered = sorted(values)
    shares = (0.5, 0.75, 0.9, 0.99, 0.999)
    limits = [quantile(ordered, share) for share in shares]
    for share, limit in zip(shares, limits):
        rarest = reduce(max, gaps(above(values, limit)), 0)
        print("%.3f %8.3f longest gap %d" % (share, limit, rarest))
    print("dry spell", max(spells(values)), "median again", quantile(ordered, 0.5))


if __name__ == "__main__":
    main()
