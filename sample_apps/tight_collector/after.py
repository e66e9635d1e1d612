"""Loads a tree of nested lists while the cyclic collector rests."""

from __future__ import annotations

import gc
from typing import Any

NODES = 250_000


def load(count: int) -> list[Any]:
    nodes: list[Any] = []
    for number in range(count):
        nodes.append([[number], [number + 1], [[number]]])
    return nodes


def main() -> None:
    gc.disable()  # there is nothing to find: a load makes no cycles
    try:
        nodes = load(NODES)
        gc.freeze()  # what is there stays, and is not looked at again
    finally:
        gc.enable()
    print(len(nodes), nodes[-1])


if __name__ == "__main__":
    main()
