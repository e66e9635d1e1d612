"""Lines whose blocks stay: containers that outlive their functions and only grow.

A load that ends is no leak, nor is what a running function collects in a local name. A leak grows
as fast in the second half of the run as in the first, to the end, and what holds it is a module's,
a class's, an instance's or a decorator's.
"""

from __future__ import annotations

import ast
import math
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from memscope.advice.evidence import Case, Line
from memscope.advice.holders import (
    KEPT_BY_LIBRARY,
    Holder,
    describe,
    holder_of,
    remembers,
    stored_in,
)
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.pools import is_pool_frame
from memscope.advice.trends import LEAST_WINDOWS, Growth, growth_of
from memscope.capture.format import size_class, size_range
from memscope.capture.model import CodeFrame

KIND = "leak"

SURE_STEPS = 6
LATER_SHARE = 0.15  # of the time: what is read for so long after it grew was loaded
SILENT_SHARE = 0.01  # of the events: what is done after all of it was made is no use of it
MANY_TABLES = 16
LEAST_GROWN_BYTES = 256 << 10
LEAST_GROWN_SHARE = 0.05
LEAST_CONTAINER_BYTES = 4096
LEAST_TABLE_BYTES = 512
POINTER_BYTES = 8  # the least that an entry takes of a table
PART_SHARE = 0.05  # of a line's bytes: less is no part of each thing that it makes
LEAST_CLASSES = 6  # of sizes that what is copied each time and grows has had
_DEQUE_CLASS = size_class(528)

_Member = tuple[Line, Growth, Holder]


def find(case: Case) -> Findings:
    """Places where memory is kept for good."""
    windows = case.windows
    if len(windows) < LEAST_WINDOWS:
        why = f"the run has only {len(windows)} windows: too short to tell growth from loading"
        return Findings(rejected=(Rejected(KIND, None, why),))
    # Against events and not time: a machine that stands still for a moment does not change them.
    progress = [window.last_event for window in windows]
    containers, called = _containers(case)
    growing: dict[tuple[str, int], list[_Member]] = {}
    rejected: list[Rejected] = []
    least = min(
        max(LEAST_GROWN_BYTES, LEAST_GROWN_SHARE * case.whole.peak_bytes), case.least_peak_bytes
    )
    for line in case.lines:
        changes = case.changes(line)
        most = max((change.live_bytes for change in changes), default=0.0)
        if most < LEAST_CONTAINER_BYTES:
            continue
        growth = growth_of(case.live_over_time(line), progress)
        if growth is None or not growth.steady:
            if growth is not None and growth.grown_bytes >= least and not growth.dropped:
                weight = min(growth.grown_bytes / case.whole.peak_bytes, 1.0) * 0.4
                rejected.append(
                    Rejected(KIND, line.frame, "it grows for a while and then stops", weight)
                )
            continue
        holder = holder_of(case, line)
        if is_pool_frame(case, holder.frame):
            # What a pool keeps is the business of the kinds about pools.
            continue
        container = containers.get(_place(holder.frame))
        if holder.has_table and (container is None or _has_let_go(case, line, holder, container)):
            # It stores, but what it stores in does not grow: the blocks are held elsewhere.
            holder = holder.otherwise or Holder(line.frame, None, "", "", False, False)
        growing.setdefault(_place(holder.frame), []).append((line, growth, holder))
    _merge_callers(case, growing, called)
    _add_containers(case, containers, growing)
    advice: list[Advice] = []
    known, unknown = _with_owners(growing, containers)
    remade = [] if known else _remade(case)
    for members in known or unknown:
        if not known and (why := _in_a_copy(case, members, remade)):
            rejected.append(Rejected(KIND, members[0][2].frame, why))
            continue
        grown = sum(growth.grown_bytes for _, growth, _ in members)
        if grown >= least:
            found = _judge(case, members, grown)
            if isinstance(found, Advice):
                advice.append(found)
            else:
                rejected.append(found)
    for members in growing.values():
        grown = sum(growth.grown_bytes for _, growth, _ in members)
        if members[0][2].scope and not members[0][2].lasting and grown >= least:
            found = _judge(case, members, grown)
            assert isinstance(found, Rejected)
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _has_let_go(case: Case, line: Line, holder: Holder, container: _Container) -> bool:
    """Whether the program takes out again what it stores: more is live than its table can hold."""
    if not holder.removes:
        return False
    stores = [line, *(item for item in case.lines if _place(item.frame) == _place(holder.frame))]
    entries = max(_entries(case, item, holder) for item in stores)
    return entries > container.all_tables_bytes / POINTER_BYTES


