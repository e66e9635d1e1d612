"""Putting a capture's continued tables together: strings, codes, nodes, threads and rows."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import cast

from memscope.capture.columns import (
    accumulated,
    as_type,
    joined,
    largest,
    only_where,
    scatter,
    total,
    typecode_for,
)
from memscope.capture.columns import parents as parents_of
from memscope.capture.format import (
    DOMAINS,
    LARGEST_SIZE_CLASS,
    MAX_ENTRIES,
    MAX_NODES,
    MAX_ROWS,
    MAX_STRINGS_BYTES,
    TYPE_KINDS,
    Allowance,
    Column,
    FormatError,
    FrameKind,
    read_strings,
    read_table,
)
from memscope.capture.frames import Frame
from memscope.capture.model import UNTYPED, BlockType, Codes, Nodes, Rows, Tables, Thread, TypeKind

POSITIONAL = frozenset(
    {
        FrameKind.STRINGS,
        FrameKind.CODES,
        FrameKind.NODES,
        FrameKind.THREADS,
        FrameKind.TYPES,
        FrameKind.ROWS,
    }
)
TABLE_KINDS = POSITIONAL | {FrameKind.ROWTYPES}

Report = Callable[[Frame, str], None]


class _Pieces:
    """The columns of a table, as its frames bring them; each piece in the width that it needs."""

    def __init__(self, columns: int, nones: int) -> None:
        """The first `nones` entries stand for "none", and are in no frame."""
        self.count = nones
        self._pieces: list[list[Column]] = [[bytes(nones)] for _ in range(columns)]

    def add(self, columns: Sequence[Column]) -> None:
        self.count += len(columns[0])
        for pieces, column in zip(self._pieces, columns, strict=True):
            pieces.append(column)

    def joined(self) -> list[Column]:
        """The whole columns; the pieces are gone then."""
        return [joined(self._pieces.pop(0)) for _ in range(len(self._pieces))]


class TableBuilder:
    """Takes table frames in file order; what cannot be placed any more is reported and left out.

    Ids are positions, so a table whose piece is lost ends there: whatever came after it has
    unknown ids. References are checked, so everything built can be followed without further care.
    """

    def __init__(self, read: Callable[[Frame], bytes], report: Report) -> None:
        self._read = read
        self._report = report
        self._broken: set[int] = set()
        self._strings: list[str] = [""]
        self._room = {kind: Allowance(MAX_ENTRIES) for kind in TABLE_KINDS}
        self._room[FrameKind.NODES] = Allowance(MAX_NODES)
        for kind in (FrameKind.ROWS, FrameKind.ROWTYPES):
            self._room[kind] = Allowance(MAX_ROWS)
        self._text_room = Allowance(MAX_STRINGS_BYTES)
        self._codes = _Pieces(3, 1)
        self._nodes = _Pieces(3, 1)
        self._rows = _Pieces(4, 0)
        self._row_types: list[tuple[array[int], Column]] = []
        self._types: list[BlockType] = [UNTYPED]
        self._threads: list[Thread] = []

    def add(self, frame: Frame) -> None:
        """Adds one frame of any kind; kinds that are no tables are ignored."""
        if frame.kind not in TABLE_KINDS or frame.kind in self._broken:
            return
        try:
            if not frame.known:
                raise FormatError("it is of a newer version")
            if frame.after_gap and frame.kind in POSITIONAL:
                raise FormatError("an earlier piece of its table may be missing")
            _ADD[frame.kind](self, self._read(frame))
        except FormatError as error:
            if frame.kind in POSITIONAL:
                self._broken.add(frame.kind)
            self._report(frame, str(error))

    def build(self) -> Tables:
        strings = self._strings
        file, function, first_line = self._codes.joined()
        return Tables(
            codes=Codes(
                [strings[index] for index in file],
                [strings[index] for index in function],
                first_line,
            ),
            nodes=Nodes(*self._nodes.joined()),
            threads=tuple(self._threads),
            types=self._types,
            rows=Rows(*self._joined_rows()),
        )

    def _joined_rows(self) -> list[Column]:
        *keys, types = self._rows.joined()
        told = as_type(typecode_for(len(self._types) - 1), types)
        for rows, numbers in self._row_types:
            scatter(told, rows, numbers)
        return [*keys, told]

    def _add_strings(self, payload: bytes) -> None:
        self._text_room.take(len(payload))
        strings = read_strings(payload)
        self._room[FrameKind.STRINGS].take(len(strings))
        self._strings.extend(strings)

    def _add_codes(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3)
        self._room[FrameKind.CODES].take(count)
        check_below(columns[0], len(self._strings), "string")
        check_below(columns[1], len(self._strings), "string")
        self._codes.add(columns)

    def _add_nodes(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3)
        first = self._nodes.count
        self._room[FrameKind.NODES].take(count)
        check_below(columns[1], self._codes.count, "code")
        try:
            parents = parents_of(columns[0], first)
        except ValueError:
            raise FormatError("it has a stack that is its own parent, or has none") from None
        # Nodes without code are the roots of threads; in between they would hide endless stacks.
        if total(parents) != total(only_where(parents, columns[1])):
            raise FormatError("it has a call without code")
        self._nodes.add([parents, columns[1], columns[2]])

    def _add_threads(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3)
        self._room[FrameKind.THREADS].take(count)
        check_below(columns[1], len(self._strings), "string")
        self._threads.extend(
            Thread(native_id, self._strings[name], bool(flags & 1), bool(flags & 2))
            for native_id, name, flags in zip(*columns, strict=True)
        )

    def _add_rows(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3, optional=1)
        self._room[FrameKind.ROWS].take(count)
        check_below(columns[0], self._nodes.count, "stack")
        check_below(columns[1], len(DOMAINS), "domain")
        check_below(columns[2], LARGEST_SIZE_CLASS + 1, "size class")
        check_below(columns[3], len(self._types), "type")
        self._rows.add(columns)

    def _add_types(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3)
        self._room[FrameKind.TYPES].take(count)
        check_below(columns[0], len(self._strings), "string")
        check_below(columns[1], len(self._strings), "string")
        check_below(columns[2], len(TYPE_KINDS), "kind of type")
        self._types.extend(
            BlockType(self._strings[module], self._strings[name], cast(TypeKind, TYPE_KINDS[kind]))
            for module, name, kind in zip(*columns, strict=True)
        )

    def _add_row_types(self, payload: bytes) -> None:
        count, (gaps, types) = read_table(payload, 2)
        self._room[FrameKind.ROWTYPES].take(count)
        rows = accumulated(gaps, -1)
        check_below(types, len(self._types), "type")
        # A row before the first one is the largest number of all.
        check_below(rows, self._rows.count, "row")
        self._row_types.append((as_type("I", rows), types))


# Not in the builder: with methods of its own it, and so a capture, would be gone only when the
# collector comes.
_ADD: dict[int, Callable[[TableBuilder, bytes], None]] = {
    FrameKind.STRINGS: TableBuilder._add_strings,
    FrameKind.CODES: TableBuilder._add_codes,
    FrameKind.NODES: TableBuilder._add_nodes,
    FrameKind.THREADS: TableBuilder._add_threads,
    FrameKind.TYPES: TableBuilder._add_types,
    FrameKind.ROWS: TableBuilder._add_rows,
    FrameKind.ROWTYPES: TableBuilder._add_row_types,
}


def check_below(column: Column, limit: int, noun: str) -> None:
    if largest(column) >= limit:
        raise FormatError(f"it refers to a {noun} that does not exist")
