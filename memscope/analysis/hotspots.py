"""Which stacks, lines, functions or files allocate, hold and churn the most."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, get_args

from memscope.analysis.measures import Measures, SiteBy
from memscope.analysis.notebooks import NOTEBOOK, is_cell
from memscope.analysis.origins import Origin
from memscope.analysis.stacks import Stacks
from memscope.capture.columns import (
    as_type,
    chosen,
    counted,
    flags,
    gathered,
    heaviest,
    heaviest_of,
    joined,
    keep_below,
    mark_at_least,
    members,
    numbered,
    only_where,
    places_of,
    sums_by,
    total,
    typecode_of,
    zeros,
)
from memscope.capture.model import NO_PYTHON_FRAME, UNTYPED, BlockType, CodeFrame
from memscope.plain import dataclass, field, replace

Group = Literal["stack", "line", "function", "file"]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True)
class Hotspot:
    """What one stack, line, function or file allocated; `share` is its part of all by the measure.

    `own` is the line of user code that had most of it done, where that is another line.
    `type` is what most of it is by the measure, of `types_count` types; None where nothing is known
    of types. Live and peak figures are of the objects that were made here, `allocations` and
    `allocated_bytes` of what was asked for here. `uncertain_bytes` of the live ones and
    `uncertain_peak_bytes` of those of the peak may be of objects that another line made.
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
    created: int
    reused: int
    uncertain_bytes: int
    uncertain_peak_bytes: int
    type: BlockType | None
    types_count: int
    share: float


