"""A capture as the columns of a flame graph: a tree in preorder, and the rows that weigh it.

The tree holds no values. Whoever draws it sums rows up, all of them or those of one thread, domain,
size class or stretch of time, so that one set of columns answers every such question.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from memscope.analysis.flamelines import FlameLines, Tree, lines_of
from memscope.analysis.flamerows import FlameRows, Kinds, kinds_of, rows_of
from memscope.analysis.hotspots import KEPT_FOR_REUSE
from memscope.analysis.measures import BYS, Measures
from memscope.analysis.origins import Origin
from memscope.capture.columns import (
    added,
    chosen,
    counted,
    extend,
    flags,
    gathered,
    joined,
    largest,
    mark_at_least,
    members,
    merged,
    narrowed,
    nearest,
    numbered,
    only_where,
    risen,
    scatter,
    sums_by,
    with_added,
    zeros,
)
from memscope.capture.model import UNTYPED, BlockType
from memscope.plain import dataclass, replace

# A tree of more calls than this holds only what can be seen of it, and sums of the rest: in a flame
# of 2000 pixels a call of the share below is two wide.
MOST_CALLS = 20_000
SMALL_SHARE = 1 / 1000
SMALL_STEP = 1.5  # by which the share grows until what is left is no more than it may be
# Pages of so many rows and changes had 1.6 and 1.8 MB. A call has rows for each type, domain, size
# class and thread.
MOST_ROWS = 85_000
MOST_CHANGES = 125_000  # of rows in windows
# Each row changes at least once. Where that alone came near to the above, no time could be chosen;
# of most programs a few windows change nearly all rows, and many windows few.
MOST_CHANGES_OF_ALL = 1.5
WINDOW_COLUMNS = ("allocations", "allocated_bytes", "released", "released_bytes")


@dataclass(frozen=True, slots=True)
class Function:
    """One function; `file` as people name it, `path` as the program knew it.

    What the interpreter keeps for reuse stands as a function that is nobody's: it has no origin.
    """

    name: str
    file: str
    path: str
    origin: Origin | None
    first_line: int
    is_import: bool  # of the machinery that imports modules
    stands_for_small: bool = False  # calls of any function that are too small to be seen


@dataclass(frozen=True, slots=True)
class FlameTree:
    """Calls in preorder, siblings by what they allocated, most first.

    `function` and `line` are of the call; line is 0 where lines are merged. Entry 0 is the whole
    program, with depth 0 and no function (-1).
    """

    functions: tuple[Function, ...]
    depth: Sequence[int]
    function: Sequence[int]
    line: Sequence[int]


@dataclass(frozen=True, slots=True)
class FlameWindow:
    """The rows that changed in one stretch of time, by their place among the flame's rows."""

    start_ns: int
    end_ns: int
    live_bytes: float
    row: Sequence[int]
    changes: tuple[Sequence[float], ...]  # aligned with WINDOW_COLUMNS


@dataclass(frozen=True, slots=True)
class Flame:
    """Tree and rows, what these are of, and for each capture's row its place among them.

    The first type is `UNTYPED`; where no types are known there is no other.
    """

    tree: FlameTree
    rows: FlameRows
    types: tuple[BlockType, ...]
    places: tuple[Sequence[int], ...]
    lines: FlameLines | None = None  # where calls have been left out

    def windows(self, measures: Measures) -> list[FlameWindow]:
        """What changed when; for a flame of one capture.

        Where that is too much to show, several windows that follow one another are one.
        """
        places = array("i", [-1])
        extend(places, self.places[0])
        rows = len(self.rows.node)
        found, most = _WindowsTogether(rows), max(MOST_CHANGES, MOST_CHANGES_OF_ALL * rows)
        for window in measures.each_window():
            changes = tuple(getattr(window, name) for name in WINDOW_COLUMNS)
            at = gathered(places, window.row)
            whole = FlameWindow(window.start_ns, window.end_ns, sum(window.live_bytes), at, changes)
            found.add(_together([whole], rows), most)
        return found.windows(most)


