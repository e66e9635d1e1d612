"""Pollen samples: draws many labels, keeps the rare ones, then correlates."""
from array import array
from itertools import compress, count, islice, starmap
from operator import mul


def label(number):
    return "grain-%d-%d" % (number, number * 7919 % 10007)


def drawn(number):
    return map(label, range(number))


def rare(number):
    return (k % 150 == 0 for k in range(number))


def kept(number):
    everything = list(drawn(number))
    everything.sort(key=len)
    joined = "\n".join(compress(everything, rare(number)))
    del everything
    return joined.split("\n")


def series(names, width):
    return array("d", islice((len(name) * 0.5 + k % 7 for k in count() for name in names), width))


def correlate(a, b):
    return sum(starmap(mul, zip(islice(a, 0, None, 9), islice(b, 0, None, 9))))


def main():
    names = kept(600_000)
    first = series(names, 1_500_000)
    second = array("d", first)
    third = array("d", first + second)
    print(len(names), names[0], names[-1])
    print("%.3f %.3f" % (correlate(first, second), correlate(second, third)))


if __name__ == "__main__":
    main()
