"""Which stacks, lines, functions or files allocate, hold and churn the most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from typing import Literal, get_args

from memscope.analysis.measures import By, Measures
from memscope.analysis.origins import Origin
from memscope.analysis.stacks import Stacks
from memscope.capture.model import NO_PYTHON_FRAME, CodeFrame

Group = Literal["stack", "line", "function", "file"]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True)
class Hotspot:
    """What one stack, line, function or file allocated; `share` is its part of all by the measure.

    `own` is the line of the user's own code that had most of it done, where that is another line.
    """

    function: str
    file: str
    line: int
    origin: Origin
    stack: tuple[CodeFrame, ...]
    own: CodeFrame | None
    allocations: int
    frees: int
    allocated_bytes: int
    peak_bytes: int
    live_bytes: int
    live_blocks: int
    short_lived: int
    share: float


@dataclass(frozen=True, slots=True)
class Hotspots:
    """The heaviest first; `total` is what all together come to by the measure."""

    by: By
    group: Group
    total: float
    rows: tuple[Hotspot, ...]
    groups_count: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which hotspots are wanted."""

    own_only: bool = False
    imports: bool = True
    pattern: re.Pattern[str] | None = None


EVERYTHING = Selection()
# Of stacks listed in full: a gigabyte of memory.
MOST_FRAMES = 1 << 23


def find_hotspots(
    measures: Measures,
    *,
    by: By = "allocated_bytes",
    group: Group = "line",
    limit: int = 20,
    selection: Selection = EVERYTHING,
) -> Hotspots:
    """The `limit` heaviest groups (0: all), heaviest first."""
    groups = _selected(measures, group, selection)
    return _heaviest(measures, groups, by, group, limit)[0]


def find_hotspots_by_each(
    measures: Measures, bys: Sequence[By], *, group: Group = "line", limit: int = 20
) -> list[Hotspots]:
    """`find_hotspots` by several measures, in a fraction of the time."""
    return _each(measures, _selected(measures, group, EVERYTHING), bys, group, limit)


def find_hotspots_of_rows(
    measures: Measures, *, by: By, group: Group, limit: int, selection: Selection = EVERYTHING
) -> tuple[Hotspots, list[int]]:
    """`find_hotspots`, and for each row of the capture its place among them (-1: none)."""
    groups = _selected(measures, group, selection)
    hotspots, chosen = _heaviest(measures, groups, by, group, limit)
    # One place more than there are groups: index -1 stays -1.
    places = [-1] * (len(groups.nodes) + 1)
    for place, number in enumerate(chosen):
        places[number] = place
    return hotspots, [places[number] for number in groups.of_row]


def responsible_lines(measures: Measures, bys: Sequence[By], limit: int) -> list[Hotspots]:
    """Like hotspots by line, but each block counts for the own line that had it allocated."""
    stacks = measures.stacks
    lines = stacks.line_keys
    shown = [own or node for node, own in enumerate(stacks.own)]
    groups = _group_rows(measures, [lines[node] for node in shown], shown)
    return _each(measures, groups, bys, "line", limit)


def _each(
    measures: Measures, groups: _Groups, bys: Sequence[By], group: Group, limit: int
) -> list[Hotspots]:
    chosen = [_choose(measures, groups, by, limit) for by in bys]
    members = _members_of(measures, groups, set().union(*chosen))
    return [
        _hotspots(measures, groups, by, group, numbers, members)
        for by, numbers in zip(bys, chosen, strict=True)
    ]


@dataclass
class _Groups:
    """Which group each row belongs to (-1: none), and a node that stands for each group.

    `shown` is the node that stands for each node where that is another: its own line.
    """

    of_row: list[int]
    nodes: list[int]
    shown: Sequence[int]

    @cached_property
    def present(self) -> set[int]:
        """The groups that any row belongs to; to be asked for once rows have been taken out."""
        return set(self.of_row) - {-1}

    def weights(self, values: Sequence[float]) -> list[float]:
        # One place more than there are groups: index -1 takes what belongs to none.
        sums: list[float] = [0] * (len(self.nodes) + 1)
        for group, value in zip(self.of_row, values, strict=True):
            sums[group] += value
        sums.pop()
        return sums


def _group_rows(
    measures: Measures, keys: Sequence[int], shown: Sequence[int] | None = None
) -> _Groups:
    """Groups rows by the key of their stack's node; the first row's node stands for a group."""
    shown = range(len(keys)) if shown is None else shown
    row_keys = [keys[node] for node in measures.row_stacks]
    first = dict(zip(reversed(row_keys), reversed(measures.row_stacks), strict=True))
    numbers = dict(zip(first, range(len(first)), strict=True))
    nodes = [shown[node] for node in first.values()]
    return _Groups([numbers[key] for key in row_keys], nodes, shown)


def _keys(stacks: Stacks, group: Group) -> Sequence[int]:
    """For each node what it is grouped by."""
    if group == "stack":
        return stacks.merged
    if group == "line":
        return stacks.line_keys
    of_code = stacks.same_function if group == "function" else stacks.same_file
    return [of_code[code] for code in stacks.tables.nodes.code]


def _selected(measures: Measures, group: Group, selection: Selection) -> _Groups:
    groups = _group_rows(measures, _keys(measures.stacks, group))
    if selection != EVERYTHING:
        _take_out(groups, measures, group, selection)
    return groups


