"""Looks a key up a million times a scale, which allocates nothing: to count, not to time."""

from __future__ import annotations

import stopwatch

THOUSAND = [None] * 1000


def work(scale: int) -> None:
    table = {"key": "value"}
    for _ in THOUSAND * scale:
        for _ in THOUSAND:
            table.get("key")


if __name__ == "__main__":
    stopwatch.main(work)
