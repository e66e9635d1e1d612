"""Calls an empty function a million times a scale, allocating nothing: to count, not to time."""

from __future__ import annotations

import stopwatch

THOUSAND = [None] * 1000


def nothing() -> None:
    """Has a frame and no more."""


def work(scale: int) -> None:
    for _ in THOUSAND * scale:
        for _ in THOUSAND:
            nothing()


if __name__ == "__main__":
    stopwatch.main(work)
