"""Points by the hundred thousand: not worth a pool. tempting: pool"""

from __future__ import annotations


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y


def far(number: int) -> int:
    point = Point(number % 101, number % 97)
    return point.x * point.x + point.y * point.y


print(sum(far(number) for number in range(150_000)))
