import random


class OddSieve:
    def __init__(self, limit):
        self.limit = limit
        self.flags = bytearray(b"\1") * (limit // 2)
        self.flags[0] = 0
        self.strike()

    def strike(self):
        flags = self.flags
        size = len(flags)
        value = 3
        while value * value < self.limit:
            if flags[value >> 1]:
                for place in range(value * value >> 1, size, value):
                    flags[place] = 0
            value += 2

    def __contains__(self, number):
        return number == 2 or (number & 1 == 1 and self.flags[number >> 1] == 1)

    def after(self, number):
        place = self.flags.find(1, (number + 1) >> 1)
        return place * 2 + 1


def least_pair(sieve, even):
    prime = 3
    while even - prime not in sieve:
        prime = sieve.after(prime)
    return prime


def jump_walk(sieve, start, steps, rng):
    place = start
    widest = (0, 0)
    for _ in range(steps):
        here = sieve.after(place)
        there = sieve.after(here)
        widest = max(widest, (there - here, here))
        place = (there * 48271 + rng.randrange(1000)) % (sieve.limit - 2000)
    return widest


def main():
    sieve = OddSieve(14_000_000)
    rng = random.Random(18)
    worst = (0, 0)
    for _ in range(12_000):
        even = rng.randrange(10, sieve.limit // 2) * 2
        worst = max(worst, (least_pair(sieve, even), even))
    print(sum(sieve.flags) + 1, worst)
    print(jump_walk(sieve, 7, 60_000, rng))


if __name__ == "__main__":
    main()