class _WindowsTogether:
    """Windows on their way to a page: as soon as they are too many changes, two of them are one.

    So there are never more changes in memory than twice what the page may have.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._each = 1  # windows that are one
        self._whole: list[FlameWindow] = []
        self._begun: list[FlameWindow] = []  # none, or what will be one with those to come
        self._begun_of = 0

    def add(self, window: FlameWindow, most: float) -> None:
        self._begun = [_together([*self._begun, window], self._rows)]
        self._begun_of += 1
        if self._begun_of == self._each:
            self._whole += self._begun
            self._begun, self._begun_of = [], 0
        while len(self._whole) > 1 and self._changes() > most:
            self._halve()

    def windows(self, most: float) -> list[FlameWindow]:
        """All of them; the last one may be of fewer than the others."""
        self._whole += self._begun
        while len(self._whole) > 1 and self._changes() > most:
            self._whole = self._pairs(self._whole)
        return self._whole

    def _changes(self) -> int:
        return sum(len(window.row) for window in self._whole)

    def _halve(self) -> None:
        if len(self._whole) % 2:
            last = self._whole.pop()
            self._begun = [_together([last, *self._begun], self._rows)]
            self._begun_of += self._each
        self._each *= 2
        self._whole = self._pairs(self._whole)

    def _pairs(self, windows: list[FlameWindow]) -> list[FlameWindow]:
        pairs = (windows[begin : begin + 2] for begin in range(0, len(windows), 2))
        return [_together(pair, self._rows) for pair in pairs]


def _together(windows: list[FlameWindow], rows: int) -> FlameWindow:
    """Windows that follow one another as one, each of the flame's rows once and in order."""
    at = joined([window.row for window in windows])
    present = bytearray(rows)
    mark_at_least(present, sums_by(at, b"\1" * len(at), rows), 1)
    row = members(b"\0\1", present)
    sums = (
        sums_by(at, joined([window.changes[number] for window in windows]), rows)
        for number in range(len(WINDOW_COLUMNS))
    )
    return FlameWindow(
        windows[0].start_ns,
        windows[-1].end_ns,
        windows[-1].live_bytes,
        row,
        tuple(narrowed(gathered(column, row)) for column in sums),
    )


def flame_of(measures: Measures) -> Flame:
    """One capture, each call by its line; threads with the same calls share them."""
    return _flame((measures,), by_line=True)


def flame_of_both(old: Measures, new: Measures) -> Flame:
    """Two captures, each call by its function alone: lines move when a program is changed."""
    return _flame((old, new), by_line=False)


class _Functions:
    """The functions of several captures, each once."""

    def __init__(self, by_line: bool) -> None:
        self.by_line = by_line
        self.functions: dict[tuple[str, str, int], int] = {}
        self.described: list[Function] = []

    def of_codes(self, measures: Measures) -> array[int]:
        """For each code of a capture its function's number plus one; 0 for none."""
        stacks = measures.stacks
        codes = stacks.tables.codes
        importing = stacks.import_codes
        known = array("I", [0])
        for code in range(1, len(codes.file)):
            path, name, first = codes.file[code], codes.function[code], codes.first_line[code]
            origin = stacks.origins.of(path)
            short = stacks.origins.short(path)
            # The script that was started is the same one, whatever its name.
            scope = "" if stacks.origins.is_main(path) else short
            key = (path, name, first) if self.by_line else (scope, name, 0)
            number = self.functions.get(key)
            if number is None:
                number = self.functions[key] = len(self.described)
                self.described.append(Function(name, short, path, origin, first, importing[code]))
            known.append(number + 1)
        return known

    def add(self, name: str, file: str, origin: Origin | None) -> int:
        """A function that no code is of; its number plus one."""
        self.described.append(Function(name, file, "", origin, 0, False))
        return len(self.described)

    def add_small(self, name: str, file: str) -> int:
        """What stands for calls that are too small to be seen; its number plus one."""
        self.described.append(Function(name, file, "", Origin.LIBRARY, 0, False, True))
        return len(self.described)


@dataclass
class _Calls:
    """The calls of all captures as one tree; a parent comes before its children.

    Calls that are the same way from the root are one: the first of them, which the others lead to.
    `function` is a number plus one, 0 of the root; `of_rows` has each capture's rows' calls.
    """

    parent: array[int]
    function: array[int]
    line: array[int]
    of_rows: list[array[int]]

    def add(self, parent: int, function: int) -> int:
        self.parent.append(parent)
        self.function.append(function)
        self.line.append(0)
        return len(self.parent) - 1

    def sums(self, sides: Sequence[Sequence[float]]) -> list[array[int]]:
        """For each capture what the rows of each call come to."""
        pairs = zip(self.of_rows, sides, strict=True)
        return [sums_by(of_row, values, len(self.parent)) for of_row, values in pairs]


