"""A capture as the columns of a flame graph: a tree in preorder, and the rows that weigh it.

The tree holds no values. Whoever draws it sums rows up, all of them or those of one thread, domain,
size class or stretch of time, so that one set of columns answers every such question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import or_

from memscope.analysis.measures import BYS, By, Measures
from memscope.analysis.origins import Origin

WINDOW_COLUMNS = ("allocations", "allocated_bytes", "released", "released_bytes")


@dataclass(frozen=True, slots=True)
class Function:
    """One function; `file` as people name it, `path` as the program knew it."""

    name: str
    file: str
    path: str
    origin: Origin
    first_line: int
    is_import: bool  # of the machinery that imports modules


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
class FlameRows:
    """What the calls weigh; `thread` is the place in the capture's list of threads, plus one.

    `measures` are aligned with the rows, in order of their call. Where two captures are compared
    there is one of these for each, over the same tree, rows of the same place being the same.
    """

    node: Sequence[int]
    domain: Sequence[int]
    size_class: Sequence[int]
    thread: Sequence[int]
    measures: tuple[dict[By, Sequence[float]], ...]


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
    """Tree and rows, and for each capture's row its place among them."""

    tree: FlameTree
    rows: FlameRows
    places: tuple[Sequence[int], ...]

    def windows(self, measures: Measures) -> Iterator[FlameWindow]:
        """What changed when; for a flame of one capture."""
        places = self.places[0]
        for window in measures.windows:
            rows = [places[row - 1] for row in window.row]
            order = sorted(range(len(rows)), key=rows.__getitem__)
            columns = (getattr(window, name) for name in WINDOW_COLUMNS)
            yield FlameWindow(
                window.start_ns,
                window.end_ns,
                sum(window.live_bytes),
                [rows[i] for i in order],
                tuple([column[i] for i in order] for column in columns),
            )


def flame_of(measures: Measures) -> Flame:
    """One capture, each call by its line; threads with the same calls share them."""
    return _flame((measures,), by_line=True)


def flame_of_both(old: Measures, new: Measures) -> Flame:
    """Two captures, each call by its function alone: lines move when a program is changed."""
    return _flame((old, new), by_line=False)


class _Merger:
    """Finds the calls that several captures have in common."""

    def __init__(self, by_line: bool) -> None:
        self.by_line = by_line
        self.functions: dict[tuple[str, str, int], int] = {}
        self.described: list[Function] = []
        self.calls: dict[tuple[int, int, int], int] = {}
        self.parent = [0]
        self.function = [-1]
        self.line = [0]

    def add(self, measures: Measures) -> list[int]:
        """The call that each node of the capture's tree is; 0 for roots."""
        stacks = measures.stacks
        nodes = stacks.tables.nodes
        known = self._functions_of(measures)
        calls = self.calls
        found = [0] * len(nodes.parent)
        entries = zip(nodes.parent, nodes.code, nodes.line, strict=True)
        for node, (parent, code, line) in enumerate(entries):
            if code:
                key = found[parent], known[code], line if self.by_line else 0
                call = calls.get(key)
                if call is None:
                    call = calls[key] = len(self.parent)
                    self.parent.append(key[0])
                    self.function.append(key[1])
                    self.line.append(key[2])
                found[node] = call
        return found

    def _functions_of(self, measures: Measures) -> list[int]:
        stacks = measures.stacks
        codes = stacks.tables.codes
        importing = stacks.import_codes
        known = [-1]
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
            known.append(number)
        return known


def _flame(sides: tuple[Measures, ...], *, by_line: bool) -> Flame:
    merger = _Merger(by_line)
    calls = [merger.add(side) for side in sides]
    weights: list[float] = [0] * len(merger.parent)
    for side, of_node in zip(sides, calls, strict=True):
        # One more than it requested, so that a call that asked for no bytes is there as well.
        for stack, value in zip(side.row_stacks, side.values("allocated_bytes"), strict=True):
            weights[of_node[stack]] += value + 1
    order, depth = _preorder(merger.parent, weights)
    place_of = [0] * len(merger.parent)
    for place, call in enumerate(order):
        place_of[call] = place
    tree = FlameTree(
        tuple(merger.described),
        depth,
        [merger.function[call] for call in order],
        [merger.line[call] for call in order],
    )
    rows, places = _rows(sides, [[place_of[call] for call in of_node] for of_node in calls])
    return Flame(tree, rows, places)


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


def _rows(
    sides: tuple[Measures, ...], calls: list[list[int]]
) -> tuple[FlameRows, tuple[Sequence[int], ...]]:
    # One number a row, in the order of call, domain, size class and thread: a tuple takes three
    # times the memory, and there are hundreds of thousands.
    of_side: list[list[int]] = []
    for side, of_node in zip(sides, calls, strict=True):
        rows = side.capture.tables.rows
        bases = [call << 26 for call in of_node]
        # Threads of two captures have nothing in common but that there are some.
        if len(sides) == 1:
            bases = list(map(or_, bases, _threads(side)))
        of_side.append(
            [
                bases[stack] | domain << 24 | size_class << 16
                for stack, domain, size_class in zip(
                    rows.stack, rows.domain, rows.size_class, strict=True
                )
            ]
        )
    # Nearly in order already, as a set of them would not be.
    ordered = list(dict.fromkeys(sorted(chain.from_iterable(of_side))))
    place = dict(zip(ordered, range(len(ordered)), strict=True))
    places = tuple([place[key] for key in keys] for keys in of_side)
    del place, of_side
    measures: list[dict[By, Sequence[float]]] = []
    for side, at in zip(sides, places, strict=True):
        sums: dict[By, Sequence[float]] = {}
        for by in BYS:
            column: list[float] = [0] * len(ordered)
            for position, value in zip(at, side.values(by), strict=True):
                column[position] += value
            sums[by] = column
        measures.append(sums)
    rows_of_both = FlameRows(
        [key >> 26 for key in ordered],
        [key >> 24 & 3 for key in ordered],
        [key >> 16 & 255 for key in ordered],
        [key & 0xFFFF for key in ordered],
        tuple(measures),
    )
    return rows_of_both, places


def _threads(measures: Measures) -> list[int]:
    """For each node the thread that its root names; 0 where it is not known."""
    tables = measures.stacks.tables
    nodes, count = tables.nodes, len(tables.threads)
    found = [0] * len(nodes.parent)
    for node, (parent, code, line) in enumerate(
        zip(nodes.parent, nodes.code, nodes.line, strict=True)
    ):
        if code:
            found[node] = found[parent]
        elif 0 < line <= count:
            found[node] = line
    return found


def steps(values: Sequence[int]) -> list[int]:
    """How much each value is above the one before: small numbers where values rise."""
    before = [0, *values][:-1]
    return [value - last for value, last in zip(values, before, strict=True)]
