"""A flame graph as one SVG file: the exact blocks are ours, flameprof paints them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

from memscope.analysis.calltree import CallTree, call_tree
from memscope.analysis.measures import BYS, By, Measures
from memscope.analysis.origins import Origin
from memscope.capture import Capture
from memscope.capture.model import NO_PYTHON_FRAME
from memscope.errors import one_line
from memscope.exports.figures import TITLES, stack_figures
from memscope.exports.provenance import certainty, title

# 100,000 blocks would be 35 MB; what weighs less than this is a pixel wide.
THRESHOLD = 0.001
DEEPEST = 400
WIDTH = 1200
ROW_HEIGHT = 20
FONT_SIZE = 12

# Which of the painter's palettes a block takes.
_OWN, _OTHER, _CALLER = 0, 1, 2

_Block = dict[str, Any]


class Svg:
    name = "svg"
    suffix = ".svg"
    is_text = True
    description = "every browser: a flame graph of one measure"
    bys = BYS

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        # Here, because it imports pytest wherever that is installed.
        from flameprof import render_svg

        measures = Measures(capture)
        calls = _Calls(measures, by)
        callers = _Callers(measures, by, calls.whole)
        drawn = render_svg(
            calls.blocks, callers.blocks, calls.whole, h=ROW_HEIGHT, fsize=FONT_SIZE, width=WIDTH
        )
        stream.write(drawn.encode("utf-8"))
        return tuple(part.cut_text() for part in (calls, callers) if part.cut_count)


class _Drawing:
    """One of the two halves, as the painter wants it."""

    cut_noun = cut_into = ""

    def __init__(self, measures: Measures, by: By) -> None:
        self.stacks = measures.stacks
        self.what, self.unit = TITLES[by]
        self.blocks: list[_Block] = []
        self.cut_count = 0
        self.cut_value = 0.0
        self.cut_depth = False

    def put(self, level: int, x: float, value: float, name: str, place: str, color: int) -> None:
        self.blocks.append(
            {
                "level": level,
                "x": x,
                "w": value,
                "name": name,
                "full_name": f"{place}: {self.amount(value)}",
                "hash_name": place,
                "color": color,
            }
        )

    def amount(self, value: float) -> str:
        return f"{round(value):,} {self.unit}"

    def cut_text(self) -> str:
        deeper = f" or lie deeper than {DEEPEST} calls" if self.cut_depth else ""
        return (
            f"{self.cut_count:,} {self.cut_noun} that weigh less than {THRESHOLD:.1%}{deeper}"
            f" are drawn only as part of {self.cut_into}: {self.amount(self.cut_value)}"
        )


class _Calls(_Drawing):
    """The upper half: calls, root at its foot."""

    cut_noun, cut_into = "calls", "their callers"

    def __init__(self, measures: Measures, by: By) -> None:
        super().__init__(measures, by)
        tree = call_tree(measures, by=by, threshold=THRESHOLD, depth=DEEPEST)
        self.cut_count, self.cut_value = tree.cut_count, tree.cut_value
        self.cut_depth = tree.depth_limited
        self.total = tree.calls[0].value
        self.whole = self.total or 1  # a drawing of nothing has a width, too
        self._lay_out(tree)
        capture = measures.capture
        caption = f"{title(capture)}: {self.amount(self.total)} {self.what}, {certainty(capture)}"
        if self.cut_count:
            caption += f"; {self.cut_text()}"
        self.blocks[0] |= {"name": caption, "full_name": caption, "w": self.whole}

    def _lay_out(self, tree: CallTree) -> None:
        starts = {0: 0.0}
        for call in tree.calls:
            x = starts.pop(call.number)
            place = one_line(f"{call.function} {call.file}:{call.line}")
            color = _OWN if call.origin is Origin.OWN else _OTHER
            name = one_line(f"{call.function}:{call.line}")
            self.put(call.depth, x, call.value, name, place, color)
            for child in call.children:
                starts[child] = x
                x += tree.calls[child].value


class _Callers(_Drawing):
    """The lower half: the functions that allocated, and below each the ways that led there."""

    cut_noun, cut_into = "ways", "what they led to"

    def __init__(self, measures: Measures, by: By, whole: float) -> None:
        super().__init__(measures, by)
        self.same_function = self.stacks.same_function
        self.least = THRESHOLD * whole
        self.put(0, 0, whole, "", "", _CALLER)
        found = stack_figures(measures, by)
        self._lay_out(dict(zip(found.stacks, found.values, strict=True)))
        caption = "the functions that allocated, and below each what had called it"
        if self.cut_count:
            caption += f"; {self.cut_text()}"
        self.blocks[0] |= {"name": caption, "full_name": caption}

    def _lay_out(self, leaves: dict[int, float]) -> None:
        nodes, merged = self.stacks.tables.nodes, self.stacks.merged
        pending: list[tuple[int, float, dict[int, float]]] = [(1, 0.0, leaves)]
        while pending:
            level, x, entries = pending.pop()
            for function, group in self._by_function(entries, level).items():
                value = sum(group.values())
                if value < self.least or level > DEEPEST:
                    self.cut_count += 1
                    self.cut_value += value
                    self.cut_depth |= value >= self.least
                    continue
                self._put_function(level, x, value, function, next(iter(group)))
                callers: dict[int, float] = {}
                for node, part in group.items():
                    caller = merged[nodes.parent[node]]
                    if caller:
                        callers[caller] = callers.get(caller, 0) + part
                if callers:
                    pending.append((level + 1, x, callers))
                x += value

    def _by_function(self, entries: dict[int, float], level: int) -> dict[int, dict[int, float]]:
        """The nodes of each function, the heaviest function first."""
        groups: dict[int, dict[int, float]] = {}
        for node, value in entries.items():
            function = self.same_function[self.stacks.tables.nodes.code[node]]
            groups.setdefault(function, {})[node] = value
        heaviest = sorted(groups, key=lambda number: -sum(groups[number].values()))
        return {number: groups[number] for number in heaviest}

    def _put_function(self, level: int, x: float, value: float, function: int, node: int) -> None:
        frame = self.stacks.frame(node)
        first_line = self.stacks.tables.codes.first_line[function]
        place = NO_PYTHON_FRAME.function
        if frame is not NO_PYTHON_FRAME:
            place = one_line(f"{frame.function} {frame.file}:{first_line}")
        own = self.stacks.origin(node) is Origin.OWN
        color = _CALLER if level > 1 else _OWN if own else _OTHER
        self.put(level, x, value, one_line(frame.function), place, color)


exporter = Svg()
