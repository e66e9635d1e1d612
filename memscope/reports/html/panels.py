"""Tables that a page shows beside the flame, made in Python: to add one, add a function here.

The page draws any panel: it knows columns and rows, not what they mean. A row that has a `site` is
linked with the frames of that file and line, both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any, Literal

from memscope.advice.advise import advise
from memscope.advice.evidence.calibration import DEFAULT_COSTS
from memscope.advice.model import Advice, Rejected, Whole
from memscope.advice.registry import title_of
from memscope.analysis.lifetimes import Histogram, LifetimeRange, find_lifetimes
from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origins
from memscope.analysis.rss import (
    LinePart,
    PartOrigin,
    ResidentParts,
    resident_over_time,
    rss_of,
    tells_parts,
)
from memscope.analysis.units import bytes_text, plural, share_text, time_text
from memscope.plain import dataclass
from memscope.reports.advice import MEASURE_NAMES, amount_text
from memscope.reports.rss import (
    ORIGIN_NAMES,
    explained_text,
    hint_text,
    moment_text,
    most_text,
    part_text,
)
from memscope.reports.unseen import reason_text

SITES = 60
ADVICE = 20
TEMPTING = 10
NAMES = 12  # of one origin of resident memory


@dataclass(frozen=True, slots=True)
class Row:
    """The cells in order, and the file (as the program knew it) and line that they are about.

    Two spaces in the first cell part what it is called from where it is. `bars` are shares of their
    sum, drawn as a small histogram in front of the cells; `more` is what opens below, in pieces.
    """

    cells: tuple[str, ...]
    site: tuple[str, int] | None = None
    bars: tuple[float, ...] = ()
    more: tuple[tuple[Literal["text", "code"], str], ...] = ()


@dataclass(frozen=True, slots=True)
class StackPart:
    """Bytes of one part at each look; `name` is for its colour, `title` for people."""

    name: str
    title: str
    bytes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """A chart over the table: parts on top of one another, the first at the bottom."""

    time_ns: tuple[int, ...]
    parts: tuple[StackPart, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One table; `name` is what its tab is called by, `note` says how to read it."""

    name: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    stack: Stack | None = None

    def document(self) -> dict[str, Any]:
        return {
            "stack": None if self.stack is None else asdict(self.stack),
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "columns": list(self.columns),
            "rows": [
                {
                    "cells": list(row.cells),
                    "site": row.site,
                    "bars": list(row.bars),
                    "more": [list(piece) for piece in row.more],
                }
                for row in self.rows
            ],
        }


PanelMaker = Callable[[Measures, bool], Panel]


def panels(measures: Measures, makers: Sequence[PanelMaker], *, source: bool) -> list[Panel]:
    """Those that have something to show; without `source`, none of the program's own text."""
    return [panel for make in makers if (panel := make(measures, source)).rows]


def advice_panel(measures: Measures, source: bool) -> Panel:
    """What to change, best first, and what only looks as if it paid."""
    advised = advise(measures, DEFAULT_COSTS)
    origins = measures.stacks.origins
    rows = [_advice_row(item, advised.whole, origins, source) for item in advised.advice[:ADVICE]]
    tempting = [item for item in advised.rejected if item.site is not None and item.weight > 0]
    rows += [_rejected_row(item, origins) for item in tempting[:TEMPTING]]
    note = (
        "What to change, by what it saves at least. Times are those of a slow machine of 2020, so"
        " that this page is the same wherever it is made; memscope advise measures yours, and"
        " names the command that proves a change."
    )
    unseen = advised.unseen
    if unseen.reasons:
        reasons = "; ".join(reason_text(reason, unseen) for reason in unseen.reasons)
        note += f" It knows nothing of what was not seen: {reasons}."
    return Panel(
        "advice",
        "Advice",
        note,
        ("change", "saves", "at least", "of", "sure"),
        tuple(rows),
    )


def _advice_row(item: Advice, whole: Whole, origins: Origins, source: bool) -> Row:
    measure, saving = max(
        item.predicted.items(), key=lambda entry: whole.share(entry[0], entry[1].low)
    )
    share = whole.share(measure, saving.value)
    others = [
        f"{MEASURE_NAMES[other]} -{amount_text(other, value.value)}"
        f" ({amount_text(other, value.low)} to {amount_text(other, value.high)})"
        for other, value in item.predicted.items()
        if other != measure and value.high > 0
    ]
    more: list[tuple[Literal["text", "code"], str]] = [("text", item.summary)]
    if others:
        more.append(("text", f"Also: {', '.join(others)}."))
    more.append(("text", f"Change: {item.fix.text}"))
    if source and item.fix.code:
        more.append(("code", item.fix.code))
    more += [("text", f"Cost: {item.cost}"), ("text", f"Known: {item.modelled}")]
    return Row(
        (
            f"{item.kind}: {title_of(item.kind)}  {origins.short(item.site.file)}:{item.site.line}",
            f"{amount_text(measure, saving.value)} {MEASURE_NAMES[measure]}",
            amount_text(measure, saving.low),
            share_text(share) if share > 0 else "-",
            share_text(item.confidence),
        ),
        (item.site.file, item.site.line),
        more=tuple(more),
    )