def _entries(case: Case, line: Line, holder: Holder) -> float:
    """How many of a line's blocks are live for one that it stores each time, at least.

    Of a list that it stores there is one, of its items many: the fewest count.
    """
    if line.frame.function != holder.frame.function or line.frame.file != holder.frame.file:
        return 0.0
    measures, totals = case.measures, case.capture.totals
    # Its holder may be gone at the end.
    ended = measures.live_bytes, measures.live_blocks
    bytes_of, blocks_of = max(
        ended,
        (totals.peak_bytes, totals.peak_blocks),
        key=lambda columns: sum(columns[0][row] for row in line.rows),
    )
    sizes: dict[int, list[float]] = {}
    for row in line.rows:
        made = sizes.setdefault(case.capture.tables.rows.size_class[row], [0.0, 0.0])
        made[0] += bytes_of[row]
        made[1] += blocks_of[row]
    least = PART_SHARE * sum(size for size, _ in sizes.values())
    return min((count for size, count in sizes.values() if size >= least), default=0.0)


def _with_owners(
    growing: dict[tuple[str, int], list[_Member]], containers: dict[tuple[str, int], _Container]
) -> tuple[list[list[_Member]], list[list[_Member]]]:
    """Those that something lasting holds, with what hangs on it; and those that nobody knows of."""
    known = [members for members in growing.values() if members[0][2].lasting]
    unknown = [members for members in growing.values() if not members[0][2].scope]
    stores = [members for members in growing.values() if members[0][2].scope]
    owners = [
        members
        for members in known
        if members[0][2].scope != "argument"
        and containers.get(_place(members[0][2].frame), _NONE).tables < MANY_TABLES
    ]
    if owners:
        # A caller's list is in turn held by something, as are lists of which there are many.
        passed = [members for members in known if members not in owners]
        unknown += passed
        known = [members for members in known if members not in passed]
    if stores and unknown:
        # What grows without a store in sight is held by what is seen to store: the container whose
        # own table is the largest.
        heaviest = max(
            owners or stores,
            key=lambda group: containers.get(_place(group[0][2].frame), _NONE).table_bytes,
        )
        for members in unknown:
            if members is not heaviest:
                heaviest.extend(members)
        unknown = []
    return known, unknown


class _Remade(NamedTuple):
    """A container that a line makes anew for each thing that comes to it."""

    frame: CodeFrame
    most: float  # how many it can hold
    times: float  # how often it was made


def _remade(case: Case) -> list[_Remade]:
    totals, classes = case.capture.totals, case.capture.tables.rows.size_class
    found = []
    for line in case.lines:
        if max(line.blocks.peak_bytes, line.blocks.live_bytes) < LEAST_CONTAINER_BYTES:
            continue
        tables = [row for row in case.large(line.rows, 512) if totals.max_live_blocks[row] < 9]
        if len({classes[row] for row in tables}) < LEAST_CLASSES:
            continue  # of much the same size each time
        largest = max(
            totals.peak_bytes[row] / totals.peak_blocks[row] if totals.peak_blocks[row] else 0.0
            for row in tables
        )
        times = sum(totals.allocations[row] - totals.reallocations[row] for row in tables)
        found.append(_Remade(line.frame, largest / POINTER_BYTES, times))
    return found


def _in_a_copy(case: Case, members: list[_Member], remade: list[_Remade]) -> str:
    """Where what grows can be in a container that is copied for each: grow-copy tells of that."""
    blocks = case.measures.live_blocks
    count = max(blocks[row] for line, _, _ in members for row in line.rows)
    for copy in remade:
        # An item may have several blocks, and an entry more than one pointer.
        if copy.times >= 0.5 * copy.most and count / 4 <= copy.most <= 4 * count:
            place = f"{os.path.basename(copy.frame.file)}:{copy.frame.line}"
            return f"it is as many as {place} has in a container that it copies for each"
    return ""


def _place(frame: CodeFrame) -> tuple[str, int]:
    return frame.file, frame.line


class _Container(NamedTuple):
    """What a line stores in, and grew there: its own table, and how many such tables there are."""

    table_bytes: float  # of the largest
    tables: float
    all_tables_bytes: float


_NONE = _Container(0.0, 0.0, 0.0)


class _Calls(NamedTuple):
    """A line that stores what several lines of own code have it store."""

    line: Line
    callers: set[tuple[str, int]]
    of_largest: set[tuple[str, int]]  # those that had the largest table made


