"""The standard library's pstats: functions, and which called which, but not by which way."""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from memscope.analysis.measures import BYS, By, Measures
from memscope.analysis.stacks import Stacks
from memscope.capture import Capture
from memscope.capture.columns import (
    chosen,
    gathered,
    numbered,
    only_where,
    outermost,
    risen,
    sums_by,
)
from memscope.errors import one_line
from memscope.exports.figures import TITLES, row_figures, whole_column
from memscope.exports.provenance import certainty

_Function = tuple[str, int, str]  # file, first line, name: pstats' key
_Sums = tuple[int, int, int, int]  # allocations twice, own and inclusive measure: cc, nc, tt, ct
_Callers = dict[_Function, _Sums]


class Pstats:
    name = "pstats"
    suffix = ".pstats"
    is_text = False
    description = "python -m pstats, snakeviz, gprof2dot: one measure, and only who called whom"
    bys = BYS

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        what, unit = TITLES[by]
        label = (
            f"memscope: times are {unit} {what}, calls are allocations ({certainty(capture)});"
            " callers are edges, not stacks"
        )
        stats: dict[_Function, tuple[int, int, int, int, _Callers]] = {
            function: (*sums, callers)
            for function, sums, callers in _functions(Measures(capture), by)
        }
        # The format has no room for remarks: this is a function that was never called.
        stats["~", 0, label] = (0, 0, 0, 0, {})
        stream.write(marshal.dumps(stats))
        return ("callers are edges: the format cannot say by which way a function was reached",)


def _functions(measures: Measures, by: By) -> Iterator[tuple[_Function, _Sums, _Callers]]:
    """What each function and each edge to it has; one that recurs on a stack counts once for it."""
    stacks = measures.stacks
    keys, function_of_code = _numbered_functions(stacks)
    nodes = stacks.tables.nodes
    caller = gathered(stacks.merged, nodes.parent)
    function = gathered(function_of_code, nodes.code)
    calling = gathered(function, caller)
    edge, first = numbered(function, calling)
    tree = _Tree(measures, by, caller)
    callers: list[_Callers] = [{} for _ in keys]
    for node, sums in zip(first, tree.sums(edge, len(first)), strict=True):
        if sums is not None and calling[node]:
            callers[function[node]][keys[calling[node]]] = sums
    for number, sums in enumerate(tree.sums(function, len(keys))):
        if sums is not None and (number or any(sums)):
            yield keys[number], sums, callers[number]


def _numbered_functions(stacks: Stacks) -> tuple[list[_Function], Sequence[int]]:
    """Every function, and which of them each code is; number 0 stands for no Python frame."""
    numbers: dict[_Function, int] = {}
    first_lines = stacks.tables.codes.first_line
    of_codes = array("I")
    for code, first_line in enumerate(first_lines):
        frame = stacks.frame_of(code, 0)
        key = (one_line(frame.file), first_line if code else 0, one_line(frame.function))
        of_codes.append(numbers.setdefault(key, len(numbers)))
    return list(numbers), of_codes


class _Tree:
    """Columns over the nodes, each of which stands for one way from the root in all threads."""

    def __init__(self, measures: Measures, by: By, caller: Sequence[int]) -> None:
        self.caller = caller
        stack = gathered(measures.stacks.merged, measures.row_stacks)
        self.allocations, self.own = (
            sums_by(stack, whole_column(row_figures(measures, figure)), len(caller))
            for figure in ("allocations", by)
        )
        self.inclusive = risen(self.own, caller)
        self.inclusive[0] = self.own[0]  # what has no Python frame calls nothing
        has_any = only_where(b"\1" * len(caller), chosen(self.own, self.own, self.allocations))
        self.reached = risen(has_any, caller)

    def sums(self, group: Sequence[int], count: int) -> Iterator[_Sums | None]:
        """Of each group of nodes; None: none of them was reached."""
        outer = outermost(self.caller, group)
        columns = (
            sums_by(group, column, count)
            for column in (
                self.reached, self.allocations, self.own, only_where(self.inclusive, outer),
            )
        )  # fmt: skip
        for reached, allocations, own, inclusive in zip(*columns, strict=True):
            yield (allocations, allocations, own, inclusive) if reached else None


exporter = Pstats()