def _calls(sides: tuple[Measures, ...], functions: _Functions) -> _Calls:
    parent, function, line = array("I"), array("I"), array("Q")
    beginnings = []
    for side in sides:
        nodes = side.stacks.tables.nodes
        begin = len(parent)
        beginnings.append(begin)
        # A root's parent is the first node of its capture, which stands for nothing.
        shift = array("I", [begin]) * len(nodes.parent)
        extend(parent, added(nodes.parent, shift))
        extend(function, gathered(functions.of_codes(side), nodes.code))
        lines: Sequence[int] = nodes.line if functions.by_line else bytes(len(nodes.line))
        extend(line, only_where(lines, nodes.code))
    for begin in beginnings:
        parent[begin] = 0
    first = merged(parent, function, line)
    of_rows = []
    for begin, side in zip(beginnings, sides, strict=True):
        of_rows.append(gathered(first[begin:] if begin else first, side.row_stacks))
    return _Calls(gathered(first, parent), function, line, of_rows)


def _set_apart_parked(calls: _Calls, functions: _Functions, sides: tuple[Measures, ...]) -> None:
    """A call of its own stands for what lies on free lists of the interpreter."""
    if not any(largest(side.parked) for side in sides):
        return
    kept = calls.add(0, functions.add(KEPT_FOR_REUSE, "", None))
    for number, side in enumerate(sides):
        everywhere = array("I", [kept]) * len(side.parked)
        calls.of_rows[number] = chosen(side.parked, everywhere, calls.of_rows[number])


def _flame(sides: tuple[Measures, ...], *, by_line: bool) -> Flame:
    functions = _Functions(by_line)
    calls = _calls(sides, functions)
    _set_apart_parked(calls, functions, sides)
    weights = _weights(calls, sides)
    present = bytearray(len(calls.parent))
    mark_at_least(present, risen(weights, calls.parent), 0.5)
    present[0] = 1
    types, of_type = _types(sides)
    kinds = kinds_of(sides, of_type)
    lines = None
    if present.count(1) > MOST_CALLS or _rows_count(calls.of_rows, kinds) > MOST_ROWS:
        is_import = b"\0" + flags(function.is_import for function in functions.described)
        whole = Tree(calls.parent, calls.function, calls.line, calls.of_rows)
        lines = lines_of(whole, is_import, sides, kinds, len(types))
        present = _without_small(calls, functions, sides, kinds, present)
        weights = _weights(calls, sides)
    numbers = members(b"\0\1", present)
    compact = zeros("I", len(calls.parent))
    scatter(compact, numbers, counted(len(numbers)))
    order, depth = _preorder(
        list(gathered(compact, gathered(calls.parent, numbers))), list(gathered(weights, numbers))
    )
    place_of = zeros("I", len(calls.parent))
    shown = [numbers[call] for call in order]
    scatter(place_of, array("I", shown), counted(len(shown)))
    functions_of_calls = [calls.function[call] - 1 for call in shown]
    if lines is not None:
        functions_of_calls, lines = _keep_used(functions, functions_of_calls, lines)
    tree = FlameTree(
        tuple(functions.described),
        depth,
        functions_of_calls,
        [calls.line[call] for call in shown],
    )
    placed = [gathered(place_of, of_row) for of_row in calls.of_rows]
    rows, places = rows_of(sides, placed, kinds, len(types))
    return Flame(tree, rows, types, places, lines)


def _keep_used(
    functions: _Functions, of_calls: list[int], lines: FlameLines
) -> tuple[list[int], FlameLines]:
    """Leaves out the functions that nothing is of any more, of which there may be very many."""
    used = sorted({*of_calls, *lines.function} - {-1})
    place = {number: at for at, number in enumerate(used)} | {-1: -1}
    functions.described = [functions.described[number] for number in used]
    told = replace(lines, function=[place[number] for number in lines.function])
    return [place[number] for number in of_calls], told


def _weights(calls: _Calls, sides: tuple[Measures, ...]) -> array[int]:
    """What the calls themselves requested.

    One more for each row, so that a call that asked for no bytes is there as well.
    """
    weights = zeros("q", len(calls.parent))
    for side, of_row in zip(sides, calls.of_rows, strict=True):
        weights = with_added(weights, of_row, side.values("allocated_bytes"))
        weights = with_added(weights, of_row, b"\1" * len(of_row))
    return weights


