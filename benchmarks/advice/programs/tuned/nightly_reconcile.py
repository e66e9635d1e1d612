# may: compact chunk
"""Nightly reconciliation of the payment processor's file against our books.

The steps form a generator: each yields report lines as soon as they are known,
so the operator sees progress while the later steps are still running."""
import random
from array import array
from itertools import islice


def settlement_lines(n, seed):
    rng = random.Random(seed)
    for i in range(n):
        yield f"{i * 7 % n:08d},{rng.randrange(100, 99_999)},{'CR' if rng.random() < 0.1 else 'DR'}"


def parse(lines):
    for line in lines:
        ref, cents, side = line.split(",")
        yield int(ref), int(cents) if side == "DR" else -int(cents)


class Books:
    """Our own side: amount by reference, dense references."""

    def __init__(self, n, seed):
        rng = random.Random(seed)
        self.cents = array("i", bytes(4 * n))
        for ref, cents in parse(settlement_lines(n, seed)):
            self.cents[ref] = cents if rng.random() > 0.0004 else cents + 1

    def __getitem__(self, ref):
        return self.cents[ref]


def differences(processor, books):
    for ref, cents in processor.items():
        if books[ref] != cents:
            yield ref, books[ref] - cents


def aged_buckets(books, days):
    """Cumulative balances per merchant and day, needed for the ageing table."""
    merchants = 2_200
    grid = [[0] * days for _ in range(merchants)]
    for ref, cents in enumerate(books.cents):
        grid[ref % merchants][ref // 710 % days] += cents
    for row in grid:
        for d in range(1, days):
            row[d] += row[d - 1]
    return grid


def reconcile(n, seed, days=365):
    books = Books(n, seed)
    processor = dict(parse(settlement_lines(n, seed)))  # advise: release-early
    yield f"processor lines {len(processor)}, sum {sum(processor.values())}"
    found = sorted(differences(processor, books))
    yield f"differences {len(found)}, net {sum(d for _, d in found)}"
    for ref, delta in islice(found, 3):
        yield f"  {ref:08d} {delta:+d}"

    grid = aged_buckets(books, days)
    for quarter in range(4):
        day = min(days - 1, quarter * 91 + 90)
        column = [row[day] for row in grid]
        yield f"day {day:3d}: min {min(column)} max {max(column)} sum {sum(column)}"
    worst = max(range(len(grid)), key=lambda m: grid[m][-1])
    yield f"largest exposure: merchant {worst} with {grid[worst][-1]}"


def main():
    width = 0
    for line in reconcile(260_000, seed=6):
        width = max(width, len(line))
        print(line)
    print("-" * width)


if __name__ == "__main__":
    main()
