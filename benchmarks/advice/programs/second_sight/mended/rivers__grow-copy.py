"""Merges the reaches of a river system into one profile, upstream first."""
from functools import reduce
from itertools import accumulate, pairwise
from operator import itemgetter


def reach(number):
    slope = 1 + number % 5
    yield from ((number * 12 + k, 9000.0 - number * 0.7 - k * slope / 12) for k in range(12))


def reaches(count):
    return map(reach, range(count))


def joined(parts):
    from itertools import chain
    return list(chain.from_iterable(parts))


def slopes(profile):
    return ((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(profile))


def smooth(values, weight):
    return accumulate(values, lambda old, new: old + weight * (new - old))


def steepest(profile, count):
    marked = zip(slopes(profile), map(itemgetter(0), profile))
    return sorted(marked)[:count]


def summary(values):
    low = high = total = 0
    number = 0
    for number, value in enumerate(values, 1):
        low, high, total = min(low, value), max(high, value), total + value
    return number, low, high, total / number


def main():
    profile = joined(reaches(3500))
    print("points", len(profile))
    print("slopes %d %.4f %.4f %.6f" % summary(slopes(profile)))
    print("smooth %d %.4f %.4f %.6f" % summary(smooth(slopes(profile), 0.1)))
    for slope, at in steepest(profile, 3):
        print("%8d %.4f" % (at, slope))


if __name__ == "__main__":
    main()
