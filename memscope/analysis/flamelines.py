"""What lines come to, summed up before calls are left out of a flame: for its list of hotspots.

A large tree holds only what can be seen of it. A line that many small calls run is large all the
same, and no call that is left may be of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from memscope.analysis.flamerows import FlameRows, Kinds, rows_of
from memscope.analysis.measures import BYS, Measures
from memscope.capture.columns import (
    chosen,
    counted,
    gathered,
    mark_at_least,
    members,
    nearest,
    numbered,
    only_where,
    scatter,
    sums_by,
    total,
    zeros,
)
from memscope.plain import dataclass

# Lines below this share of the whole, by every measure, are one. Of half a million rows with 29,000
# lines some 3,000 are left, which together are more than 99 % of each measure.
SMALL_LINE_SHARE = 1 / 100_000


@dataclass(frozen=True, slots=True)
class FlameLines:
    """The lines, and rows whose `node` is a place among them.

    `function` is a place among the flame's functions, -1 where no Python frame ran. A line that
    runs both while modules are imported and otherwise stands twice. Two places beyond the last line
    stand for `small_count` small lines: those that run otherwise, then those of imports.
    """

    function: Sequence[int]
    line: Sequence[int]
    importing: Sequence[int]
    small_count: int
    rows: FlameRows


@dataclass(frozen=True, slots=True)
class Tree:
    """The calls of a flame before any is left out: `function` is a number plus one, 0 of none."""

    parent: Sequence[int]
    function: Sequence[int]
    line: Sequence[int]
    of_rows: Sequence[Sequence[int]]  # of each capture


def lines_of(
    tree: Tree,
    is_import: bytes,
    sides: tuple[Measures, ...],
    kinds: Kinds,
    types_count: int,
) -> FlameLines:
    """The lines of a tree; `is_import` says which functions are of the import machinery."""
    count = len(tree.parent)
    within = nearest(tree.parent, gathered(is_import, tree.function))
    importing = chosen(within, b"\1" * count, bytes(count))
    line_of, first = numbered(tree.function, tree.line, importing)
    of_rows = [gathered(line_of, of_row) for of_row in tree.of_rows]
    ran = _ran(of_rows, len(first))
    large = _large(of_rows, sides, len(first))
    kept, small = members(b"\0\1", large), members(b"\0\1", only_where(ran, _not(large)))
    places = zeros("I", len(first))
    scatter(places, kept, counted(len(kept)))
    # By whether it runs while modules are imported.
    together = gathered(array("I", [len(kept), len(kept) + 1]), gathered(importing, first))
    places = chosen(large, places, together)
    rows, _ = rows_of(sides, [gathered(places, of) for of in of_rows], kinds, types_count)
    told = gathered(first, kept)
    return FlameLines(
        [function - 1 for function in gathered(tree.function, told)],
        gathered(tree.line, told),
        [*gathered(importing, told), 0, 1],
        _lines_count(tree, gathered(first, small)),
        rows,
    )


def _large(of_rows: Sequence[Sequence[int]], sides: tuple[Measures, ...], count: int) -> bytearray:
    """A flag for each line that weighs a share of the whole by any measure, in any capture."""
    large = bytearray(count)
    for of_row, side in zip(of_rows, sides, strict=True):
        for by in BYS:
            sums = sums_by(of_row, side.values(by), count)
            if (whole := total(sums)) > 0:
                mark_at_least(large, sums, whole * SMALL_LINE_SHARE)
    return large


def _ran(of_rows: Sequence[Sequence[int]], count: int) -> bytearray:
    """A flag for each line that has rows."""
    ran = bytearray(count)
    for of_row in of_rows:
        mark_at_least(ran, sums_by(of_row, b"\1" * len(of_row), count), 1)
    return ran


def _not(flags: bytearray) -> Sequence[int]:
    return chosen(flags, bytes(len(flags)), b"\1" * len(flags))


def _lines_count(tree: Tree, calls: Sequence[int]) -> int:
    """How many lines these calls run."""
    return len(numbered(gathered(tree.function, calls), gathered(tree.line, calls))[1])