def _containers(case: Case) -> tuple[dict[tuple[str, int], _Container], list[_Calls]]:
    """Lines that store in a container which grew there; and who calls them, where several do."""
    totals, rows = case.capture.totals, case.capture.tables.rows
    live = case.measures.live_bytes
    found: dict[tuple[str, int], _Container] = {}
    called: dict[tuple[str, int], _Container] = {}
    calls: list[_Calls] = []
    for line in case.lines:
        if max(line.blocks.peak_bytes, line.blocks.live_bytes) < LEAST_TABLE_BYTES:
            continue
        statement = case.statement(line.frame)
        if statement is None or stored_in(statement) is None:
            continue
        # A list's array, a dictionary's or set's table, the blocks of a deque.
        tables = [
            row
            for row in line.rows
            if totals.reallocations[row]
            or (
                size_range(rows.size_class[row]).to_bytes >= 512 and totals.max_live_blocks[row] < 9
            )
            or rows.size_class[row] == _DEQUE_CLASS
        ]
        sizes = {row: max(live[row], totals.peak_bytes[row]) for row in tables}
        size = max(sizes.values(), default=0.0)
        if size >= LEAST_TABLE_BYTES:
            blocks = case.measures.live_blocks
            count = max(
                sum(column[row] for row in tables) for column in (blocks, totals.peak_blocks)
            )
            grown = _Container(size, count, sum(sizes.values()))
            found[_place(line.frame)] = grown
            callers = _callers(case, line.rows)
            if len(callers) > 1:
                called.update(dict.fromkeys(callers, grown))
                largest = [row for row in tables if sizes[row] == size]
                calls.append(_Calls(line, callers, _callers(case, largest)))
    return found | called, calls


def _merge_callers(
    case: Case, growing: dict[tuple[str, int], list[_Member]], called: list[_Calls]
) -> None:
    """Of several lines that call one method to store, the one that alone leaks, or the method's."""
    for stores, callers, of_largest in called:
        place = _place(stores.frame)
        leaking = [caller for caller in callers if caller in growing and caller != place]
        if len(leaking) == 1 and leaking[0] in of_largest:
            members = growing[leaking[0]]
            line, growth, known = members[0]
            if not known.scope:
                # The caller does not say what holds it: the method does.
                holder = holder_of(case, stores)
                members[0] = line, growth, replace(holder, frame=known.frame)
            members.extend(growing.pop(place, []))
        elif place in growing:
            for caller in leaking:
                growing[place].extend(growing.pop(caller))


def _callers(case: Case, rows: Iterable[int]) -> set[tuple[str, int]]:
    """The own lines that call the line of these rows."""
    stacks, nodes = case.measures.stacks, case.measures.row_stacks
    parents, own = stacks.tables.nodes.parent, stacks.own
    # There may be tens of thousands of rows: frames are made of the few different nodes only.
    callers = {own[parents[own[nodes[row]]]] for row in rows}
    return {_place(stacks.frame(node)) for node in callers if node}


def _add_containers(
    case: Case,
    containers: dict[tuple[str, int], _Container],
    growing: dict[tuple[str, int], list[_Member]],
) -> None:
    """Lasting containers that store what other lines make, though they hardly grow themselves."""
    scopes = [members[0][2].scope for members in growing.values()]
    if "" not in scopes or any(members[0][2].lasting for members in growing.values()):
        return
    for line in case.lines:
        place = _place(line.frame)
        statement = case.statement(line.frame) if place in containers else None
        container = None if statement is None else stored_in(statement)
        if statement is None or container is None or place in growing:
            continue
        if is_pool_frame(case, line.frame):
            continue
        holder = describe(case, line.frame, statement, container)
        if holder.lasting:
            size = containers[place].table_bytes
            growing[place] = [(line, Growth(size, 1.0, 1.0, True), holder)]


