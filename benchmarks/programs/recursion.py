"""Recurses 600 to 800 deep and allocates on every level from 200 on (mean depth 450)."""

from __future__ import annotations

import sys

import stopwatch

SHALLOWEST = 200


def dive(levels: int, deepest: int) -> int:
    """Adds frames and nothing else."""
    return dive(levels - 1, deepest) if levels else descend(SHALLOWEST, deepest)[0]


def descend(depth: int, deepest: int) -> tuple[int, object]:
    """Holds blocks until it returns, and drops others at once."""
    held = [depth, float(depth)]
    dropped = 0
    for step in range(4):
        dropped += len([depth, step, (depth, step)])
    if depth >= deepest:
        return depth, held
    reached, _ = descend(depth + 1, deepest)
    return reached + dropped % 2, (held, float(reached))


def work(scale: int) -> int:
    sys.setrecursionlimit(4000)
    return sum(dive(SHALLOWEST, 600 + turn % 4 * 67) for turn in range(1100 * scale))


if __name__ == "__main__":
    stopwatch.main(work)
