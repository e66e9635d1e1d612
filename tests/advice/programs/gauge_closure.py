"""A gauge that is asked for at the very end holds all samples, for two numbers of them."""

from array import array

GAUGES = {}


def digest(count):
    samples = array("d", [0.25]) * count  # advise: release-early
    samples[count // 2] = 9.5

    def span():
        """The least and the greatest."""
        return min(samples), max(samples)

    GAUGES["span"] = span
    return sum(samples[::1000])


def spread(count):
    rings = {}
    for number in range(count):
        rings[number * 7 % count] = bytes(300) + bytes([number % 256])
    return sum(rings[number][300] for number in range(0, count, 97)), rings[5] == rings[6]


def main():
    print(digest(1_500_000))
    print(spread(30_000))
    print(*GAUGES["span"]())


main()
