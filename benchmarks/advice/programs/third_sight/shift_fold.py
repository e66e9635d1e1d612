"""Working hours from a rota, in a functional style."""
from functools import reduce
from itertools import accumulate, groupby
from operator import itemgetter
import random

CREWS = ("amber", "birch", "cedar", "dune", "ember")


def rota(days):
    rng = random.Random(99)
    return ((d, rng.sample(CREWS, 3), rng.randint(6, 10)) for d in range(days))


def expand(day):
    number, crews, start = day
    return [(number, crew, start + 8 * i, start + 8 * i + 8) for i, crew in enumerate(crews)]


def pipe(value, *steps):
    return reduce(lambda acc, step: step(acc), steps, value)


def flatten(days):
    return reduce(lambda acc, day: acc + expand(day), days, [])


def by_crew(shifts):
    ordered = sorted(shifts, key=itemgetter(1, 0))
    return {crew: list(group) for crew, group in groupby(ordered, key=itemgetter(1))}


def rests(groups):
    def gap(a, b):
        return (b[0] - a[0]) * 24 + b[2] - a[3]

    return {
        crew: [gap(a, b) for a, b in zip(items, items[1:])]
        for crew, items in groups.items()
    }


def digest(table):
    return [
        (crew, len(gaps), min(gaps), max(gaps), list(accumulate(gaps))[-1])
        for crew, gaps in sorted(table.items())
    ]


if __name__ == "__main__":
    for line in pipe(rota(9000), flatten, by_crew, rests, digest):
        print(*line)