@dataclass(frozen=True, slots=True)
class Hotspots:
    """The heaviest first; `total` is what all together come to by the measure."""

    by: SiteBy
    group: Group
    total: float
    rows: tuple[Hotspot, ...]
    groups_count: int
    by_type: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which hotspots are wanted."""

    own_only: bool = False
    imports: bool = True
    pattern: re.Pattern[str] | None = None
    by_type: bool = False  # each type of a place is a row of its own


# Places, and for each of them a code that stands for a function's name, a line, and a sum.
_LineSums = tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[float]]

EVERYTHING = Selection()
KEPT_FOR_REUSE = "<kept by the interpreter for reuse>"
_PART = 1 << 18  # rows that are looked at together
# Of stacks listed in full: a gigabyte of memory.
MOST_FRAMES = 1 << 23


def find_hotspots(
    measures: Measures,
    *,
    by: SiteBy = "allocated_bytes",
    group: Group = "line",
    limit: int = 20,
    selection: Selection = EVERYTHING,
) -> Hotspots:
    """The `limit` heaviest groups (0: all), heaviest first."""
    groups = _selected(measures, group, selection)
    found = _heaviest(measures, groups, by, group, limit)[0]
    return replace(found, by_type=selection.by_type)


def find_hotspots_by_each(
    measures: Measures, bys: Sequence[SiteBy], *, group: Group = "line", limit: int = 20
) -> list[Hotspots]:
    """`find_hotspots` by several measures, in a fraction of the time."""
    return _each(measures, _selected(measures, group, EVERYTHING), bys, group, limit)


def find_heavy_stacks(
    measures: Measures, counters: Sequence[str], share: float, most_frames: int = MOST_FRAMES
) -> tuple[tuple[Hotspot, ...], dict[str, float]]:
    """Stacks that have more than this share of any of the counters, and what all others have.

    They are at most 1 / share for each counter, however many stacks there are. Of those, the
    heaviest whose frames, each written out, are at most `most_frames`.
    """
    groups = _selected(measures, "stack", EVERYTHING)
    count = len(groups.first)
    weights = {name: sums_by(groups.of_row, measures.passing(name), count) for name in counters}
    whole = {name: total(of) for name, of in weights.items()}
    is_heavy = bytearray(count)
    for name, of in weights.items():
        if whole[name] > 0:
            mark_at_least(is_heavy, of, math.nextafter(share * whole[name], math.inf))
    shares = {
        number: max(of[number] / whole[name] for name, of in weights.items() if whole[name] > 0)
        for number in members(is_heavy, counted(count))
    }
    numbers = []
    frames = 0
    for number in sorted(shares, key=shares.__getitem__, reverse=True):
        frames += measures.stacks.depth[groups.nodes[number]]
        if frames > most_frames:
            break
        numbers.append(number)
    rows = _hotspots(measures, groups, "allocated_bytes", "stack", numbers).rows
    rest = {name: whole[name] - sum(of[n] for n in numbers) for name, of in weights.items()}
    return rows, rest


def find_hotspots_of_rows(
    measures: Measures, *, by: SiteBy, group: Group, limit: int, selection: Selection = EVERYTHING
) -> tuple[Hotspots, Sequence[int]]:
    """`find_hotspots`, and for each row of the capture its place among them (-1: none)."""
    groups = _selected(measures, group, selection)
    hotspots, numbers = _heaviest(measures, groups, by, group, limit)
    return hotspots, gathered(_places(numbers, len(groups.nodes)), groups.of_row)


def responsible_lines(measures: Measures, bys: Sequence[SiteBy], limit: int) -> list[Hotspots]:
    """Like hotspots by line, but each block counts for the line of user code that had it allocated.

    What it took to make modules' code is `<compile modules>` of the line that imports them: that
    line itself has it neither made nor kept.
    """
    stacks = measures.stacks
    lines, compiles = stacks.line_keys, stacks.compiles
    shown = stacks.shown
    # Where no user code imports, all of it is one: the importer's own lines tell nothing.
    nobody = chosen(compiles, bytes(len(lines)), lines)
    places = chosen(stacks.own, gathered(lines, shown), nobody)
    groups = _group_rows(measures, [places, compiles], shown)
    for number, row in enumerate(groups.first):
        if work := compiles[measures.row_stacks[row]]:
            groups.works[number] = stacks.works[work]
    return _each(measures, groups, bys, "line", limit)


def _each(
    measures: Measures, groups: _Groups, bys: Sequence[SiteBy], group: Group, limit: int
) -> list[Hotspots]:
    each = [_choose(measures, groups, by, limit) for by in bys]
    return [
        _hotspots(measures, groups, by, group, numbers)
        for by, numbers in zip(bys, each, strict=True)
    ]


@dataclass
class _Groups:
    """Which group each row belongs to (-1: none), the first row of each group, and its node.

    `shown` is the node that stands for each node where that is another: its own line.
    """

    of_row: Sequence[int]
    first: Sequence[int]
    nodes: Sequence[int]
    shown: Sequence[int]
    works: dict[int, str] = field(default_factory=dict)  # what a group is in place of its function

    @cached_property
    def present(self) -> Sequence[int]:
        """How many rows belong to each group; to be asked for once rows have been taken out."""
        return sums_by(self.of_row, b"\1" * len(self.of_row), len(self.first))

    @cached_property
    def present_count(self) -> int:
        return len(self.present) - self.present.count(0)


def _group_rows(
    measures: Measures,
    keys: Sequence[Sequence[int]],
    shown: Sequence[int] | None = None,
    *,
    by_type: bool = False,
) -> _Groups:
    """Groups rows by the keys of their stack's node; the first row's node stands for a group.

    What lies on free lists belongs to nobody: it is a group of its own.
    """
    row_stacks = measures.row_stacks
    row_keys = [gathered(key, row_stacks) for key in keys]
    if by_type:
        row_keys.append(as_type("I", measures.capture.tables.rows.type))
    if measures.parked_types:
        others = chosen(measures.parked, bytes(len(row_stacks)), b"\1" * len(row_stacks))
        row_keys = [only_where(key, others) for key in row_keys]
        row_keys.append(others)
    of_row, first = numbered(*row_keys)
    nodes = gathered(row_stacks, first)
    shown = counted(len(measures.stacks.tables.nodes.parent)) if shown is None else shown
    groups = _Groups(of_row, first, gathered(shown, nodes), shown)
    if measures.parked_types:
        parked = (number for number, row in enumerate(first) if measures.parked[row])
        groups.works |= dict.fromkeys(parked, KEPT_FOR_REUSE)
    return groups


def _keys(stacks: Stacks, group: Group) -> Sequence[int]:
    """For each node what it is grouped by."""
    if group == "stack":
        return stacks.merged
    if group == "line":
        return stacks.line_keys
    of_code = stacks.same_function if group == "function" else stacks.same_source
    return gathered(array("I", of_code), stacks.tables.nodes.code)


def _selected(measures: Measures, group: Group, selection: Selection) -> _Groups:
    groups = _group_rows(measures, [_keys(measures.stacks, group)], by_type=selection.by_type)
    if selection != EVERYTHING:
        _take_out(groups, measures, group, selection)
    return groups


def _take_out(groups: _Groups, measures: Measures, group: Group, selection: Selection) -> None:
    stacks = measures.stacks
    kept = array("i", range(len(groups.nodes)))
    for number, node in enumerate(groups.nodes):
        if (selection.own_only and stacks.origin(node) is not Origin.OWN) or (
            selection.pattern is not None and not _matches(selection.pattern, stacks, node, group)
        ):
            kept[number] = -1
    of_row = gathered(kept, groups.of_row)
    if not selection.imports:
        keep_below(of_row, gathered(stacks.importing, measures.row_stacks), 1)
    groups.of_row = of_row


def _matches(pattern: re.Pattern[str], stacks: Stacks, node: int, group: Group) -> bool:
    frames = stacks.tables.stack(node) if group == "stack" else (stacks.frame(node),)
    return any(pattern.search(f"{frame.file}:{frame.line} {frame.function}") for frame in frames)


def _heaviest(
    measures: Measures, groups: _Groups, by: SiteBy, group: Group, limit: int
) -> tuple[Hotspots, list[int]]:
    """The hotspots, and the number of the group behind each."""
    numbers = _choose(measures, groups, by, limit)
    return _hotspots(measures, groups, by, group, numbers), numbers


def _choose(measures: Measures, groups: _Groups, by: SiteBy, limit: int) -> list[int]:
    """The numbers of the heaviest groups, heaviest first."""
    weights = sums_by(groups.of_row, measures.values(by), len(groups.first))
    if groups.present_count < len(weights):
        # Below all that are there.
        least = min(weights) - 1
        weights = chosen(groups.present, weights, array("q", [0]) * len(weights))
        for number in members(b"\1", groups.present):
            weights[number] = least
    count = groups.present_count if limit <= 0 else min(limit, groups.present_count)
    found = list(heaviest(weights, count))
    return [number for number in found if weights[number]] if limit > 0 else found


@dataclass(frozen=True, slots=True)
class _Members:
    """The rows of some groups, for each of them the place of its group, and what groups come to.

    `counters` go by the names of `Hotspot`.
    """

    rows: Sequence[int]
    place: Sequence[int]
    counters: Mapping[str, Sequence[float]]


def _places(numbers: Sequence[int], count: int) -> array[int]:
    """For each of `count` groups its place among the chosen ones (-1: none)."""
    places = array("i", [-1]) * count
    for place, number in enumerate(numbers):
        places[number] = place
    return places


def _members_of(measures: Measures, groups: _Groups, numbers: list[int]) -> _Members:
    of_row = gathered(_places(numbers, len(groups.first)), groups.of_row)
    names = ["allocations", "frees", "allocated_bytes", "peak_bytes", "live_bytes", "live_blocks"]
    of_objects = ["created", "reused", "uncertain_bytes", "uncertain_peak_bytes"]
    nothing_known = zeros("q", len(numbers))
    counters: dict[str, Sequence[float]] = dict.fromkeys(of_objects, nothing_known)
    # Captures without objects, of a million rows, are not to be slower for these four.
    known = of_objects if measures.capture.meta.objects else []
    rows = members(b"\1" * len(numbers), of_row)
    place = gathered(of_row, rows)
    for name in (*names, "short_lived", *known):
        values = measures.passing(name)
        # Where all groups are shown, nothing is gained by taking their rows out first.
        if len(rows) > len(of_row) / 2:
            counters[name] = sums_by(of_row, values, len(numbers))
        else:
            counters[name] = sums_by(place, gathered(values, rows), len(numbers))
    return _Members(rows, place, counters)


def _hotspots(
    measures: Measures, groups: _Groups, by: SiteBy, group: Group, numbers: list[int]
) -> Hotspots:
    whole = measures.whole(by)
    stacks = measures.stacks
    found = _members_of(measures, groups, numbers)
    values = gathered(measures.values(by), found.rows)
    weights = sums_by(found.place, values, len(numbers))
    nodes, own = _describe(measures, groups, found, values, len(numbers))
    if group == "stack":
        stacks.check_unfolded(nodes, MOST_FRAMES, "list fewer with -n")
    types = _heaviest_types(measures, found, values, len(numbers))
    rows = []
    names = tuple(found.counters)
    # Whole numbers need no rounding: with all lines that was a tenth of the time.
    rounded = [_rounded(column) for column in found.counters.values()]
    for place, (number, node) in enumerate(zip(numbers, nodes, strict=True)):
        counters: dict[str, Any] = {
            name: column[place] for name, column in zip(names, rounded, strict=True)
        }
        origin = stacks.origin(node)
        of, types_count = types[place]
        rows.append(
            Hotspot(
                *_named(_shown(stacks, node, group), groups.works.get(number), origin),
                origin=origin,
                stack=stacks.tables.stack(node) if group == "stack" else (),
                own=own[place],
                **counters,
                type=of,
                types_count=types_count,
                share=weights[place] / whole if whole > 0 else 0.0,
            )
        )
    return Hotspots(by, group, whole, tuple(rows), groups.present_count)


def _rounded(column: Sequence[float]) -> Sequence[float]:
    return list(map(round, column)) if typecode_of(column) == "d" else column


def _heaviest_types(
    measures: Measures, found: _Members, values: Sequence[float], count: int
) -> list[tuple[BlockType | None, int]]:
    """What most of each group is, and how many types there are; untyped blocks are none."""
    types = measures.capture.tables.types
    if len(types) == 1:
        return [(None, 0)] * count
    row_types = gathered(measures.capture.tables.rows.type, found.rows)
    pairs, first = numbered(found.place, row_types)
    weights: list[dict[int, float]] = [{} for _ in range(count)]
    for row, weight in zip(first, sums_by(pairs, values, len(first)), strict=True):
        weights[found.place[row]][row_types[row]] = weight
    told = []
    for of_group in weights:
        heaviest_type = max(of_group, key=lambda of: (of_group[of], of), default=0)
        of = types[heaviest_type]
        told.append((None if of == UNTYPED else of, len(of_group.keys() - {0})))
    return told


def _named(frame: CodeFrame, work: str | None, origin: Origin) -> CodeFrame:
    """The frame under the name of the work that is told in its place, if any is."""
    if work is None:
        return frame
    return (
        CodeFrame(work, frame.file, frame.line) if origin is Origin.OWN else CodeFrame(work, "", 0)
    )


def _shown(stacks: Stacks, node: int, group: Group) -> CodeFrame:
    frame = stacks.frame(node)
    if frame is NO_PYTHON_FRAME:
        return frame
    if group == "function":
        first_line = stacks.tables.codes.first_line[stacks.tables.nodes.code[node]]
        return frame._replace(line=first_line)
    if group == "file":
        return CodeFrame("", NOTEBOOK if is_cell(frame.file) else frame.file, 0)
    return frame


def _describe(
    measures: Measures, groups: _Groups, found: _Members, values: Sequence[float], count: int
) -> tuple[list[int], list[CodeFrame | None]]:
    """The node that names each chosen group, and the line of user code behind one that is none."""
    stacks = measures.stacks
    row_stacks = measures.row_stacks
    # One line may be of two functions (`def` is run by the module): the heavier gives the name.
    nodes = [
        groups.shown[row_stacks[found.rows[place]]]
        for place in heaviest_of(found.place, values, count)
    ]
    foreign = flags(stacks.origin(node) is not Origin.OWN for node in nodes)
    return nodes, _heaviest_lines(measures, found, values, foreign)


def _heaviest_lines(
    measures: Measures, found: _Members, values: Sequence[float], wanted: bytes
) -> list[CodeFrame | None]:
    """For each group that is wanted the line of user code that has most; of equals, the first."""
    stacks = measures.stacks
    names = array("I", stacks.same_name)
    parts = []
    # Columns as long as the rows take more memory than what they come to.
    for begin in range(0, len(found.rows), _PART):
        part = slice(begin, begin + _PART)
        place = found.place[part]
        owns = gathered(stacks.own, gathered(measures.row_stacks, found.rows[part]))
        owns = only_where(owns, gathered(wanted, place))
        there = places_of(owns)
        nodes = gathered(owns, there)
        name = gathered(names, gathered(stacks.tables.nodes.code, nodes))
        line = gathered(stacks.tables.nodes.line, nodes)
        parts.append(_summed(gathered(place, there), name, line, gathered(values[part], there)))
    most: list[float] = [0.0] * len(wanted)
    lines: list[CodeFrame | None] = [None] * len(wanted)
    if not parts:
        return lines
    together = _summed(*map(joined, zip(*parts, strict=True)))
    for at, of, number, weight in zip(*together, strict=True):
        if lines[at] is None or weight > most[at]:
            most[at], lines[at] = weight, stacks.frame_of(of, number)
    return lines


def _summed(
    place: Sequence[int], name: Sequence[int], line: Sequence[int], values: Sequence[float]
) -> _LineSums:
    """Each line of each place once, with the sum of its values, in the order of first entries."""
    # Groups are numbered from the last entry on.
    groups, last = numbered(place[::-1], name[::-1], line[::-1])
    sums = sums_by(groups, values[::-1], len(last))
    entries = array("I", [len(place) - 1 - entry for entry in last])
    return gathered(place, entries), gathered(name, entries), gathered(line, entries), sums