def _rejected_row(item: Rejected, origins: Origins) -> Row:
    assert item.site is not None
    return Row(
        (
            f"not {item.kind}  {origins.short(item.site.file)}:{item.site.line}",
            *("nothing", "-", "-", "-"),
        ),
        (item.site.file, item.site.line),
        more=(("text", item.reason),),
    )


def lifetimes_panel(measures: Measures, source: bool) -> Panel:
    """How long the blocks of the lines that allocate most often lived."""
    del source  # it shows none
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
        ("site", "median", "95%", "in time", "released"),
        tuple(rows),
    )


def resident_panel(measures: Measures, source: bool) -> Panel:
    """What resident memory was made of when it was highest, and whose lines' blocks were in it."""
    del source  # it shows none
    known = tells_parts(measures.capture)
    resident = rss_of(measures) if known else None
    rows: list[Row] = []
    note = ""
    if resident is not None:
        rows = [row for origin in ORIGIN_NAMES if (row := _origin_row(resident, origin))]
        rows.sort(key=lambda row: -resident.of(_ORIGIN_BY_NAME[row.cells[0]]))
        rows += [_resident_line(measures, resident, line) for line in resident.lines[:SITES]]
        note = (
            f"{bytes_text(resident.resident_bytes)} resident {moment_text(resident)}."
            f" {explained_text(resident)}. The parts add up to it; then the lines whose blocks are"
            " in it. Reserved: with what was asked for and never touched."
            f" {most_text(resident)} {hint_text(resident)}"
        ).strip()
    return Panel(
        "resident",
        "RSS",
        note,
        ("what", "resident", "of all", "reserved"),
        tuple(rows),
        _resident_stack(measures) if known else None,
    )


# From the bottom: what the program asked for, what is kept for it, what it is made of.
STACKED: tuple[PartOrigin, ...] = (
    "objects",
    "pymalloc free",
    "native",
    "libc free",
    "mapping",
    "code",
    "stacks",
    "unexplained",
)


def _resident_stack(measures: Measures) -> Stack | None:
    """The origins over time, without memscope's own: as resident memory in the other chart."""
    moments = resident_over_time(measures)
    if len(moments) < 2:
        return None
    times = tuple(moment.time_ns for moment in moments)
    gap = max(after - before for before, after in pairwise((0, *times)))
    parts = (
        StackPart(
            origin.replace(" ", "-"),
            ORIGIN_NAMES[origin],
            tuple(moment.origins.get(origin, 0) for moment in moments),
        )
        for origin in STACKED
    )
    note = (
        f"Resident memory over time, without memscope's own. The parts were measured at"
        f" {plural(len(times), 'look')}, marked below; between looks, {time_text(gap / 1e9)} apart"
        " at most, they are not known and drawn straight. The dashed line was sampled throughout."
    )
    return Stack(times, tuple(part for part in parts if any(part.bytes)), note)


_ORIGIN_BY_NAME = {name: origin for origin, name in ORIGIN_NAMES.items()}


def _origin_row(resident: ResidentParts, origin: PartOrigin) -> Row | None:
    parts = [part for part in resident.parts if part.origin == origin]
    if not parts:
        return None
    shown = [part for part in parts if part.name][:NAMES]
    more: list[tuple[Literal["text", "code"], str]] = [
        ("text", f"{bytes_text(part.size_bytes)} {part_text(part)}") for part in shown
    ]
    others = len(parts) - len(shown)
    if shown and others:
        left = sum(part.size_bytes for part in parts) - sum(part.size_bytes for part in shown)
        more.append(("text", f"{bytes_text(left)} {plural(others, 'other')}"))
    size_bytes, reserved = resident.of(origin), resident.reserved(origin)
    cells = _resident_cells(resident, size_bytes, reserved)
    return Row((ORIGIN_NAMES[origin], *cells), more=tuple(more))


def _resident_line(measures: Measures, resident: ResidentParts, line: LinePart) -> Row:
    frame, origins = line.frame, measures.stacks.origins
    where = frame.function
    if frame.file:
        where = f"{frame.function.rpartition('.')[2]}  {origins.short(frame.file)}:{frame.line}"
    cells = _resident_cells(resident, line.size_bytes, line.reserved_bytes)
    return Row((where, *cells), (frame.file, frame.line) if frame.file else None)


def _resident_cells(
    resident: ResidentParts, size_bytes: int, reserved: int
) -> tuple[str, str, str]:
    share = size_bytes / max(resident.resident_bytes, 1)
    return (
        bytes_text(size_bytes),
        share_text(share) if size_bytes else "-",
        bytes_text(reserved) if reserved != size_bytes else "-",
    )


PANELS: tuple[PanelMaker, ...] = (
    advice_panel,
    lifetimes_panel,
    resident_panel,
)


def _cells(
    in_bytes: Histogram, in_time: Histogram, released: float | None
) -> tuple[str, str, str, str]:
    return (
        _below(in_bytes.quantile(0.5), bytes_text),
        _below(in_bytes.quantile(0.95), bytes_text),
        _below(in_time.quantile(0.5), time_text),
        "-" if released is None else share_text(released),
    )


def _below(span: LifetimeRange | None, text: Callable[[float], str]) -> str:
    if span is None:
        return "-"
    return f"≥ {text(span.lower)}" if span.upper is None else f"< {text(span.upper)}"