def _judge(case: Case, members: list[_Member], grown: float) -> Advice | Rejected:
    holder = members[0][2]
    line, growth, _ = max(members, key=lambda member: member[1].grown_bytes)
    weight = min(grown / case.whole.peak_bytes, 1.0) * 0.7
    if holder.scope == "local":
        why = f"{holder.container} is a local name: it goes when its function ends"
        return Rejected(KIND, holder.frame, why, weight)
    if not holder.scope and growth.steps < SURE_STEPS:
        why = "what holds it is not known, and the run is too short to tell growth from loading"
        return Rejected(KIND, holder.frame, why, weight)
    if holder.scope == "module" or (not holder.scope and line.frame.function == "<module>"):
        why = "the module's own code collects it, once: a load, as far as one can see"
        return Rejected(KIND, holder.frame, why, weight)
    if (
        growth.dropped
        and (holder.reads or not holder.scope)
        and holder.scope != "cache"
        and not holder.is_register
    ):
        why = "what holds it is gone before the program ends, and it is read: a load"
        return Rejected(KIND, holder.frame, why, weight)
    read = holder.reads or not holder.scope  # what nobody is seen to hold may well be read
    loads = read and not holder.is_register and holder.scope not in ("cache", "default")
    if loads and _went_on(case, growth.until, holder):
        how = "and is read" if holder.reads else "and nobody is seen to hold it"
        why = f"it stopped growing some time before the end, {how}: a load"
        return Rejected(KIND, holder.frame, why, weight)
    if holder.scope == "argument" and growth.dropped:
        why = "its caller's container takes it, and is gone before the program ends"
        return Rejected(KIND, holder.frame, why, weight)
    if holder.scope == "argument" and holder.walked and not holder.is_register:
        why = "its caller's container takes it, and is gone through: what the program works on"
        return Rejected(KIND, holder.frame, why, weight)
    rate = grown / max(case.capture.duration_ns / 1e9, 1e-9)
    saving = case.peak_saving([item for item, _, _ in members], grown)
    predicted: dict[Measure, Interval] = {
        # The container grows with what it holds, and more may hang on to that than was made here.
        "peak_bytes": Interval(
            min(saving.low, 0.5 * grown),
            saving.value,
            min(1.7 * saving.high, case.whole.peak_bytes),
        )
    }
    confidence = 0.9 if holder.scope in ("global", "cache", "default", "library") else 0.75
    if holder.scope == "":
        confidence = 0.55
    if holder.removes:
        confidence -= 0.15
    if growth.steps < SURE_STEPS:
        confidence -= 0.15
    blocks = sum(item.blocks.live_blocks for item, _, _ in members)
    where = holder.container or "it"
    return Advice(
        kind=KIND,
        site=holder.frame,
        stack=case.heaviest_stack(line.rows, case.capture.totals.peak_bytes),
        summary=(
            f"what {where} holds grows steadily to the end: {_size(rate)} a second, and nothing"
            f" of it is released{' before that' if growth.dropped else ''}"
        ),
        evidence={
            "grown_bytes": round(grown),
            "bytes_per_second": rate,
            "live_blocks": round(blocks),
            "tau": growth.tau,
            "slope_ratio": growth.slope_ratio,
            "held_by": holder.container or "unknown",
        },
        predicted=predicted,
        modelled=(
            "growth is measured; that it would go on as it did is assumed"
            f" ({_size(rate * 3600)} an hour, under recording)"
        ),
        cost="what is no longer kept must be made again when it is asked for",
        confidence=confidence,
        fix=_fix(holder),
        covers=tuple(item.frame for item, _, _ in members),
    )


def _went_on(case: Case, until: int, holder: Holder) -> bool:
    """Whether the program did something else for long after a window.

    The interpreter's end counts as that: a load is often used without making anything. What a
    function remembers of its answers is no load: there it must have been the program itself.
    """
    windows = case.windows
    last = windows[-1].last_event
    end_ns = case.capture.duration_ns
    store = holder.statement
    container = None if store is None else stored_in(store)
    remembers_each = store is not None and container is not None and remembers(store, container)
    if remembers_each and windows[until].last_event >= (1 - SILENT_SHARE) * last:
        end_ns = next(window.end_ns for window in windows if window.last_event == last)
    return windows[until].end_ns < (1 - LATER_SHARE) * end_ns


def _fix(holder: Holder) -> Fix:
    if holder.scope == "cache":
        return Fix("bound the cache", "@lru_cache(maxsize=1024)")
    if holder.scope == "library":
        text, code = KEPT_BY_LIBRARY[holder.container]
        return Fix(f"{holder.container} keeps each for good: {text}", code)
    if holder.scope == "default":
        return Fix(
            "a default value is made once and shared by all calls: make it in the function",
            "def function(items=None):\n    items = [] if items is None else items",
        )
    name = holder.container or "container"
    target = None if holder.statement is None else stored_in(holder.statement)
    subscript = (
        holder.statement is not None
        and isinstance(holder.statement.node, ast.Assign)
        and target is not None
    )
    if subscript:
        return Fix(
            f"bound {name}: drop the oldest entry when there are enough (or let values go with"
            " their users: weakref.WeakValueDictionary)",
            f"if len({name}) >= 1024:\n    {name}.pop(next(iter({name})))  # the oldest",
        )
    return Fix(
        f"let go of what {name} no longer needs, or keep only the latest",
        f"{name} = collections.deque(maxlen=1000)  # where it is made",
    )


def _size(value: float) -> str:
    units = ("B", "KiB", "MiB", "GiB", "TiB")
    place = min(int(math.log(max(value, 1), 1024)), len(units) - 1)
    return f"{value / 1024**place:,.1f} {units[place]}"
