"""Sieves the odd numbers to sixteen million; the sieve is as large as it is because all of it is used."""

# forbid: chunk release-early leak grow-copy
# may: reuse-buffer pool

import math
from array import array
from collections import Counter
from itertools import pairwise


class Sieve:
    """One byte for each odd number below the limit."""

    def __init__(self, limit):
        self.limit = limit
        self.flags = bytearray([1]) * (limit // 2)
        self.flags[0] = 0
        for i in range(3, math.isqrt(limit) + 1, 2):
            if self.flags[i // 2]:
                start = i * i // 2
                self.flags[start::i] = bytes(len(range(start, len(self.flags), i)))

    def __contains__(self, number):
        return number == 2 or (number % 2 == 1 and number < self.limit and self.flags[number // 2] == 1)

    def primes(self):
        yield 2
        at = self.flags.find(1)
        while at >= 0:
            yield 2 * at + 1
            at = self.flags.find(1, at + 1)


def goldbach(sieve, small, number):
    for prime in small:
        if number - prime in sieve:
            return prime
    raise ArithmeticError(number)


def main():
    sieve = Sieve(16_000_000)
    primes = array("I", sieve.primes())
    gaps = Counter(b - a for a, b in pairwise(primes))
    small = primes[:2000]
    hardest = max(range(4, 600_000, 2), key=lambda n: goldbach(sieve, small, n))
    middle = primes[len(primes) // 2]
    print(len(primes), gaps.most_common(3), hardest, goldbach(sieve, small, hardest), middle)


if __name__ == "__main__":
    main()
