"""Heat moving round a long ring, with coarse vectorised shifts."""
from array import array
from functools import reduce
from itertools import repeat

CELLS = 1_000_000


def ring(cells):
    heat = array("d", bytes(8 * cells))
    for k in range(0, cells, 5003):
        heat[k] = float(k % 17)
    return heat


SPARE = []


def shifted(heat, by):
    out = SPARE.pop() if SPARE else array("d", bytes(8 * CELLS))
    view, target = memoryview(heat), memoryview(out)
    target[by:] = view[:-by]
    target[:by] = view[-by:]
    SPARE.append(heat)
    return out


def kick(heat, at):
    heat[at] += 1.0
    heat[-at] -= 0.5
    return heat


def step(heat, number):
    return kick(shifted(heat, 1 + number % 7), 1 + number * 31 % 999)


def run(heat, steps):
    return reduce(step, range(steps), heat)


def probe(heat, points):
    return [round(heat[p * 4999 % CELLS], 3) for p in range(points)]


def main():
    final = run(ring(CELLS), 130)
    print(sum(final), probe(final, 8))
    print(sum(repeat(final[1], 3)))


if __name__ == "__main__":
    main()
