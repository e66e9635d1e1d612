"""Prime gaps below a limit with one sieve."""
from collections import Counter
from itertools import compress

LIMIT = 24_000_000


class Sieve:
    def __init__(self, limit):
        self.limit = limit
        self.odd = bytearray(b"\x01") * (limit // 2)
        self.odd[0] = 0
        self._strike()

    def _strike(self):
        root = int(self.limit ** 0.5) + 1
        for p in range(3, root, 2):
            if self.odd[p >> 1]:
                first = p * p >> 1
                span = len(range(first, len(self.odd), p))
                self.odd[first::p] = bytes(span)

    def primes(self):
        yield 2
        yield from compress(range(1, self.limit, 2), self.odd)

    def count(self):
        return 1 + self.odd.count(1)


def gaps(primes):
    counts = Counter()
    widest = (0, 0)
    previous = next(primes)
    for prime in primes:
        gap = prime - previous
        counts[gap] += 1
        if gap > widest[0]:
            widest = (gap, previous)
        previous = prime
    return counts, widest


def main():
    sieve = Sieve(LIMIT)
    counts, widest = gaps(sieve.primes())
    print("primes", sieve.count())
    print("common gaps", counts.most_common(3))
    print("widest", widest)
    print("twins", counts[2])


if __name__ == "__main__":
    main()
