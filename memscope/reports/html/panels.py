"""Tables that a page shows beside the flame, made in Python: to add one, add a function here.

The page draws any panel: it knows columns and rows, not what they mean. A row that has a `site` is
linked with the frames of that file and line, both ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from memscope.analysis.lifetimes import Histogram, Span, find_lifetimes
from memscope.analysis.measures import Measures
from memscope.reports.units import bytes_text, share_text, time_text

SITES = 60


@dataclass(frozen=True, slots=True)
class Row:
    """The cells in order, and the file (as the program knew it) and line that they are about.

    `bars` are shares of their sum, drawn as a small histogram in front of the cells.
    """

    cells: tuple[str, ...]
    site: tuple[str, int] | None = None
    bars: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One table; `name` is what its tab is called by, `note` says how to read it."""

    name: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "columns": list(self.columns),
            "rows": [
                {"cells": list(row.cells), "site": row.site, "bars": list(row.bars)}
                for row in self.rows
            ],
        }


def panels(measures: Measures) -> list[Panel]:
    """Those that have something to show."""
    return [panel for make in PANELS if (panel := make(measures)).rows]


def lifetimes_panel(measures: Measures) -> Panel:
    """How long the blocks of the lines that allocate most often lived."""
    found = find_lifetimes(measures, by="allocations", limit=SITES)
    origins = measures.stacks.origins
    rows = []
    if found.known:
        rows.append(
            Row(
                ("all", *_cells(found.in_bytes, found.in_time, found.freed_share)),
                bars=found.in_bytes.counts,
            )
        )
        for site in found.sites:
            spot = site.hotspot
            if spot.file:
                where = (
                    f"{spot.function.rpartition('.')[2]}  {origins.short(spot.file)}:{spot.line}"
                )
            else:
                where = spot.function
            rows.append(
                Row(
                    (where, *_cells(site.in_bytes, site.in_time, site.freed_share)),
                    (spot.file, spot.line) if spot.file else None,
                    site.in_bytes.counts,
                )
            )
    return Panel(
        "lifetimes",
        "Lifetimes",
        "How long released blocks had lived: half of them less than the median. In bytes that the"
        " program allocated meanwhile, the same in every run, and in time, as fine as the recorder"
        " polls. Bars: from below 16 B to 4 GiB and more, each four times the one before. Blocks"
        " still live at the end are left out.",
        ("site", "median", "95 %", "in time", "released"),
        tuple(rows),
    )


PANELS: tuple[Callable[[Measures], Panel], ...] = (lifetimes_panel,)


def _cells(
    in_bytes: Histogram, in_time: Histogram, released: float | None
) -> tuple[str, str, str, str]:
    return (
        _below(in_bytes.quantile(0.5), bytes_text),
        _below(in_bytes.quantile(0.95), bytes_text),
        _below(in_time.quantile(0.5), time_text),
        "-" if released is None else share_text(released),
    )


def _below(span: Span | None, text: Callable[[float], str]) -> str:
    if span is None:
        return "-"
    return f"≥ {text(span.lower)}" if span.upper is None else f"< {text(span.upper)}"
