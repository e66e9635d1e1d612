"""Collects what it was asked for, and gives it back."""
# forbid: leak chunk release-early grow-copy


def primes(limit: int) -> list:
    sieve = bytearray([1]) * limit
    for n in range(2, int(limit**0.5) + 1):
        if sieve[n]:
            sieve[n * n :: n] = bytes(len(range(n * n, limit, n)))
    return [n for n in range(2, limit) if sieve[n]]


found = primes(3_000_000)
print(found[len(found) // 3], found[-1])
