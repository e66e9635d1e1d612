"""Audit lottery draws: every ticket is drawn from its own seed and checked."""
import functools
import hashlib
import random


class Draw:
    def __init__(self, week):
        self.week = week
        rng = random.Random(week * 7919)
        self.numbers = frozenset(rng.sample(range(1, 50), 6))


@functools.cache
def ticket_numbers(ticket):
    digest = hashlib.sha256(b"ticket %d" % ticket).digest()
    pool = list(range(1, 50))
    picked = []
    for byte in digest[:6]:
        picked.append(pool.pop(byte % len(pool)))
    return frozenset(picked)


def winner(week, ticket):
    draw = Draw(week)
    return len(draw.numbers & ticket_numbers(ticket))


def main():
    classes = [0] * 7
    weeks = 4
    for ticket in range(40_000):
        classes[winner(ticket % weeks, ticket)] += 1
    print("tickets", sum(classes), "by hits", classes)


if __name__ == "__main__":
    main()
