"""A table for spreadsheets and data frames: a line for each row of the capture.

Stacks are numbers, those of the json export: written out they would take a hundred times the room.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.capture import Capture
from memscope.capture.format import DOMAINS, size_range
from memscope.errors import one_line
from memscope.exports.figures import Figure, row_figures
from memscope.exports.provenance import certainty

FIGURES: tuple[Figure, ...] = (
    "allocations",
    "frees",
    "reallocations",
    "allocated_bytes",
    "live_blocks",
    "live_bytes",
    "peak_blocks",
    "peak_bytes",
    "short_lived",
)
PLACE = ("function", "file", "line", "own_function", "own_file", "own_line")
REQUEST = ("domain", "from_bytes", "to_bytes")
COLUMNS = ("stack", *PLACE, *REQUEST, *FIGURES, "certainty")
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
        stacks, rows = measures.stacks, capture.tables.rows
        sure = certainty(capture)
        text = io.TextIOWrapper(stream, "utf-8", "backslashreplace", newline="")
        table = csv.writer(text)
        table.writerow(COLUMNS)
        columns = [row_figures(measures, figure) for figure in FIGURES]
        for row, values in enumerate(zip(*columns, strict=True)):
            stack = rows.stack[row]
            leaf, own = stacks.frame(stack), stacks.frame(stacks.own[stack])
            own_place = own if stacks.own[stack] else ("", "", "")
            place = [_inert(one_line(str(part))) for part in (*leaf, *own_place)]
            request = DOMAINS[rows.domain[row]], *size_range(rows.size_class[row])
            table.writerow((stack, *place, *request, *values, sure))
        text.flush()
        text.detach()
        return ()


def _inert(text: str) -> str:
    """Text that no spreadsheet computes: a name in a hostile capture may be a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


exporter = Csv()
