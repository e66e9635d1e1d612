"""The numbers that hotspots and trees are sorted by, per row of the capture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import compress
from operator import sub
from typing import Literal, get_args

from memscope.analysis.stacks import Stacks
from memscope.capture import Capture
from memscope.capture.model import Window

By = Literal["allocated_bytes", "allocations", "peak_bytes", "live_bytes", "short_lived"]
BYS: tuple[By, ...] = get_args(By)

# The first buckets of the lifetimes in bytes: released before 1 KiB more had been allocated.
SHORT_LIVED_BUCKETS = 4
SHORT_LIVED_BYTES = 1024


class Measures:
    """A capture's rows and stacks, measured; analyses of one capture share one to save time."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture

    @cached_property
    def stacks(self) -> Stacks:
        return Stacks(self.capture)

    @property
    def row_stacks(self) -> Sequence[int]:
        """The stack of every row."""
        return self.capture.tables.rows.stack

    def values(self, by: By) -> Sequence[float]:
        """The measure of every row."""
        if by == "live_bytes":
            return self.live_bytes
        if by == "short_lived":
            return self.short_lived
        values: Sequence[float] = getattr(self.capture.totals, by)
        return values

    @cached_property
    def live_bytes(self) -> Sequence[float]:
        totals = self.capture.totals
        return list(map(sub, totals.allocated_bytes, totals.released_bytes))

    @cached_property
    def live_blocks(self) -> Sequence[float]:
        totals = self.capture.totals
        return list(map(sub, totals.allocations, totals.released))

    @cached_property
    def short_lived(self) -> Sequence[float]:
        """Blocks of every row that were released before 1 KiB more had been allocated."""
        counts: list[float] = [0] * len(self.row_stacks)
        lifetimes = self.capture.lifetimes
        if lifetimes is not None:
            short = [
                scale == 0 and bucket < SHORT_LIVED_BUCKETS
                for scale, bucket in zip(lifetimes.scale, lifetimes.bucket, strict=True)
            ]
            rows = compress(lifetimes.row, short)
            for row, count in zip(rows, compress(lifetimes.count, short), strict=True):
                counts[row - 1] += count
        return counts

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """What changed in each stretch of time, read once."""
        return tuple(self.capture.windows())

    def whole(self, by: By) -> float:
        """All rows together; the recorder's own sum where rows are missing from a damaged file."""
        known = sum(self.values(by))
        return known if by == "short_lived" else max(known, getattr(self.capture.sums.total, by))
