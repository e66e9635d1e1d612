"""The frames of all stacks, numbered, for formats that refer to them by number."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from memscope.analysis.stacks import Stacks
from memscope.capture.columns import (
    StackPart,
    counted,
    gathered,
    in_order,
    numbered,
    only_where,
    scatter,
    stack,
    zeros,
)
from memscope.capture.model import CodeFrame
from memscope.errors import one_line

# A stack of the protocols and texts is a list of all its frames, whatever it shares with others.
MOST_FRAMES = 1 << 26


class FrameTable:
    """Every frame once; number 0 stands for a stack without Python frames."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks
        nodes, same_function = stacks.tables.nodes, stacks.same_function
        functions = gathered(array("I", same_function), nodes.code)
        groups, first = numbered(functions, only_where(nodes.line, nodes.code))
        # In the order of the first node of each; the first of all stands for no frame.
        order = in_order(first)
        place = zeros("I", len(order))
        scatter(place, order, counted(len(order)))
        self.nodes = gathered(first, order)  # a node that has each frame as its leaf
        self.number_of = gathered(place, groups)  # of the leaf of each node
        self.parent = nodes.parent

    def __len__(self) -> int:
        return len(self.nodes)

    def frame(self, number: int) -> CodeFrame:
        """A frame with its names made fit for every viewer: one line, nothing unprintable."""
        found = self._stacks.frame(self.nodes[number])
        return CodeFrame(one_line(found.function), one_line(found.file), found.line)

    def first_line(self, number: int) -> int:
        """The line at which the frame's function begins; 0 if unknown."""
        tables = self._stacks.tables
        return tables.codes.first_line[tables.nodes.code[self.nodes[number]]]

    def label(self, number: int) -> str:
        """`decode (json/decoder.py:337)`: for viewers that know nothing but a name."""
        return frame_label(self._stacks, self.nodes[number])

    def check_length(self, nodes: Sequence[int], most: int = MOST_FRAMES) -> None:
        """Raise MemscopeError if these stacks are too much to be written out."""
        remedy = "the formats json, csv and svg keep them as a tree"
        self._stacks.check_unfolded(nodes, most, remedy)

    def stacks(
        self, nodes: Sequence[int], between: bytes, texts: list[bytes] | None = None
    ) -> StackPart:
        """The frames of these stacks as a part of lines, root first: texts, or their numbers."""
        return stack(texts, nodes, self.parent, self.number_of, between)

    def stack(self, node: int) -> list[int]:
        """The frames of a stack, leaf first."""
        parent, number_of = self.parent, self.number_of
        found = []
        while node:
            number = number_of[node]
            if number:
                found.append(number)
            node = parent[node]
        return found or [0]


def frame_label(stacks: Stacks, node: int) -> str:
    """The leaf frame of a stack in one line, with a short file name."""
    frame = stacks.frame(node)
    if not frame.file:
        return one_line(frame.function)
    return one_line(f"{frame.function} ({stacks.origins.short(frame.file)}:{frame.line})")
