"""Blocks of a known number, and how many of them a capture holds."""

from __future__ import annotations

import memscope

BLOCKS = 1000


def rows() -> range:
    for _ in range(BLOCKS):
        bytes(7000)
    return range(BLOCKS)


def recorded_rows(capture: memscope.Capture) -> int:
    """How many of the blocks of `rows` a capture holds."""
    with capture:
        assert capture.complete
        tables, totals = capture.tables, capture.totals
        return sum(
            int(totals.allocations[row])
            for row, node in enumerate(tables.rows.stack)
            if tables.rows.size_class[row] > 40
            and tables.codes.function[tables.nodes.code[node]].startswith("rows")
        )
