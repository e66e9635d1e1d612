"""Live blocks at a look, by row, and what of them is resident."""

from __future__ import annotations

from collections.abc import Sequence

from memscope.analysis.measures import Measures
from memscope.analysis.sizeclasses import serves_small_requests
from memscope.capture.columns import (
    difference,
    flags,
    gathered,
    narrowed,
    only_where,
    with_added,
    zeros,
)
from memscope.capture.format import (
    IS_POOLED,
    LARGEST_SIZE_CLASS,
    PYMALLOC_CLASSES,
)
from memscope.capture.model import Look
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Live:
    """Live blocks and bytes of every row at a time, and what of these is resident.

    `small` is 1 where the blocks lie in pymalloc's pools.
    """

    small: Sequence[int]
    blocks: Sequence[float]
    size_bytes: Sequence[float]
    resident_bytes: Sequence[float]


def live_at(measures: Measures, look: Look) -> Live:
    rows = measures.capture.tables.rows
    count = len(rows.stack)
    blocks, size = zeros("q", count + 1), zeros("q", count + 1)
    for window in measures.each_window():
        if window.end_ns > look.time_ns:
            break
        came = difference(window.allocations, window.released)
        blocks = with_added(blocks, window.row, came)
        came = difference(window.allocated_bytes, window.released_bytes)
        size = with_added(size, window.row, came)
    # Narrow at once: they are the largest of all columns.
    live_blocks = narrowed(blocks)[1:]
    del blocks
    live_bytes = narrowed(size)[1:]
    resident = size[1:]
    del size
    for row, amount in dict(look.untouched).items():
        if 0 < row <= count:
            resident[row - 1] = max(resident[row - 1] - min(amount, 1 << 62), -(1 << 62))
    is_small: Sequence[int] = bytes(count)
    if serves_small_requests(measures.capture.meta.allocator):
        small_class = flags(number <= PYMALLOC_CLASSES for number in range(LARGEST_SIZE_CLASS + 1))
        pooled = gathered(bytes(IS_POOLED), rows.domain)
        is_small = only_where(gathered(small_class, rows.size_class), pooled)
    return Live(is_small, live_blocks, live_bytes, narrowed(resident))


def chosen_by(column: Sequence[float], *wanted: Sequence[int]) -> Sequence[float]:
    for flag in wanted:
        column = only_where(column, flag)
    return column
