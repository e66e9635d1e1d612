"""Builds an index of some 150 MB of small live objects and drops half of it, out of order."""

from __future__ import annotations

import stopwatch


class Entry:
    """One of very many."""

    __slots__ = ("key", "next", "weight")

    def __init__(self, key: str, weight: float) -> None:
        self.key = key
        self.weight = weight
        self.next: Entry | None = None


def build(size: int) -> int:
    index: dict[str, tuple[Entry, list[int]]] = {}
    for number in range(size):
        key = f"key-{number * 7919 % size}"
        index[key] = (Entry(key, number * 0.5), [number, number + 1000])
    for number in range(0, size, 2):
        del index[f"key-{number * 104729 % size}"]
    return len(index)


def work(scale: int) -> int:
    return sum(build(350_000) for _ in range(scale))


if __name__ == "__main__":
    stopwatch.main(work)
