"""A line editor's buffer, with seeded random edits."""
from functools import partial
from itertools import chain, islice
from random import Random

WORDS = "the quick brown fox jumps over a lazy dog while seven wizards quietly judge".split()


def line(rng):
    return " ".join(rng.choice(WORDS) for _ in range(14))


def text(seed, count):
    rng = Random(seed)
    return (line(rng) for _ in range(count))


def opened(lines):
    return [list(each) for each in lines]


def insert(buffer, row, column, letter):
    buffer[row].insert(column % (len(buffer[row]) + 1), letter)


def remove(buffer, row, column):
    if buffer[row]:
        buffer[row].pop(column % len(buffer[row]))


def shown(row):
    return "".join(row)


def edits(seed, count, rows):
    rng = Random(seed)
    for _ in range(count):
        row, column = rng.randrange(rows), rng.randrange(200)
        yield rng.choice((partial(insert, letter=rng.choice("xyz")), remove)), row, column


def apply(buffer, changes):
    for change, row, column in changes:
        change(buffer, row, column)
    return buffer


def longest(buffer, count):
    return islice(sorted(map(shown, buffer), key=lambda s: (-len(s), s)), count)


def main():
    buffer = apply(opened(text(1, 22_000)), edits(2, 20_000, 22_000))
    print(sum(map(len, buffer)), sum(1 for c in chain.from_iterable(buffer) if c in "xyz"))
    print(*longest(buffer, 2), sep="\n")


if __name__ == "__main__":
    main()
