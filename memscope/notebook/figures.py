"""What a cell took: peak, requested, kept, the heaviest lines, and which names keep it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import memscope
from memscope.analysis.hotspots import responsible_lines
from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin
from memscope.analysis.retainers import Holdings
from memscope.capture import Capture
from memscope.errors import MemscopeError

_CANDIDATES = 200  # holders that are looked at, the heaviest first
_OURS = f"{Path(memscope.__file__).parent}/"
# The notebook's names, which IPython's own frames lead to as well.
_NOTEBOOK = re.compile(r"(?:__main__|.*\b_?user_ns)\.(?=.)")
# What the cell gives, while it is on its way to IPython.
_VALUE = re.compile(r"(?:Code\.run|CellRun\.once)\(\)\.<working value>")


@dataclass(frozen=True, slots=True)
class KeptByName:
    """A name of the notebook, and bytes of the cell's objects that would go if it went."""

    path: str
    bytes: int


@dataclass(frozen=True, slots=True)
class LineFigures:
    """A line, with what was requested for it and what of it was live at the peak and is now."""

    place: str
    function: str
    allocated_bytes: int
    peak_bytes: int
    live_bytes: int


@dataclass(frozen=True, slots=True)
class CellFigures:
    """All of one cell; `names` is None where nobody was asked for them."""

    peak_bytes: float
    allocated_bytes: float
    allocations: float
    live_bytes: float
    duration_s: float
    sampled: bool
    complete: bool
    lines: tuple[LineFigures, ...]
    names: tuple[KeptByName, ...] | None
    notes: tuple[str, ...]


def figures_of(capture: Capture, limit: int, duration_s: float, value_name: str) -> CellFigures:
    """The figures of a cell's capture, with the `limit` heaviest lines at its peak (0: all).

    `value_name` is what keeps what the cell gives, once it is shown.
    Lines are those of user code. What else went on in the process is in the sums alone.
    """
    measures = Measures(capture)
    total = capture.sums.total
    (lines,) = responsible_lines(measures, ["peak_bytes"], 0)
    own = [row for row in lines.rows if row.origin is Origin.OWN and row.peak_bytes]
    own = [row for row in own if not row.file.startswith(_OURS)]
    origins = measures.stacks.origins
    return CellFigures(
        peak_bytes=total.peak_bytes,
        allocated_bytes=total.allocated_bytes,
        allocations=total.allocations,
        live_bytes=total.live_bytes,
        duration_s=duration_s,
        sampled=capture.meta.sampled,
        complete=capture.complete,
        lines=tuple(
            LineFigures(
                f"{origins.short(row.file)}:{row.line}" if row.file else "",
                row.function,
                row.allocated_bytes,
                row.peak_bytes,
                row.live_bytes,
            )
            for row in own[: limit or None]
        ),
        names=_names(measures, limit, value_name),
        notes=tuple(capture.notes),
    )


def _names(measures: Measures, limit: int, value_name: str) -> tuple[KeptByName, ...] | None:
    """Who keeps what the cell made, the heaviest first; what was there before counts for nobody."""
    try:
        holdings = Holdings(measures)
    except MemscopeError:
        return None
    rows = holdings.retainers(_CANDIDATES).rows
    lines = holdings.bytes_by_line([row.number for row in rows])
    paths = [_VALUE.sub(value_name, _NOTEBOOK.sub("", row.way.path, 1), 1) for row in rows]
    kept = [
        KeptByName(path, _made(lines.get(row.number, {})))
        for path, row in zip(paths, rows, strict=True)
    ]
    kept = [each for each in kept if each.bytes]
    kept.sort(key=lambda each: each.bytes, reverse=True)
    return tuple(kept[: limit or None])


def _made(bytes_by_line: Mapping[int, int]) -> int:
    """Bytes of what was made in the recording: line 0 is that of all that was there before."""
    return sum(many for node, many in bytes_by_line.items() if node)
