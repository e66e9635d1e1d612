"""A cache that fills up and then stays as it is. tempting: leak"""

from __future__ import annotations

from collections import OrderedDict

MOST = 2000
cache: OrderedDict[int, str] = OrderedDict()


def label(number: int) -> str:
    if number in cache:
        cache.move_to_end(number)
        return cache[number]
    cache[number] = f"{number:0500d}"
    if len(cache) > MOST:
        cache.popitem(last=False)
    return cache[number]


print(sum(len(label(number * 31 % 7919)) for number in range(80_000)))