def _rows_count(of_rows: Sequence[Sequence[int]], kinds: Kinds) -> int:
    """How many rows a flame would have of these calls."""
    return len(numbered(joined(of_rows), kinds.of_row)[1])


def _without_small(
    calls: _Calls,
    functions: _Functions,
    sides: tuple[Measures, ...],
    kinds: Kinds,
    present: bytearray,
) -> bytearray:
    """Merges the calls that nobody would see into one of each caller; which calls are left.

    These are below a share of the whole by every measure, with all that they called.
    """
    share = SMALL_SHARE
    kept = _of_at_least(calls, sides, share)
    # The whole alone may have more kinds of rows than that.
    while share < 1 and (kept.count(1) > MOST_CALLS or _rows_left(calls, kinds, kept) > MOST_ROWS):
        share *= SMALL_STEP
        kept = _of_at_least(calls, sides, share)
    count = len(calls.parent)
    callers = nearest(calls.parent, kept)
    is_small = only_where(present, chosen(kept, bytes(count), b"\1" * count))
    small = sums_by(callers, is_small, count)
    becomes = zeros("I", count)
    for caller in members(b"\1", chosen(small, bytes(count), b"\1" * count)):
        name = f"({small[caller]:,} small frame{'s' if small[caller] > 1 else ''})"
        number = functions.add_small(name, f"each below {share:.2%} of the whole")
        becomes[caller] = calls.add(caller, number)
        kept.append(1)
    instead = chosen(kept[:count], counted(count), gathered(becomes, callers))
    calls.of_rows = [gathered(instead, of_row) for of_row in calls.of_rows]
    return kept


def _rows_left(calls: _Calls, kinds: Kinds, kept: bytearray) -> int:
    """How many rows a flame would have where these calls are kept, and the others are of one."""
    count = len(kept)
    callers = nearest(calls.parent, kept)
    beside = added(callers, array("I", [count]) * count)
    instead = chosen(kept, counted(count), beside)
    return _rows_count([gathered(instead, of_row) for of_row in calls.of_rows], kinds)


def _of_at_least(calls: _Calls, sides: tuple[Measures, ...], share: float) -> bytearray:
    """A flag for each call that weighs a share of the whole by any measure, in any capture."""
    heavy = bytearray(len(calls.parent))
    for by in BYS:
        for sums in calls.sums([side.values(by) for side in sides]):
            weights = risen(sums, calls.parent)
            if weights[0] > 0:
                mark_at_least(heavy, weights, weights[0] * share)
    heavy[0] = 1
    return heavy


def _types(sides: tuple[Measures, ...]) -> tuple[tuple[BlockType, ...], list[dict[int, int]]]:
    """The types of rows, and for each capture's type its place among them.

    Two classes of one name are two types; of two captures, what has one name is one.
    """
    types = [UNTYPED]
    known: dict[BlockType | int, int] = {0: 0, UNTYPED: 0}
    of_type: list[dict[int, int]] = []
    for side in sides:
        tables, places = side.capture.tables, dict[int, int]()
        _, first = numbered(tables.rows.type)
        for number in sorted({0, *(tables.rows.type[row] for row in first)}):
            of = tables.types[number]
            key = number if len(sides) == 1 else of
            if key not in known:
                known[key] = len(types)
                types.append(of)
            places[number] = known[key]
        of_type.append(places)
    return tuple(types), of_type


def _preorder(parent: list[int], weights: list[float]) -> tuple[list[int], list[int]]:
    """The calls that weigh something, each before what it called, and how deep they are."""
    for call in range(len(parent) - 1, 0, -1):
        weights[parent[call]] += weights[call]
    # The callees of a call as a chain, heaviest first; of equals, the one met first.
    first, following = [0] * len(parent), [0] * len(parent)
    for call in sorted(range(len(parent) - 1, 0, -1), key=weights.__getitem__):
        if weights[call] > 0:
            above = parent[call]
            following[call] = first[above]
            first[above] = call
    order, pending = [], [0]
    while pending:
        call = pending.pop()
        order.append(call)
        if following[call]:
            pending.append(following[call])
        if first[call]:
            pending.append(first[call])
    depth = [0] * len(parent)
    for call in order[1:]:
        depth[call] = depth[parent[call]] + 1
    return order, [depth[call] for call in order]


def steps(values: Sequence[int]) -> list[int]:
    """How much each value is above the one before: small numbers where values rise."""
    before = [0, *values][:-1]
    return [value - last for value, last in zip(values, before, strict=True)]
