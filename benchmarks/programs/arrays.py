"""Arithmetic on numpy arrays of many sizes: the headers are Python's, the data are numpy's."""

from __future__ import annotations

import numpy as np
import stopwatch


def work(scale: int) -> float:
    total = 0.0
    for turn in range(64 * scale):
        large = np.arange(250_000, dtype=np.float64) + turn
        total += float(np.sqrt(large * 2.0 + 1.0).sum())
        for size in range(16, 1600, 2):
            small = large[:size] * 0.5
            total += float((small + small[::-1]).mean()) + float(
                np.concatenate([small, small]).max()
            )
            total += sum(small[:12].tolist())
    return total


if __name__ == "__main__":
    stopwatch.main(work)
