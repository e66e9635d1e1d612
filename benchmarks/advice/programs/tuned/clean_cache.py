"""A cache with a bound that is full early."""

# forbid: leak pool compact
import functools


@functools.lru_cache(maxsize=2000)
def page(number: int) -> bytes:
    return b"%d" % number * 200


print(sum(len(page(n * 7919 % 60_000)) for n in range(200_000)))
