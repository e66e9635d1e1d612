"""Facts about every node of the stack tree, worked out in one pass each.

A parent's id is smaller than its child's, so one walk in the order of ids has always seen the
parent: this keeps 300,000 nodes within tens of milliseconds.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property

from memscope.analysis.notebooks import NOTEBOOK, is_cell
from memscope.analysis.origins import Origin, Origins, is_binary
from memscope.capture import Capture
from memscope.capture.columns import (
    chosen,
    counted,
    depths,
    difference,
    flags,
    gathered,
    merged,
    nearest,
    numbered,
    only_where,
    total,
)
from memscope.capture.model import NO_PYTHON_FRAME, CodeFrame
from memscope.errors import MemscopeError

IMPORT_MACHINERY = frozenset(
    {
        "<frozen importlib._bootstrap>",
        "<frozen importlib._bootstrap_external>",
        "<frozen zipimport>",
    }
)
_MAKES_CODE = {
    "source_to_code": "<compile modules>",
    "_compile_source": "<compile modules>",  # in an archive
    "_compile_bytecode": "<unmarshal modules>",
    "_unmarshal_code": "<unmarshal modules>",
}
# The program's own source, before its first line runs (cext/framewalk.h).
_MAIN_CODE = frozenset({"<compile>", "<unmarshal>"})


class Stacks:
    """A capture's stack tree with what the analyses ask about its nodes."""

    def __init__(self, capture: Capture) -> None:
        self.tables = capture.tables
        self.origins = Origins(capture.meta, capture.tables)
        codes = self.tables.codes
        self._origin_of_code = [self.origins.of(file) for file in codes.file]

    def frame(self, node: int) -> CodeFrame:
        """The leaf frame of a stack."""
        nodes = self.tables.nodes
        return self.frame_of(nodes.code[node], nodes.line[node])

    def frame_of(self, code: int, line: int) -> CodeFrame:
        """The frame of a code at a line."""
        codes = self.tables.codes
        if not code:
            return NO_PYTHON_FRAME
        return CodeFrame(codes.function[code], codes.file[code], line)

    def origin(self, node: int) -> Origin:
        code = self.tables.nodes.code[node]
        return self._origin_of_code[code] if code else Origin.LIBRARY

    @cached_property
    def depth(self) -> Sequence[int]:
        """For each node how many frames its stack has; 0 for roots."""
        nodes = self.tables.nodes
        return depths(nodes.parent, nodes.code)

    def check_unfolded(self, nodes: Sequence[int], most: int, remedy: str) -> None:
        """Raise MemscopeError if these stacks, each written out, have more frames than `most`.

        The tree holds a recursion of a million calls in as many nodes; its stacks, one by one, are
        five hundred thousand million frames.
        """
        frames = total(
            gathered(self.depth, array("I", nodes) if isinstance(nodes, list) else nodes)
        )
        if frames > most:
            what = f"its stacks, each written out, have {frames:,} frames: more than {most:,}"
            raise MemscopeError(what, None, remedy)

    @cached_property
    def own(self) -> Sequence[int]:
        """For each node the innermost node of user code on its stack; 0 where there is none."""
        is_own = flags(origin is Origin.OWN for origin in self._origin_of_code)
        nodes = self.tables.nodes
        return nearest(nodes.parent, gathered(b"\0" + is_own[1:], nodes.code))

    @cached_property
    def is_own(self) -> Sequence[int]:
        """For each node 1 if its leaf is user code, or it is a root's."""
        own = self.own
        elsewhere = difference(counted(len(own)), own)
        return chosen(elsewhere, bytes(len(own)), b"\1" * len(own))

    @cached_property
    def shown(self) -> Sequence[int]:
        """For each node the one of the innermost line of user code, or itself where none runs."""
        return chosen(self.own, self.own, counted(len(self.own)))

    def responsible(self, node: int) -> CodeFrame:
        """The innermost line of user code on a stack, or its leaf where none runs."""
        return self.frame(self.own[node] or node)

    @cached_property
    def import_codes(self) -> list[bool]:
        """For each code whether it is of the machinery that imports modules."""
        return [file in IMPORT_MACHINERY for file in self.tables.codes.file]

    @cached_property
    def importing(self) -> Sequence[int]:
        """For each node, not 0 if a module was being imported, or the program's source compiled."""
        functions = self.tables.codes.function
        is_import = flags(
            imports or function in _MAIN_CODE
            for imports, function in zip(self.import_codes, functions, strict=True)
        )
        nodes = self.tables.nodes
        return nearest(nodes.parent, gathered(is_import, nodes.code))

    @cached_property
    def same_file(self) -> list[int]:
        """For each code the first one of the same file."""
        first: dict[str, int] = {}
        return [first.setdefault(file, code) for code, file in enumerate(self.tables.codes.file)]

    @cached_property
    def same_source(self) -> list[int]:
        """For each code the first one of the same file, and of a notebook's any cell."""
        first: dict[str, int] = {}
        files = (NOTEBOOK if is_cell(file) else file for file in self.tables.codes.file)
        return [first.setdefault(file, code) for code, file in enumerate(files)]

    @cached_property
    def works(self) -> tuple[str, ...]:
        """What `compiles` has the places of; the first is none."""
        return ("", *sorted(set(_MAKES_CODE.values())))

    @cached_property
    def compiles(self) -> Sequence[int]:
        """For each node how its leaf makes a module's code, `<compile modules>` in `works`; or 0.

        The machinery of imports compiles source, or reads code that was compiled before. Which
        module's it is no frame says.
        """
        codes, nodes, is_import = self.tables.codes, self.tables.nodes, self.import_codes
        work = bytes(
            self.works.index(_MAKES_CODE.get(function.rpartition(".")[2], "")) if imports else 0
            for imports, function in zip(is_import, codes.function, strict=True)
        )
        helper = flags(
            imports and function == "_call_with_frames_removed"
            for imports, function in zip(is_import, codes.function, strict=True)
        )
        own = gathered(work, nodes.code)
        return chosen(gathered(helper, nodes.code), gathered(own, nodes.parent), own)

    @cached_property
    def same_function(self) -> list[int]:
        """For each code the first one of the same file, name and first line.

        Code objects that were made anew are the same function: a reloaded module's, a lambda's
        in a function that ran twice.
        """
        codes = self.tables.codes
        return _first_codes(zip(codes.file, codes.function, codes.first_line, strict=True))

    @cached_property
    def same_name(self) -> list[int]:
        """For each code the first one of the same file and name."""
        codes = self.tables.codes
        return _first_codes(zip(codes.file, codes.function, strict=True))

    @cached_property
    def line_keys(self) -> Sequence[int]:
        """For each node a number from 0 up that is the same for the same line of the same file.

        What a shared library has in place of lines are its functions.
        """
        nodes, files, functions = self.tables.nodes, self.same_file, self.same_function
        binary = [is_binary(file) for file in self.tables.codes.file]
        places = [functions[code] if binary[code] else files[code] for code in range(len(files))]
        numbers = array("I", [0, *(place + 1 for place in places[1:])])
        return numbered(only_where(nodes.line, nodes.code), gathered(numbers, nodes.code))[0]

    @cached_property
    def merged(self) -> Sequence[int]:
        """For each node the first one with the same frames, whatever the thread."""
        nodes = self.tables.nodes
        functions = gathered(array("I", self.same_function), nodes.code)
        return merged(nodes.parent, functions, nodes.line)


def _first_codes(keys: Iterable[object]) -> list[int]:
    """For each code the first one with the same key; code 0 is none."""
    first: dict[object, int] = {}
    return [0 if code == 0 else first.setdefault(key, code) for code, key in enumerate(keys)]
