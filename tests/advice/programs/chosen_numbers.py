"""Numbers drawn from a list and kept: out of an array each would be a new one."""

import random


def draw(count):
    rng = random.Random(5)
    minutes = list(range(1_000, 81_000))
    return [rng.choice(minutes) for _ in range(count)]


def main():
    drawn = draw(90_000)
    drawn.sort(key=lambda minute: (minute % 1_440, minute))
    print(drawn[:3], drawn[-3:])


main()
