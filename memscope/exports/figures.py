"""The figures that exports carry: whole numbers that add up to what `memscope summary` says."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Literal, cast

from memscope.analysis.measures import By, Measures
from memscope.analysis.timeline import TimelineSample
from memscope.capture.columns import (
    added,
    first_entries,
    gathered,
    mark_at_least,
    members,
    places_of,
    sums_by,
    typecode_of,
)
from memscope.capture.format import DOMAINS
from memscope.plain import dataclass

Figure = Literal[
    "allocations",
    "frees",
    "reallocations",
    "allocated_bytes",
    "live_blocks",
    "live_bytes",
    "peak_blocks",
    "peak_bytes",
    "short_lived",
]

# How people read a measure, and the unit: bytes or blocks.
TITLES: dict[By, tuple[str, str]] = {
    "allocated_bytes": ("allocated", "bytes"),
    "allocations": ("allocations", "blocks"),
    "peak_bytes": ("live at the peak", "bytes"),
    "live_bytes": ("live at the end", "bytes"),
    "short_lived": ("short-lived", "blocks"),
}


# What is live at a line is part of what it allocated, in captures without objects.
_WITHIN: dict[Figure, Figure] = {
    "live_blocks": "allocations",
    "live_bytes": "allocated_bytes",
    "peak_blocks": "allocations",
    "peak_bytes": "allocated_bytes",
}


def row_figures(measures: Measures, figure: Figure) -> Sequence[int]:
    """One counter of every row of the capture."""
    values = measures.short_lived if figure == "short_lived" else measures.counter(figure)
    if not measures.capture.meta.sampled:
        return cast("Sequence[int]", values)  # whole numbers, a column
    found = whole_numbers(values)
    # Where a line may have objects in blocks that another asked for, nothing is part of anything.
    whole = None if measures.capture.meta.objects else _WITHIN.get(figure)
    return found if whole is None else _limited(list(found), row_figures(measures, whole))


def whole_numbers(values: Sequence[float]) -> Sequence[int]:
    """Estimates rounded, each by less than one, so that they add up to their rounded sum.

    Rounded one by one, ten thousand small ones may miss their sum by thousands.
    """
    if typecode_of(values) != "d" and isinstance(values, (array, bytes)):
        return cast("Sequence[int]", values)  # a column, of whole numbers
    sums = accumulate(values, initial=0)
    return [after - before for before, after in pairwise(map(round, sums))]


def whole_column(values: Sequence[int]) -> Sequence[int]:
    """Whole numbers as a column; as they are if they are one."""
    return array("q", values) if isinstance(values, list) else values


def packed_by(count: int, left: Sequence[int], right: Sequence[int]) -> Sequence[int]:
    """One number for two, of which the second is below a count."""
    products = gathered(array("I", range(0, count * len(DOMAINS), count)), left)
    return cast("Sequence[int]", added(products, right))


def live_by_domain(sample: TimelineSample, domains: Sequence[str]) -> dict[str, int]:
    """How much was live in each domain at one time."""
    live = whole_numbers(sample.domain_bytes)
    return dict(zip(domains, live, strict=False))


def _limited(values: list[int], limits: Sequence[int]) -> list[int]:
    """The values with what exceeds its limit by rounding moved to the nearest that have room."""
    spare = 0
    for places in (range(len(values)), reversed(range(len(values)))):
        for place in places:
            wanted = values[place] + spare
            values[place] = min(wanted, limits[place])
            spare = wanted - values[place]
    return values


@dataclass(frozen=True, slots=True)
class StackFigures:
    """Columns: stacks, in the order in which they first came up, and what each has."""

    stacks: Sequence[int]
    values: Sequence[int]


def stack_figures(measures: Measures, figure: Figure) -> StackFigures:
    """The same per stack, by the node that stands for it in all threads; only positive ones."""
    merged, values = measures.stacks.merged, whole_column(row_figures(measures, figure))
    rows = places_of(values)
    values = gathered(values, rows)
    stacks = gathered(merged, gathered(measures.row_stacks, rows))
    sums = sums_by(stacks, values, len(merged))
    # A cut capture may have lost where blocks were allocated that it saw released.
    positive = bytearray(len(sums))
    mark_at_least(positive, sums, 1)
    first = gathered(stacks, first_entries(stacks, len(sums)))
    found = gathered(first, members(positive, first))
    return StackFigures(found, gathered(sums, found))
