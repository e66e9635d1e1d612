"""What blocks are: objects by class, and the memory that only such objects hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from heapq import nlargest
from typing import Literal, get_args

from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin
from memscope.capture.columns import gathered, numbered, sums_by
from memscope.capture.model import BlockType, CodeFrame
from memscope.plain import dataclass

TypesBy = Literal[
    "live_bytes", "live_blocks", "peak_bytes", "allocated_bytes", "allocations", "created", "reused"
]
TYPES_BYS: tuple[TypesBy, ...] = get_args(TypesBy)

_OF = {"items": "items of", "keys": "keys of", "other": "memory of"}


def type_name(of: BlockType) -> str:
    """As people say it: `dict`, `shop.models.Order`, `keys of dict`."""
    if not of.kind:
        return "no object, or not known"
    if of.kind == "parked":
        return "kept by the interpreter for reuse"
    name = of.name if of.module in ("", "builtins") else f"{of.module}.{of.name}"
    return f"{_OF[of.kind]} {name}" if of.kind in _OF else name


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """What the blocks of one type come to; with `line`, those of one line.

    `allocations` and `allocated_bytes` are requests. `created` counts objects, whether a request or
    a free list gave the block: of these, `reused` came from a free list. Live and peak figures are
    of the objects of the line that made them. `share` is of the whole by the measure.
    """

    type: BlockType
    line: CodeFrame | None
    origin: Origin
    live_blocks: int
    live_bytes: int
    peak_blocks: int
    peak_bytes: int
    allocations: int
    allocated_bytes: int
    created: int
    reused: int
    uncertain_bytes: int
    uncertain_peak_bytes: int
    share: float


@dataclass(frozen=True, slots=True)
class Types:
    """The heaviest types first; `parked` is what lies on free lists and belongs to nobody."""

    by: TypesBy
    by_line: bool
    total: float
    rows: tuple[TypeFigures, ...]
    groups_count: int
    parked: TypeFigures | None


_SUMS = (
    "live_blocks",
    "live_bytes",
    "peak_blocks",
    "peak_bytes",
    "allocations",
    "allocated_bytes",
    "created",
    "reused",
    "uncertain_bytes",
    "uncertain_peak_bytes",
)


def find_types(
    measures: Measures,
    *,
    by: TypesBy = "live_bytes",
    by_line: bool = False,
    limit: int = 20,
    pattern: re.Pattern[str] | None = None,
) -> Types:
    """The `limit` heaviest types, or pairs of type and line (0: all).

    `pattern` is searched for in the type's name. Two classes of one name are two types.
    """
    types = measures.capture.tables.types
    sums = _sums_by_group(measures, by_line=by_line)
    place = _SUMS.index(by)
    parked = [sums.pop(group) for group in list(sums) if group[0] in measures.parked_types]
    chosen = [
        group for group in sums if pattern is None or pattern.search(type_name(types[group[0]]))
    ]
    total = sum(values[place] for values in sums.values())
    shown = nlargest(limit or len(chosen), chosen, key=lambda group: (sums[group][place], group))
    return Types(
        by=by,
        by_line=by_line,
        total=total,
        rows=tuple(
            _figures(measures, group, sums[group], by_line, place, total)
            for group in shown
            if not limit or sums[group][place]
        ),
        groups_count=len(chosen),
        parked=_together(measures, parked),
    )


_Group = tuple[int, int]  # type id, a node that stands for the line (0: any)


def _sums_by_group(measures: Measures, *, by_line: bool) -> dict[_Group, list[float]]:
    row_types, nodes = measures.capture.tables.rows.type, measures.row_stacks
    lines: Sequence[int] = bytes(len(nodes))
    shown: Sequence[int] = b"\0"
    if by_line:
        lines, first_of_line = numbered(gathered(measures.stacks.line_keys, nodes))
        shown = gathered(nodes, first_of_line)
    of_row, first = numbered(row_types, lines)
    columns = [sums_by(of_row, measures.passing(name), len(first)) for name in _SUMS]
    return {
        (row_types[row], shown[lines[row]]): [column[group] for column in columns]
        for group, row in enumerate(first)
    }


def _figures(
    measures: Measures,
    group: _Group,
    values: Sequence[float],
    by_line: bool,
    place: int,
    total: float,
) -> TypeFigures:
    of, node = group
    stacks = measures.stacks
    told = dict(zip(_SUMS, map(round, values), strict=True))
    return TypeFigures(
        type=measures.capture.tables.types[of],
        line=stacks.frame(node) if by_line else None,
        origin=stacks.origin(node) if by_line else Origin.LIBRARY,
        share=values[place] / total if total > 0 else 0.0,
        **told,
    )


def _together(measures: Measures, parked: Sequence[Sequence[float]]) -> TypeFigures | None:
    if not parked:
        return None
    values = [sum(column) for column in zip(*parked, strict=True)]
    return _figures(measures, (min(measures.parked_types), 0), values, False, 0, 0)
