"""How deep recursion goes, in functions, through C code, and with a raised limit."""

import functools
import sys


def reach(depth=0):
    kept = [depth]
    try:
        return reach(depth + 1)
    except RecursionError:
        return kept[0]


class Nested:
    def __init__(self, depth):
        self.depth = depth

    def __repr__(self):
        return "()" if self.depth == 0 else f"({Nested(self.depth - 1)!r})"


def through_c(depth):
    return list(map(through_c, [depth - 1])) if depth else []


@functools.cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


print(reach())
print(len(repr(Nested(60))))
print(str(through_c(80)).count("["))
print(fibonacci(300))
sys.setrecursionlimit(20_000)
print(reach())


def down(n):
    return [n] + (down(n - 1) if n else [])


print(len(down(5_000)))
