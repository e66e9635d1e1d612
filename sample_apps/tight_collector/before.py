"""Loads a tree of nested lists while the cyclic collector looks through all that is there."""

from __future__ import annotations

from typing import Any

NODES = 250_000


def load(count: int) -> list[Any]:
    nodes: list[Any] = []
    for number in range(count):
        nodes.append([[number], [number + 1], [[number]]])
    return nodes


def main() -> None:
    nodes = load(NODES)
    print(len(nodes), nodes[-1])


if __name__ == "__main__":
    main()