def _take_out(groups: _Groups, measures: Measures, group: Group, selection: Selection) -> None:
    stacks = measures.stacks
    refused = {
        number
        for number, node in enumerate(groups.nodes)
        if (selection.own_only and stacks.origin(node) is not Origin.OWN)
        or (selection.pattern is not None and not _matches(selection.pattern, stacks, node, group))
    }
    groups.of_row = [-1 if number in refused else number for number in groups.of_row]
    if not selection.imports:
        importing = stacks.importing
        groups.of_row = [
            -1 if importing[node] else number
            for number, node in zip(groups.of_row, measures.row_stacks, strict=True)
        ]


def _matches(pattern: re.Pattern[str], stacks: Stacks, node: int, group: Group) -> bool:
    frames = stacks.tables.stack(node) if group == "stack" else (stacks.frame(node),)
    return any(pattern.search(f"{frame.file}:{frame.line} {frame.function}") for frame in frames)


def _heaviest(
    measures: Measures, groups: _Groups, by: By, group: Group, limit: int
) -> tuple[Hotspots, list[int]]:
    """The hotspots, and the number of the group behind each."""
    chosen = _choose(measures, groups, by, limit)
    members = _members_of(measures, groups, set(chosen))
    return _hotspots(measures, groups, by, group, chosen, members), chosen


def _choose(measures: Measures, groups: _Groups, by: By, limit: int) -> list[int]:
    """The numbers of the heaviest groups, heaviest first."""
    weights = groups.weights(measures.values(by))
    present = groups.present
    count = len(present) if limit <= 0 else limit
    chosen = nlargest(count, present, key=lambda number: (weights[number], -number))
    return [number for number in chosen if weights[number]] if limit > 0 else chosen


@dataclass(frozen=True, slots=True)
class _Members:
    """The rows that belong to a group, and what they come to, by the names of `Hotspot`."""

    rows: list[int]
    tallies: dict[str, int]


def _members_of(measures: Measures, groups: _Groups, wanted: set[int]) -> dict[int, _Members]:
    """For each of these groups its members."""
    rows_of: dict[int, list[int]] = {number: [] for number in wanted}
    for row, number in enumerate(groups.of_row):
        if number in rows_of:
            rows_of[number].append(row)
    totals = measures.capture.totals
    columns: dict[str, Sequence[float]] = {
        "allocations": totals.allocations,
        "frees": totals.frees,
        "allocated_bytes": totals.allocated_bytes,
        "peak_bytes": totals.peak_bytes,
        "live_bytes": measures.live_bytes,
        "live_blocks": measures.live_blocks,
        "short_lived": measures.short_lived,
    }
    return {
        number: _Members(
            rows,
            {name: round(sum(map(column.__getitem__, rows))) for name, column in columns.items()},
        )
        for number, rows in rows_of.items()
    }


def _hotspots(
    measures: Measures,
    groups: _Groups,
    by: By,
    group: Group,
    chosen: list[int],
    members: dict[int, _Members],
) -> Hotspots:
    total = measures.whole(by)
    stacks = measures.stacks
    values = measures.values(by)
    nodes, own = _describe(measures, groups, chosen, by, members)
    if group == "stack":
        stacks.check_unfolded(nodes, MOST_FRAMES, "list fewer with -n")
    rows = []
    for place, (number, node) in enumerate(zip(chosen, nodes, strict=True)):
        tallies = members[number].tallies
        weight = sum(map(values.__getitem__, members[number].rows))
        rows.append(
            Hotspot(
                *_shown(stacks, node, group),
                origin=stacks.origin(node),
                stack=stacks.tables.stack(node) if group == "stack" else (),
                own=own[place],
                allocations=tallies["allocations"],
                frees=tallies["frees"],
                allocated_bytes=tallies["allocated_bytes"],
                peak_bytes=tallies["peak_bytes"],
                live_bytes=tallies["live_bytes"],
                live_blocks=tallies["live_blocks"],
                short_lived=tallies["short_lived"],
                share=weight / total if total > 0 else 0.0,
            )
        )
    return Hotspots(by, group, total, tuple(rows), len(groups.present))


def _shown(stacks: Stacks, node: int, group: Group) -> CodeFrame:
    frame = stacks.frame(node)
    if frame is NO_PYTHON_FRAME:
        return frame
    if group == "function":
        first_line = stacks.tables.codes.first_line[stacks.tables.nodes.code[node]]
        return frame._replace(line=first_line)
    return CodeFrame("", frame.file, 0) if group == "file" else frame


def _describe(
    measures: Measures,
    groups: _Groups,
    chosen: list[int],
    by: By,
    members: dict[int, _Members],
) -> tuple[list[int], list[CodeFrame | None]]:
    """The node that names each chosen group, and the own line behind it if it is not own code."""
    stacks = measures.stacks
    values, row_stacks = measures.values(by), measures.row_stacks
    own = stacks.own
    nodes: list[int] = []
    own_lines: list[CodeFrame | None] = []
    for number in chosen:
        # One line may be of two functions (`def` is run by the module): the heavier gives the name.
        heaviest = max(members[number].rows, key=values.__getitem__)
        nodes.append(groups.shown[row_stacks[heaviest]])
        if stacks.origin(nodes[-1]) is Origin.OWN:
            own_lines.append(None)
            continue
        weights: dict[int, float] = {}
        for row in members[number].rows:
            node = own[row_stacks[row]]
            weights[node] = weights.get(node, 0) + values[row]
        own_lines.append(_heaviest_line(stacks, weights))
    return nodes, own_lines


def _heaviest_line(stacks: Stacks, weights: dict[int, float]) -> CodeFrame | None:
    lines: dict[CodeFrame, float] = {}
    for node, value in weights.items():
        if node:
            frame = stacks.frame(node)
            lines[frame] = lines.get(frame, 0) + value
    return max(lines, key=lines.__getitem__, default=None)
