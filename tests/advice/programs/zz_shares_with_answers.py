"""A text that a tuple keeps, beside what was counted in it."""

from array import array
from random import Random


def answers(count):
    return Random(7).randbytes(count // 2).hex()


def table(rows):
    return [array("d", (row * step / 100 for step in range(5_000))) for row in range(rows)]


def main():
    text = answers(8_000_000)
    shares = (text, text.count("0017"))
    rows = table(500)
    best = max(row[-1] for row in rows)
    return shares, best, sum(row[1] for row in rows)


if __name__ == "__main__":
    (kept, count), best, rest = main()
    print(len(kept), count, best, rest)
