"""Putting a capture's continued tables together: strings, codes, nodes, threads and rows."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import compress
from operator import not_, sub

from memscope.capture.format import (
    LARGEST_SIZE_CLASS,
    MAX_ENTRIES,
    MAX_NODES,
    MAX_STRINGS_BYTES,
    Allowance,
    Column,
    FormatError,
    Kind,
    read_strings,
    read_table,
)
from memscope.capture.frames import Frame
from memscope.capture.model import Codes, Nodes, Rows, Tables, Thread

TABLE_KINDS = frozenset({Kind.STRINGS, Kind.CODES, Kind.NODES, Kind.THREADS, Kind.ROWS})

Report = Callable[[Frame, str], None]


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
        self._room[Kind.NODES] = Allowance(MAX_NODES)
        self._text_room = Allowance(MAX_STRINGS_BYTES)
        self._codes = (array("Q", [0]), array("Q", [0]), array("Q", [0]))
        self._nodes = (array("Q", [0]), array("Q", [0]), array("Q", [0]))
        self._rows = (array("Q"), array("Q"), array("Q"))
        self._threads: list[Thread] = []
        self._add: dict[int, Callable[[bytes], None]] = {
            Kind.STRINGS: self._add_strings,
            Kind.CODES: self._add_codes,
            Kind.NODES: self._add_nodes,
            Kind.THREADS: self._add_threads,
            Kind.ROWS: self._add_rows,
        }

    def add(self, frame: Frame) -> None:
        """Adds one frame of any kind; kinds that are no tables are ignored."""
        if frame.kind not in TABLE_KINDS or frame.kind in self._broken:
            return
        try:
            if not frame.known:
                raise FormatError("it is of a newer version")
            if frame.after_gap:
                raise FormatError("an earlier piece of its table may be missing")
            self._add[frame.kind](self._read(frame))
        except FormatError as error:
            self._broken.add(frame.kind)
            self._report(frame, str(error))

    def build(self) -> Tables:
        strings = self._strings
        file, function, first_line = self._codes
        return Tables(
            codes=Codes(
                [strings[index] for index in file],
                [strings[index] for index in function],
                first_line,
            ),
            nodes=Nodes(*self._nodes),
            threads=tuple(self._threads),
            rows=Rows(*self._rows),
        )

    def _add_strings(self, payload: bytes) -> None:
        self._text_room.take(len(payload))
        strings = read_strings(payload)
        self._room[Kind.STRINGS].take(len(strings))
        self._strings.extend(strings)

    def _add_codes(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3)
        self._room[Kind.CODES].take(count)
        check_below(columns[0], len(self._strings), "string")
        check_below(columns[1], len(self._strings), "string")
        extend(self._codes, columns)

    def _add_nodes(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3)
        first = len(self._nodes[0])
        self._room[Kind.NODES].take(count)
        check_below(columns[1], len(self._codes[0]), "code")
        if count and not min(columns[0]):
            raise FormatError("it has a stack that is its own parent")
        try:
            parents = array("Q", map(sub, range(first, first + count), columns[0]))
        except OverflowError:
            raise FormatError("it has a stack whose parent does not exist") from None
        # Nodes without code are the roots of threads; in between they would hide endless stacks.
        if any(compress(parents, map(not_, columns[1]))):
            raise FormatError("it has a call without code")
        extend(self._nodes, [parents, columns[1], columns[2]])

    def _add_threads(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3)
        self._room[Kind.THREADS].take(count)
        check_below(columns[1], len(self._strings), "string")
        self._threads.extend(
            Thread(native_id, self._strings[name], bool(flags & 1), bool(flags & 2))
            for native_id, name, flags in zip(*columns, strict=True)
        )

    def _add_rows(self, payload: bytes) -> None:
        count, columns = read_table(payload, 3)
        self._room[Kind.ROWS].take(count)
        check_below(columns[0], len(self._nodes[0]), "stack")
        check_below(columns[1], 3, "domain")
        check_below(columns[2], LARGEST_SIZE_CLASS + 1, "size class")
        extend(self._rows, columns)


def extend(table: Sequence[array[int]], columns: Sequence[Column]) -> None:
    for whole, piece in zip(table, columns, strict=True):
        whole.extend(iter(piece))  # through an iterator: arrays of another width are refused


def check_below(column: Column, limit: int, noun: str) -> None:
    if column and max(column) >= limit:
        raise FormatError(f"it refers to a {noun} that does not exist")
