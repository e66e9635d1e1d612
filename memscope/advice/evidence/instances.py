"""How many objects the calls on a line made."""

from __future__ import annotations

from collections.abc import Mapping

from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.rows import OBJ_DOMAIN
from memscope.analysis.measures import Measures

_INSTANCES_OF_ONE_SIZE_UNTIL = ("3.11.", "3.12.")
FIRST_OF_EACH_SIZE = 2  # size classes are 16 bytes wide, an attribute takes 8


def instances_made(measures: Measures, line: UserLine) -> float:
    """How many objects of one class a line made, at most.

    An object's own memory is allocated by the line that calls its class, once a call.
    """
    totals, rows = measures.capture.totals, measures.capture.tables.rows
    keys = measures.stacks.line_keys
    by_stack: dict[int, dict[int, float]] = {}
    for row in line.rows:
        stack = rows.stack[row]
        if keys[stack] == line.key and rows.domain[row] == OBJ_DOMAIN:
            sizes = by_stack.setdefault(stack, {})
            size = rows.size_class[row]
            sizes[size] = sizes.get(size, 0.0) + totals.allocations[row]
    shrinking = not measures.capture.meta.python.startswith(_INSTANCES_OF_ONE_SIZE_UNTIL)
    return sum(
        _first_ones_too(sizes) if shrinking else max(sizes.values()) for sizes in by_stack.values()
    )


def _first_ones_too(counts: Mapping[int, float]) -> float:
    """How many instances there are among a place's blocks, which are counted by their size class.

    Those of the size that most have, and the first ones: from 3.13 on each of a class's first 30
    instances has room for one attribute fewer than the one before, so that two are of each size.
    """
    usual = max(counts, key=lambda size: counts[size])
    whole = counts[usual]
    for step in (1, -1):
        size = usual + step
        while 0 < counts.get(size, 0.0) <= FIRST_OF_EACH_SIZE:
            whole += counts[size]
            size += step
    return whole
