"""Pipelines of generators, comprehensions and itertools: frames suspended and resumed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import stopwatch


def numbers(count: int) -> Iterator[int]:
    value = 1000
    while value < 1000 + count:
        yield value
        value += 1


def paired(values: Iterable[int]) -> Iterator[tuple[int, int]]:
    before = 0
    for value in values:
        yield before, value
        before = value


def described(pairs: Iterable[tuple[int, int]]) -> Iterator[str]:
    yield from (f"{left}-{right}" for left, right in pairs if right % 3)


def tree(depth: int) -> Iterator[list[int]]:
    """Every value climbs through ``depth`` suspended frames."""
    if depth == 0:
        yield [depth]
        return
    for branch in range(2):
        for leaf in tree(depth - 1):
            yield [*leaf, branch]


def work(scale: int) -> int:
    total = 0
    for _ in range(28 * scale):
        total += sum(len(text) for text in described(paired(numbers(60_000))))
        total += sum(len(leaf) for leaf in tree(11))
        for _, group in itertools.groupby(numbers(30_000), key=lambda value: value // 10):
            total += max([value * 3 for value in group])
    return total


if __name__ == "__main__":
    stopwatch.main(work)
