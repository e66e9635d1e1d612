"""Allocates as fast as the interpreter can: two short-lived blocks a turn, no calls."""

from __future__ import annotations

import stopwatch


def work(scale: int) -> int:
    kept: object = None
    number = 1 << 40
    for _ in range(9_000_000 * scale):
        number += 3
        kept = [number]
    return 0 if kept is None else 1


if __name__ == "__main__":
    stopwatch.main(work)
