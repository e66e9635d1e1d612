"""Tables of containers: which lines had one grow, and which make one anew for each thing."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Mapping, Sequence

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.policy import Leak
from memscope.advice.program.containers import stored_in
from memscope.capture.columns import chosen, flags, gathered, mark_at_least, members
from memscope.capture.format import LARGEST_SIZE_CLASS, SAMPLED_UNIT, size_class, size_range
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

POINTER_BYTES = 8  # the least that an entry takes of a table
_DEQUE_CLASS = size_class(528)

Place = tuple[str, int]


def place_of(frame: CodeFrame) -> Place:
    """A file and a line of it."""
    return frame.file, frame.line


@dataclass(frozen=True, slots=True)
class GrownTables:
    """What a line stores in, and grew there: its own table, and how many such tables there are."""

    largest_bytes: float = 0.0
    count: float = 0.0
    all_bytes: float = 0.0
    kept_bytes: float = 0.0  # of them, those that are live at the end


@dataclass(frozen=True, slots=True)
class SharedStore:
    """A line that stores what several lines of user code have it store."""

    line: UserLine
    callers: frozenset[Place]
    of_largest: frozenset[Place]  # those that had the largest table made


class StoreTables:
    """The tables that grew, by the line that stores in them, and by the lines that call it."""

    def __init__(self, context: Context) -> None:
        self.shared: list[SharedStore] = []
        by_line: dict[Place, GrownTables] = {}
        by_caller: dict[Place, GrownTables] = {}
        for line in context.lines:
            sizes = _table_sizes(context, line)
            largest = max(sizes.values(), default=0.0)
            if largest < Leak.least_table_bytes:
                continue
            count, kept = _count(context, sizes), _kept_bytes(context, sizes)
            grown = GrownTables(largest, count, sum(sizes.values()), kept)
            by_line[place_of(line.frame)] = grown
            callers = _callers(context, line.rows)
            if len(callers) > 1:
                by_caller.update(dict.fromkeys(callers, grown))
                of_largest = [row for row, size in sizes.items() if size == largest]
                self.shared.append(SharedStore(line, callers, _callers(context, of_largest)))
        self._by_place: Mapping[Place, GrownTables] = by_line | by_caller

    def at(self, frame: CodeFrame) -> GrownTables | None:
        """The tables that grew where a frame stores; None if none did."""
        return self._by_place.get(place_of(frame))

    def count_at(self, frame: CodeFrame) -> float:
        """How many tables there are where a frame stores."""
        return self._by_place.get(place_of(frame), GrownTables()).count

    def largest_at(self, frame: CodeFrame) -> float:
        """The bytes of the largest table where a frame stores."""
        return self._by_place.get(place_of(frame), GrownTables()).largest_bytes


def _table_sizes(context: Context, line: UserLine) -> dict[int, float]:
    """The rows of a line's tables, and their bytes; none of a line that does not store."""
    tables = context.once("rows of tables", lambda: _is_table(context))
    rows = gathered(line.rows, members(b"\0\1", gathered(tables, line.rows)))
    sizes = {row: _table_bytes(context, row) for row in rows}
    if max(sizes.values(), default=0.0) < Leak.least_table_bytes:
        return {}
    statement = context.statement(line.frame)
    if statement is None or stored_in(statement) is None:
        return {}
    return sizes


def _table_bytes(context: Context, row: int) -> float:
    """What a row's tables have, of those that passed to the line that made their container, too."""
    live, totals = context.measures.live_bytes, context.capture.totals
    return max(live[row], totals.peak_bytes[row]) + totals.handed_over_bytes[row]


def _is_table(context: Context) -> Sequence[int]:
    """For each row, 1 if it is a list's array, a dictionary's or set's table, a deque's blocks."""
    totals, classes = context.capture.totals, context.capture.tables.rows.size_class
    of_class = range(LARGEST_SIZE_CLASS + 1)
    is_large = flags(size_range(number).to_bytes >= Leak.least_table_bytes for number in of_class)
    is_deque = flags(number == _DEQUE_CLASS for number in of_class)
    many, found = bytearray(len(classes)), bytearray(gathered(is_deque, classes))
    mark_at_least(many, totals.max_live_blocks, Leak.many_live)
    mark_at_least(found, totals.reallocations, 1 / SAMPLED_UNIT)
    mark_at_least(found, chosen(many, bytes(len(many)), gathered(is_large, classes)), 1)
    return found


def _kept_bytes(context: Context, rows: Iterable[int]) -> float:
    live, passed = context.measures.live_bytes, context.capture.totals.handed_over_bytes
    return sum(live[row] + passed[row] for row in rows)


def _count(context: Context, rows: Iterable[int]) -> float:
    """How many blocks of these rows were live at the end, or at the peak where that is more."""
    rows = list(rows)
    totals = context.capture.totals
    columns = context.measures.live_blocks, totals.peak_blocks
    passed = sum(totals.handed_over[row] for row in rows)
    return max(sum(column[row] for row in rows) for column in columns) + passed


def _callers(context: Context, rows: Iterable[int]) -> frozenset[Place]:
    """The own lines that call the line of these rows, themselves and not through a library."""
    stacks, nodes = context.measures.stacks, context.measures.row_stacks
    parents, own = stacks.tables.nodes.parent, stacks.own
    # There may be tens of thousands of rows: frames are made of the few different nodes only.
    owns = gathered(own, gathered(nodes, array("I", rows)))
    callers = set(gathered(parents, owns))
    return frozenset(place_of(stacks.frame(node)) for node in callers if own[node] == node != 0)


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A container that a line makes anew for each thing that comes to it."""

    frame: CodeFrame
    most: float  # how many it can hold
    times: float  # how often it was made


def copied_tables(context: Context) -> list[CopiedTable]:
    """The containers that lines make anew, larger each time."""
    totals, classes = context.capture.totals, context.capture.tables.rows.size_class
    found = []
    for line in context.lines:
        if max(line.blocks.peak_bytes, line.blocks.live_bytes) < Leak.least_copied_bytes:
            continue
        large = context.rows.large(line.rows, Leak.least_table_bytes)
        tables = [row for row in large if totals.max_live_blocks[row] < Leak.many_live]
        if len({classes[row] for row in tables}) < Leak.least_classes:
            continue  # of much the same size each time
        largest = max(
            totals.peak_bytes[row] / totals.peak_blocks[row] if totals.peak_blocks[row] else 0.0
            for row in tables
        )
        times = sum(totals.allocations[row] - totals.reallocations[row] for row in tables)
        found.append(CopiedTable(line.frame, largest / POINTER_BYTES, times))
    return found


def why_in_a_copy(count: float, copied: Sequence[CopiedTable]) -> str:
    """Where so many blocks can be in a container that is copied for each; "" if nowhere.

    It is the kind about growing by copies that tells of it.
    """
    for table in copied:
        # An item may have several blocks, and an entry more than one pointer.
        if table.times >= Leak.least_copied_share * table.most and (
            count / Leak.same_table_ratio <= table.most <= Leak.same_table_ratio * count
        ):
            place = f"{os.path.basename(table.frame.file)}:{table.frame.line}"
            return f"it is as many as {place} has in a container that it copies for each"
    return ""
