"""Calls that allocate nothing: a small simulation of methods, attributes and small integers.

A profiler that pays for every call, whether anything is allocated or not, shows it here.
"""

from __future__ import annotations

import stopwatch


class Cell:
    """Holds a value below 200: the interpreter keeps those ready, arithmetic makes no objects."""

    __slots__ = ("left", "right", "value")

    def __init__(self, value: int) -> None:
        self.value = value
        self.left = self.right = self

    def strength(self) -> int:
        return self.value & 63

    def stronger(self, other: Cell) -> bool:
        return self.strength() > other.strength()

    def take(self, amount: int) -> None:
        self.value = (self.value + amount) % 199

    def propagate(self) -> None:
        if self.stronger(self.left):
            self.left.take(self.right.strength())
        else:
            self.take(3)


def work(scale: int) -> int:
    cells = [Cell(n * 7 % 199) for n in range(200)]
    for n, cell in enumerate(cells):
        cell.left, cell.right = cells[n - 1], cells[(n + 1) % len(cells)]
    for _ in range(16_000 * scale):
        for cell in cells:
            cell.propagate()
    return sum(cell.value for cell in cells)


if __name__ == "__main__":
    stopwatch.main(work)
