"""A table for spreadsheets and data frames: a line for each row of the capture.

Stacks are numbers, those of the json export: written out they would take a hundred times the room.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterable, Sequence
from typing import BinaryIO, get_args

from memscope.analysis.measures import By, Measures
from memscope.analysis.stacks import Stacks
from memscope.analysis.types import type_name
from memscope.capture import Capture
from memscope.capture.columns import (
    Part,
    as_type,
    chosen,
    encoded,
    gathered,
    lines,
    number,
    number_or_nothing,
    one_of,
    only_where,
    same,
)
from memscope.capture.format import DOMAINS, LARGEST_SIZE_CLASS, size_range
from memscope.capture.model import NO_PYTHON_FRAME
from memscope.errors import one_line
from memscope.exports.figures import Figure, packed_by, row_figures, whole_column, whole_numbers
from memscope.exports.provenance import certainty

FIGURES: tuple[Figure, ...] = get_args(Figure)
PLACE = ("function", "file", "line", "own_function", "own_file", "own_line")
REQUEST = ("domain", "from_bytes", "to_bytes")
# Of objects; all 0 in captures without them.
OBJECT_FIGURES = ("reused", "uncertain_bytes", "uncertain_peak_bytes")
COLUMNS = ("stack", *PLACE, *REQUEST, *FIGURES, "certainty", "type", *OBJECT_FIGURES)
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Csv:
    name = "csv"
    suffix = ".csv"
    is_text = True
    description = "spreadsheets, pandas: a line for each stack, domain and size class"
    bys: tuple[By, ...] = ()

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        measures = Measures(capture)
        rows = capture.tables.rows
        stream.write((_line(COLUMNS) + _END).encode())
        types = [_inert(one_line(type_name(of))) for of in capture.tables.types]
        classes = range(LARGEST_SIZE_CLASS + 1)
        requests = encoded(_line((domain, *size_range(of))) for domain in DOMAINS for of in classes)
        sure = certainty(capture)  # a sum over all rows, not to be made for each type
        ends = encoded(f",{_line((sure, of))}," for of in ("", *types[1:]))
        figures = [whole_column(row_figures(measures, figure)) for figure in FIGURES]
        objects = [
            whole_column(whole_numbers(measures.counter(figure))) for figure in OBJECT_FIGURES
        ]
        places = _Places(measures.stacks)
        # Some rows at a time, or what is looked up for each would be half of all memory.
        for begin in range(0, len(rows.stack), _ROWS_AT_ONCE):
            some = slice(begin, begin + _ROWS_AT_ONCE)
            parts = [number(rows.stack[some]), same(","), *places.of(rows.stack[some]), same(",")]
            request = packed_by(len(classes), rows.domain[some], rows.size_class[some])
            parts.append(one_of(requests, request))
            for figure in figures:
                parts += [same(","), number(figure[some])]
            parts.append(one_of(ends, rows.type[some]))
            for figure in objects:
                parts += [number(figure[some]), same(",")]
            parts[-1] = same(_END)
            for written in lines(parts, len(rows.stack[some])):
                stream.write(written)
        return ()


_END = "\r\n"
_ROWS_AT_ONCE = 1 << 16


def _line(fields: Iterable[object]) -> str:
    """Fields as the module csv writes them, without the end of the line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


class _Places:
    """The frames of stacks, and those of user code on them; each name is kept once."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks
        codes = stacks.tables.codes
        self._functions, self._function_of = _texts(codes.function, NO_PYTHON_FRAME.function)
        self._own_functions = [b"", *self._functions[1:]]
        self._files, self._file_of = _texts(codes.file, "")

    def of(self, stacks: Sequence[int]) -> list[Part]:
        nodes = self._stacks.tables.nodes
        own = gathered(self._stacks.own, stacks)
        leaf, mine = gathered(nodes.code, stacks), gathered(nodes.code, own)
        nowhere = array("i", [-1]) * len(own)
        own_line = chosen(mine, as_type("q", gathered(nodes.line, own)), nowhere)
        return [
            one_of(self._functions, gathered(self._function_of, leaf)),
            same(","),
            one_of(self._files, gathered(self._file_of, leaf)),
            same(","),
            number(only_where(gathered(nodes.line, stacks), leaf)),
            same(","),
            one_of(self._own_functions, gathered(self._function_of, mine)),
            same(","),
            one_of(self._files, gathered(self._file_of, mine)),
            same(","),
            number_or_nothing(own_line),
        ]


def _texts(names: Sequence[str], none: str) -> tuple[list[bytes], array[int]]:
    """Each name as a field, once, after that of code 0; and for each code its place."""
    known: dict[str, int] = {}
    places = array("I", [0])
    for name in names[1:]:
        places.append(known.setdefault(name, len(known) + 1))
    return encoded([_field(none), *map(_field, known)]), places


def _field(name: str) -> str:
    # The module csv writes an empty field that is alone in its line as quotes.
    return _line(("", _inert(one_line(name))))[1:]


def _inert(text: str) -> str:
    """Text that no spreadsheet computes: a name in a hostile capture may be a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


exporter = Csv()
