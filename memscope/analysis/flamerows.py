"""The rows of a flame: what its calls weigh, told apart by what the page can filter by."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Literal, get_args

from memscope.analysis.measures import BYS, By, Measures
from memscope.capture.columns import (
    chosen,
    counted,
    gathered,
    joined,
    members,
    nearest,
    numbered,
    scatter,
    sums_by,
    zeros,
)
from memscope.plain import dataclass

Made = Literal["created", "reused"]
MADE: tuple[Made, ...] = get_args(Made)


@dataclass(frozen=True, slots=True)
class FlameRows:
    """What the calls weigh; `thread` is the place in the capture's list of threads, plus one.

    `measures` are aligned with the rows, in order of their call. Where two captures are compared
    there is one of these for each, over the same tree, rows of the same place being the same.
    `type` is a place in the flame's types; `made` is empty where there are none.
    """

    node: Sequence[int]
    domain: Sequence[int]
    size_class: Sequence[int]
    thread: Sequence[int]
    type: Sequence[int]
    measures: tuple[dict[By, Sequence[float]], ...]
    made: tuple[dict[Made, Sequence[float]], ...]


@dataclass(frozen=True, slots=True)
class Kinds:
    """What rows of a call are told apart by: for each row of all captures, one after another.

    `of_row` is the number of its kind; the others have what that is: a type's place in the flame's
    types, a domain, a size class and a thread.
    """

    of_row: Sequence[int]
    type: Sequence[int]
    domain: Sequence[int]
    size_class: Sequence[int]
    thread: Sequence[int]


def kinds_of(sides: tuple[Measures, ...], of_type: list[dict[int, int]]) -> Kinds:
    """The kinds of the captures' rows; `of_type` has the place of each capture's types."""
    types, threads = [], []
    for side, places_of in zip(sides, of_type, strict=True):
        table_of_types = zeros("I", max(places_of) + 1)
        for number, place in places_of.items():
            table_of_types[number] = place
        types.append(gathered(table_of_types, side.capture.tables.rows.type))
        # Threads of two captures have nothing in common but that there are some.
        threads.append(_threads(side) if len(sides) == 1 else bytes(len(types[-1])))
    tables = [side.capture.tables.rows for side in sides]
    domain = joined([table.domain for table in tables])
    size = joined([table.size_class for table in tables])
    type_place, thread = joined(types), joined(threads)
    sized = numbered(domain, size, thread)[0]
    of_row, first = numbered(type_place, sized)
    return Kinds(
        of_row, *(gathered(column, first) for column in (type_place, domain, size, thread))
    )


def rows_of(
    sides: tuple[Measures, ...], calls: list[array[int]], kinds: Kinds, types_count: int
) -> tuple[FlameRows, tuple[Sequence[int], ...]]:
    # In the order of call, type, domain, size class and thread.
    call = joined(calls)
    groups, first = numbered(call, kinds.of_row)
    kind = gathered(kinds.of_row, first)
    columns = (kinds.type, kinds.domain, kinds.size_class, kinds.thread)
    keys = list(
        zip(gathered(call, first), *(gathered(column, kind) for column in columns), strict=True)
    )
    order = array("I", sorted(range(len(keys)), key=keys.__getitem__))
    place_of = zeros("I", len(keys))
    scatter(place_of, order, counted(len(order)))
    places, begin = [], 0
    for of_row in calls:
        places.append(gathered(place_of, groups[begin : begin + len(of_row)]))
        begin += len(of_row)
    made: tuple[Made, ...] = MADE if types_count > 1 else ()
    pairs = tuple(zip(sides, places, strict=True))
    of_call, of_types, of_domain, of_size, of_thread = (
        zip(*(keys[group] for group in order), strict=True) if keys else ((),) * 5
    )
    count = len(keys)
    rows_of_both = FlameRows(
        of_call,
        of_domain,
        of_size,
        of_thread,
        of_types,
        tuple({by: sums_by(at, side.values(by), count) for by in BYS} for side, at in pairs),
        tuple(
            {name: sums_by(at, side.counter(name), count) for name in made} for side, at in pairs
        ),
    )
    return rows_of_both, tuple(places)


def _threads(measures: Measures) -> array[int]:
    """For each row the thread that the root of its stack names; 0 where it is not known."""
    tables = measures.stacks.tables
    nodes, count = tables.nodes, len(tables.threads)
    is_root = chosen(nodes.code, bytes(len(nodes.code)), b"\1" * len(nodes.code))
    thread = zeros("I", len(nodes.parent))
    for root in members(b"\1", nodes.code):
        if nodes.line[root] <= count:
            thread[root] = nodes.line[root]
    return gathered(gathered(thread, nearest(nodes.parent, is_root)), measures.row_stacks)
