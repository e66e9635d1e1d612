"""What a capture tallied for rows: their sums, their sizes, and how long their blocks lived."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache, cached_property

from memscope.capture import Capture
from memscope.capture.columns import (
    entries_by_value,
    flags,
    gathered,
    heaviest_of,
    inverted,
    members,
    narrowed,
    numbered,
    only_where,
    scatter,
    sums_by,
    total,
    typecode_of,
    with_added,
    zeros,
)
from memscope.capture.format import (
    DOMAINS,
    IS_POOLED,
    LARGEST_SIZE_CLASS,
    LIFETIME_BYTE_BUCKETS,
    PYMALLOC_CLASSES,
    size_range,
)
from memscope.plain import dataclass

OBJ_DOMAIN = DOMAINS.index("obj")


@dataclass(frozen=True, slots=True)
class Blocks:
    """Sums over rows; `max_live_low` and `_high` enclose how many lived at once."""

    rows: Sequence[int]
    allocations: float
    allocated_bytes: float
    released: float
    live_blocks: float
    live_bytes: float
    peak_blocks: float
    peak_bytes: float
    max_live_low: float
    max_live_high: float
    reallocations: float
    moved: float
    copied_bytes: float
    foreign_frees: float

    @property
    def mean_bytes(self) -> float:
        return self.allocated_bytes / self.allocations if self.allocations else 0.0


_SUMMED = tuple(
    field.name
    for field in fields(Blocks)
    if field.name not in ("rows", "max_live_low", "max_live_high")
)


def as_rows(rows: Iterable[int]) -> array[int]:
    """Rows as a column; as they are if they are one."""
    is_column = isinstance(rows, array) and rows.typecode == "I"
    return rows if is_column else array("I", rows)  # type: ignore[return-value]


@cache
def _are_large(least_bytes: float) -> bytes:
    """Which size classes are of at least this many bytes."""
    return flags(
        size_range(number).from_bytes >= least_bytes for number in range(LARGEST_SIZE_CLASS + 1)
    )


class RowSums:
    """The rows of a capture."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._released: dict[tuple[int, int], Sequence[float]] = {}

    def blocks(self, rows: Iterable[int]) -> Blocks:
        """What these rows add up to."""
        rows = as_rows(rows)
        totals = self._capture.totals
        sums = {name: total(gathered(getattr(totals, name), rows)) for name in _SUMMED}
        shapes = gathered(self._shapes[0], rows)
        most = gathered(self._shapes[1], gathered(shapes, numbered(shapes)[1]))
        low, high = max(most, default=0), total(most)
        return Blocks(rows=rows, **sums, max_live_low=low, max_live_high=high)

    def alive_together(self, rows: Iterable[int]) -> float:
        """How many blocks of these rows lived at once, at most."""
        return self.blocks(rows).max_live_high

    def by_shape(self, rows: Iterable[int]) -> list[Blocks]:
        """The same for each stack, domain and size alone: a block may pass from row to row."""
        rows = as_rows(rows)
        places = entries_by_value(gathered(self._shapes[0], rows))
        return [self.blocks(gathered(rows, of_shape)) for _, of_shape in places]

    @cached_property
    def _shapes(self) -> tuple[Sequence[int], Sequence[float]]:
        """For each row the number of its stack, domain and size; how many of each lived at once.

        What a block is, is known when it dies or at the end. It then passes to the row of its type,
        and was counted in another one until then: the row that counted most is right.
        """
        table, most = self._capture.tables.rows, self._capture.totals.max_live_blocks
        shapes, first = numbered(table.stack, table.domain, table.size_class)
        return shapes, gathered(most, heaviest_of(shapes, most, len(first)))

    def sums_by(self, groups: Sequence[int], count: int) -> list[dict[str, float]]:
        """The figures of `Blocks` for each of `count` groups of rows, none of them empty."""
        totals = self._capture.totals
        columns = {name: sums_by(groups, totals.passing(name), count) for name in _SUMMED}
        shapes, most = self._shapes
        alone = zeros(typecode_of(most), len(shapes))
        _, first = numbered(shapes)
        scatter(alone, first, gathered(most, gathered(shapes, first)))
        columns["max_live_low"] = gathered(alone, heaviest_of(groups, alone, count))
        columns["max_live_high"] = sums_by(groups, alone, count)
        return [{name: column[group] for name, column in columns.items()} for group in range(count)]

    def large(self, rows: Iterable[int], least_bytes: float) -> Sequence[int]:
        """Of these rows those whose requests have at least this many bytes."""
        rows = as_rows(rows)
        classes = gathered(self._capture.tables.rows.size_class, rows)
        return gathered(rows, members(_are_large(least_bytes), classes))

    def small(self, rows: Iterable[int]) -> Sequence[int]:
        """Of these rows those that pymalloc serves."""
        table, rows = self._capture.tables.rows, as_rows(rows)
        pooled = gathered(flags(IS_POOLED), gathered(table.domain, rows))
        classes = only_where(gathered(table.size_class, rows), pooled)
        is_small = b"\0" + b"\1" * PYMALLOC_CLASSES
        return gathered(rows, members(is_small, classes))

    def sizes(self, rows: Iterable[int]) -> dict[int, Sequence[int]]:
        """Rows by size class."""
        rows = as_rows(rows)
        classes = gathered(self._capture.tables.rows.size_class, rows)
        return {size: gathered(rows, places) for size, places in entries_by_value(classes)}

    def released_after(self, first: int, until: int) -> Sequence[float]:
        """For each row how many blocks were released in these buckets of bytes meanwhile."""
        if (first, until) not in self._released:
            self._released[first, until] = self._find_released(first, until)
        return self._released[first, until]

    def _find_released(self, first: int, until: int) -> Sequence[float]:
        wanted = flags(first <= bucket < until for bucket in range(LIFETIME_BYTE_BUCKETS))
        found = zeros("q", len(self._capture.tables.rows.stack) + 1)
        for part in self._capture.lifetime_parts():
            in_bytes = inverted(part.scale)
            chosen = gathered(wanted, only_where(part.bucket, in_bytes))
            counts = only_where(only_where(part.count, in_bytes), chosen)
            found = with_added(found, part.row, counts)
        return narrowed(found)[1:]
