"""Facts about every node of the stack tree, worked out in one pass each.

A parent's id is smaller than its child's, so one walk in the order of ids has always seen the
parent: this keeps 300,000 nodes within tens of milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from memscope.analysis.origins import Origin, Origins
from memscope.capture import Capture
from memscope.capture.model import NO_PYTHON_FRAME, CodeFrame
from memscope.errors import MemscopeError

_IMPORT_MACHINERY = frozenset(
    {"<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"}
)


class Stacks:
    """A capture's stack tree with what the analyses ask about its nodes."""

    def __init__(self, capture: Capture) -> None:
        self.tables = capture.tables
        self.origins = Origins(capture.meta)
        codes = self.tables.codes
        self._origin_of_code = [self.origins.of(file) for file in codes.file]

    def frame(self, node: int) -> CodeFrame:
        """The leaf frame of a stack."""
        nodes, codes = self.tables.nodes, self.tables.codes
        code = nodes.code[node]
        if not code:
            return NO_PYTHON_FRAME
        return CodeFrame(codes.function[code], codes.file[code], nodes.line[node])

    def origin(self, node: int) -> Origin:
        code = self.tables.nodes.code[node]
        return self._origin_of_code[code] if code else Origin.LIBRARY

    @cached_property
    def depth(self) -> list[int]:
        """For each node how many frames its stack has; 0 for roots."""
        nodes = self.tables.nodes
        found = [0] * len(nodes.parent)
        for node, (parent, code) in enumerate(zip(nodes.parent, nodes.code, strict=True)):
            if code:
                found[node] = found[parent] + 1
        return found

    def check_unfolded(self, nodes: Iterable[int], most: int, remedy: str) -> None:
        """Raise MemscopeError if these stacks, each written out, have more frames than `most`.

        The tree holds a recursion of a million calls in as many nodes; its stacks, one by one, are
        five hundred thousand million frames.
        """
        frames = sum(map(self.depth.__getitem__, nodes))
        if frames > most:
            what = f"its stacks, each written out, have {frames:,} frames: more than {most:,}"
            raise MemscopeError(what, None, remedy)

    @cached_property
    def own(self) -> list[int]:
        """For each node the innermost node of own code on its stack; 0 where there is none."""
        is_own = [origin is Origin.OWN for origin in self._origin_of_code]
        is_own[0] = False
        nodes = self.tables.nodes
        found = [0] * len(nodes.parent)
        for node, (parent, code) in enumerate(zip(nodes.parent, nodes.code, strict=True)):
            found[node] = node if is_own[code] else found[parent]
        return found

    def responsible(self, node: int) -> CodeFrame:
        """The innermost own line of a stack, or its leaf where no own code runs."""
        return self.frame(self.own[node] or node)

    @cached_property
    def import_codes(self) -> list[bool]:
        """For each code whether it is of the machinery that imports modules."""
        return [file in _IMPORT_MACHINERY for file in self.tables.codes.file]

    @cached_property
    def importing(self) -> bytearray:
        """For each node, 1 if a module was being imported."""
        is_import = self.import_codes
        nodes = self.tables.nodes
        found = bytearray(len(nodes.parent))
        for node, (parent, code) in enumerate(zip(nodes.parent, nodes.code, strict=True)):
            if is_import[code] or found[parent]:
                found[node] = 1
        return found

    @cached_property
    def same_file(self) -> list[int]:
        """For each code the first one of the same file."""
        first: dict[str, int] = {}
        return [first.setdefault(file, code) for code, file in enumerate(self.tables.codes.file)]

    @cached_property
    def same_function(self) -> list[int]:
        """For each code the first one of the same file, name and first line.

        Code objects that were made anew are the same function: a reloaded module's, a lambda's
        in a function that ran twice.
        """
        codes = self.tables.codes
        first: dict[tuple[str, str, int], int] = {}
        keys = zip(codes.file, codes.function, codes.first_line, strict=True)
        return [0 if code == 0 else first.setdefault(key, code) for code, key in enumerate(keys)]

    @cached_property
    def line_keys(self) -> list[int]:
        """For each node a number that is the same for the same line of the same file."""
        nodes, files = self.tables.nodes, self.same_file
        count = len(files)
        return [
            line * count + files[code] if code else -1
            for code, line in zip(nodes.code, nodes.line, strict=True)
        ]

    @cached_property
    def merged(self) -> list[int]:
        """For each node the first one with the same frames, whatever the thread."""
        nodes, same_function = self.tables.nodes, self.same_function
        first: dict[tuple[int, int, int], int] = {}
        found = [0] * len(nodes.parent)
        entries = zip(nodes.parent, nodes.code, nodes.line, strict=True)
        for node, (parent, code, line) in enumerate(entries):
            if code:
                key = found[parent], same_function[code], line
                found[node] = first.setdefault(key, node)
        return found
