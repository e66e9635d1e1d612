"""Makes reference cycles all the time, so that the cyclic collector frees what nobody else does."""

from __future__ import annotations

import gc

import stopwatch


class Node:
    """Refers to its owner, which refers to it."""

    def __init__(self, owner: Node | None) -> None:
        self.owner = owner
        self.children: list[Node] = []
        if owner is not None:
            owner.children.append(self)


def family(children: int) -> Node:
    root = Node(None)
    for _ in range(children):
        Node(Node(root))
    return root


def work(scale: int) -> int:
    old = [family(40) for _ in range(300)]
    freed = 0
    for turn in range(110 * scale):
        for _ in range(120):
            family(40)
        old[turn % len(old)] = family(40)
        freed += gc.collect()
    return freed


if __name__ == "__main__":
    stopwatch.main(work)
