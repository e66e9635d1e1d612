"""The numbers that hotspots and trees are sorted by, per row of the capture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal, get_args

from memscope.analysis.stacks import Stacks
from memscope.capture import Capture
from memscope.capture.columns import (
    added,
    as_type,
    difference,
    flags,
    gathered,
    keep_below,
    narrowed,
    numbered,
    only_where,
    total,
    with_added,
    zeros,
)
from memscope.capture.model import Window

By = Literal["allocated_bytes", "allocations", "peak_bytes", "live_bytes", "short_lived"]
BYS: tuple[By, ...] = get_args(By)
# What lists of places can be sorted by as well.
SiteBy = Literal[By, "created"]
SITE_BYS: tuple[SiteBy, ...] = (*BYS, "created")

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

    @cached_property
    def sites(self) -> Sequence[int]:
        """For each row the node that stands for its line of user code: the first row's with it."""
        shown = gathered(self.stacks.shown, self.row_stacks)
        of_row, first = numbered(gathered(self.stacks.line_keys, shown))
        return gathered(gathered(shown, first), of_row)

    @cached_property
    def parked(self) -> Sequence[int]:
        """For each row, 1 if its blocks lie on free lists of the interpreter."""
        types = self.capture.tables.types
        is_parked = flags(number in self.parked_types for number in range(len(types)))
        return gathered(is_parked, self.capture.tables.rows.type)

    @cached_property
    def parked_types(self) -> frozenset[int]:
        """The types of what lies on free lists of the interpreter, and is nobody's."""
        types = self.capture.tables.types
        return frozenset(number for number, of in enumerate(types) if of.kind == "parked")

    def values(self, by: SiteBy) -> Sequence[float]:
        """The measure of every row."""
        return self.short_lived if by == "short_lived" else self.counter(by)

    def counter(self, name: str) -> Sequence[float]:
        """A column of the totals, or `created`."""
        values: Sequence[float] = (
            self.created if name == "created" else getattr(self.capture.totals, name)
        )
        return values

    def passing(self, name: str) -> Sequence[float]:
        """A column for somebody who needs it once: what the file has of it is not kept decoded."""
        if name == "short_lived":
            return self.short_lived
        return self.created if name == "created" else self.capture.totals.passing(name)

    @property
    def live_bytes(self) -> Sequence[float]:
        return self.capture.totals.live_bytes

    @property
    def live_blocks(self) -> Sequence[float]:
        return self.capture.totals.live_blocks

    @cached_property
    def created(self) -> Sequence[float]:
        """Objects that every row made: in a block that was asked for, or one of a free list.

        Where no types are known, as in captures without objects, none is known to be made.
        """
        types, totals = self.capture.tables.types, self.capture.totals
        if len(types) == 1:
            return totals.reused
        reused = totals.passing("reused")
        asked = difference(totals.passing("allocations"), totals.passing("reallocations"))
        is_object = flags(of.kind == "object" for of in types)
        made = only_where(asked, gathered(is_object, self.capture.tables.rows.type))
        return added(made, reused)

    @cached_property
    def short_lived(self) -> Sequence[float]:
        """Blocks of every row that were released before 1 KiB more had been allocated."""
        if not self.capture.has_lifetimes:
            return bytes(len(self.row_stacks))
        found = zeros("q", len(self.row_stacks) + 1)
        for part in self.capture.lifetime_parts():
            rows = as_type("i", part.row)
            keep_below(rows, part.scale, 1)
            keep_below(rows, part.bucket, SHORT_LIVED_BUCKETS)
            found = with_added(found, rows, part.count)
        return narrowed(found)[1:]

    def each_window(self) -> Iterable[Window]:
        """What changed in each stretch of time, read anew each time: it is longer than the rows."""
        return self.capture.windows()

    def whole(self, by: SiteBy) -> float:
        """All rows together; the recorder's own sum where rows are missing from a damaged file."""
        known = total(self.values(by))
        if by in ("short_lived", "created"):
            return known
        told: float = getattr(self.capture.sums.total, by)
        return max(known, told)
