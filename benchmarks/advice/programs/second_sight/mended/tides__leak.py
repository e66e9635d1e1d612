"""Harmonic tide heights for a harbour, with daily extremes."""
from functools import cache, partial
from itertools import count, islice, takewhile, accumulate
from math import cos, pi

CONSTITUENTS = (
    (1.9, 12.4206, 0.3),
    (0.7, 12.0, 1.1),
    (0.4, 12.6583, 2.0),
    (0.3, 23.9345, 0.7),
    (0.2, 25.8193, 2.9),
)


def heights(start):
    return tuple(
        sum(a * cos(2 * pi * hour / period + phase) for a, period, phase in CONSTITUENTS)
        for hour in (start + k / 2 for k in range(12))
    )


def times(step):
    return (n * step for n in count())


def until(limit, stream):
    return takewhile(partial(greater, limit), stream)


def greater(limit, value):
    return value < limit


def extremes(stream):
    for group in stream:
        yield min(group), max(group)


def running(stream):
    low = high = 0.0
    for a, b in stream:
        low, high = min(low, a), max(high, b)
        yield low, high


def compose(*stages):
    def run(value):
        for stage in stages:
            value = stage(value)
        return value

    return run


def main():
    pipeline = compose(lambda s: map(heights, s), extremes, running)
    last = None
    for last in pipeline(until(6.0 * 30000, times(6.0))):
        pass
    print("over all: %.4f %.4f" % last)
    spread = accumulate((b - a for a, b in extremes(map(heights, islice(times(6.5), 60)))), max)
    print("spread: %.4f" % list(spread)[-1])


if __name__ == "__main__":
    main()
