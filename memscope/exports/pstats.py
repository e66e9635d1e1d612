"""The standard library's pstats: functions, and which called which, but not by which way."""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Sequence
from typing import BinaryIO

from memscope.analysis.measures import BYS, By, Measures
from memscope.capture import Capture
from memscope.capture.model import NO_PYTHON_FRAME
from memscope.errors import one_line
from memscope.exports.figures import TITLES, row_figures
from memscope.exports.provenance import certainty

_Function = tuple[str, int, str]  # file, first line, name: pstats' key
_Sums = list[int]  # allocations twice, own and inclusive measure: cc, nc, tt, ct


class Pstats:
    name = "pstats"
    suffix = ".pstats"
    is_text = False
    description = "python -m pstats, snakeviz, gprof2dot: one measure, and only who called whom"
    bys = BYS

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        functions = _Functions(Measures(capture), by)
        what, unit = TITLES[by]
        label = (
            f"memscope: times are {unit} {what}, calls are allocations ({certainty(capture)});"
            " callers are edges, not stacks"
        )
        stats = {
            function: (*sums, {caller: tuple(edge) for caller, edge in callers.items()})
            for function, (sums, callers) in functions.found.items()
        }
        # The format has no room for remarks: this is a function that was never called.
        stats["~", 0, label] = (0, 0, 0, 0, {})
        stream.write(marshal.dumps(stats))
        return ("callers are edges: the format cannot say by which way a function was reached",)


class _Functions:
    """Sums per function and per edge; a function that recurs on a stack counts once for it."""

    def __init__(self, measures: Measures, by: By) -> None:
        self.stacks = measures.stacks
        self.found: dict[_Function, tuple[_Sums, dict[_Function, _Sums]]] = {}
        merged = self.stacks.merged
        nodes = len(merged)
        self.allocations, self.own = [0] * nodes, [0] * nodes
        for node, count, value in zip(
            measures.row_stacks,
            row_figures(measures, "allocations"),
            row_figures(measures, by),
            strict=True,
        ):
            self.allocations[merged[node]] += count
            self.own[merged[node]] += value
        self.inclusive = self.own.copy()
        self.reached = [
            bool(count or value) for count, value in zip(self.allocations, self.own, strict=True)
        ]
        parent = self.stacks.tables.nodes.parent
        self.children: dict[int, list[int]] = {}
        for node in range(nodes - 1, 0, -1):
            if merged[node] == node and self.reached[node]:
                above = merged[parent[node]]
                self.inclusive[above] += self.inclusive[node]
                self.reached[above] = True
                self.children.setdefault(above, []).append(node)
        self._walk()

    def _walk(self) -> None:
        """Down all stacks, with the functions and edges that the way led through."""
        on_the_way: Counter[object] = Counter()
        keys: dict[int, _Function] = {}
        if self.allocations[0] or self.own[0]:
            count, value = self.allocations[0], self.own[0]
            self.found["", 0, NO_PYTHON_FRAME.function] = ([count, count, value, value], {})
        pending = [(node, -1) for node in self.children.get(0, ())]
        # Not recursive: stacks are as deep as the recorded program's recursion went.
        while pending:
            node, above = pending.pop()
            if node in keys:  # the way back
                function = keys.pop(node)
                on_the_way[function] -= 1
                on_the_way[keys.get(above), function] -= 1
                continue
            function = keys[node] = self._key(node)
            edge = keys.get(above), function
            self._add(
                function,
                edge[0],
                node,
                counted=on_the_way[function] > 0,
                edge_counted=on_the_way[edge] > 0,
            )
            on_the_way[function] += 1
            on_the_way[edge] += 1
            pending.append((node, above))
            pending += [(child, node) for child in self.children.get(node, ())]

    def _add(
        self,
        function: _Function,
        caller: _Function | None,
        node: int,
        *,
        counted: bool,
        edge_counted: bool,
    ) -> None:
        sums, callers = self.found.setdefault(function, ([0, 0, 0, 0], {}))
        self._sum(sums, node, counted)
        if caller is not None:
            self._sum(callers.setdefault(caller, [0, 0, 0, 0]), node, edge_counted)

    def _sum(self, sums: _Sums, node: int, counted: bool) -> None:
        sums[0] += self.allocations[node]
        sums[1] += self.allocations[node]
        sums[2] += self.own[node]
        sums[3] += 0 if counted else self.inclusive[node]

    def _key(self, node: int) -> _Function:
        tables = self.stacks.tables
        code = tables.nodes.code[node]
        frame = self.stacks.frame(node)
        return one_line(frame.file), tables.codes.first_line[code], one_line(frame.function)


exporter = Pstats()
