"""A list of parsed lines that its caller looks into at any place: it has to be whole."""

import random


def parse(line):
    name, value = line.split(",")
    return name, float(value)


def records(count):
    return [parse(f"name {number},{number / 8}") for number in range(count)]


def main():
    rng = random.Random(11)
    found = records(60_000)
    total = 0.0
    for _ in range(30_000):
        total += found[rng.randrange(len(found))][1]
    for name, value in found:
        total -= value * len(name)
    print(total)


main()
