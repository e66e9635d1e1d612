"""The page of one capture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from memscope.advice.program.compiledcalls import CompiledCalls
from memscope.analysis.flame import WINDOW_COLUMNS, Flame, flame_of, steps
from memscope.analysis.flamelines import SMALL_LINE_SHARE
from memscope.analysis.flamerows import FlameRows
from memscope.analysis.hotspots import Hotspot, Hotspots, find_hotspots_by_each
from memscope.analysis.measures import BYS, SHORT_LIVED_BYTES, Measures
from memscope.analysis.origins import Origins
from memscope.analysis.sizeclasses import serves_small_requests
from memscope.analysis.summary import Summary, summarize
from memscope.analysis.types import type_name
from memscope.analysis.units import bytes_text
from memscope.capture import Capture
from memscope.capture.format import (
    LARGEST_SIZE_CLASS,
    POOLED_DOMAINS,
    PYMALLOC_CLASSES,
    size_range,
)
from memscope.reports.budget import how_sampled
from memscope.reports.compiled import calls_text, compiled_note
from memscope.reports.folding import folded_line
from memscope.reports.html.columns import Columns
from memscope.reports.html.page import fallback_table, join_page
from memscope.reports.html.panels import PANELS, PanelMaker, advice_panel, panels
from memscope.reports.html.retainers import NO_RETAINERS, RetainersPart, retainers_part
from memscope.reports.html.sources import source_lines
from memscope.reports.objects import not_known_lines
from memscope.reports.processes import unrecorded_lines
from memscope.reports.unseen import not_seen_lines, owners_texts

# Of so many of the heaviest lines by each measure the source is shown.
SOURCE_SITES = 60
TABLE_SITES = 50


PAGE_STEPS = 5


def capture_page(
    capture: Capture, *, source: bool = True, progress: Callable[[int, int], None] | None = None
) -> str:
    """The report as HTML; the same capture and source files give the same text.

    `progress` is told how many steps have been done, of how many.
    """
    done = count(1)

    def tell() -> None:
        if progress is not None:
            progress(next(done), PAGE_STEPS)

    measures = Measures(capture)
    retainers = retainers_part(measures)
    summary, heaviest, data = _told(measures, PANELS, retainers, source=source, tell=tell)
    rows = [
        (
            f"{spot.function}  {_place(spot, measures.stacks.origins)}".rstrip(),
            bytes_text(spot.allocated_bytes),
            f"{spot.allocations:,}",
            bytes_text(spot.peak_bytes),
            bytes_text(spot.live_bytes),
        )
        for spot in heaviest[0].rows[:TABLE_SITES]
    ]
    table = fallback_table(
        "Lines that allocate most",
        ("line", "allocated", "allocations", "at the peak", "live at the end"),
        rows,
    )
    return join_page(_title(summary), data, table)


def _place(spot: Hotspot, origins: Origins) -> str:
    file = origins.short(spot.file) if spot.file else ""
    return f"{file}:{spot.line}" if file and spot.line else file


def live_data(capture: Capture) -> str:
    """The data of a page that asks again soon, as one word: without advice, holders and source."""
    quick = [panel for panel in PANELS if panel is not advice_panel]
    return _told(Measures(capture), quick, NO_RETAINERS, source=False)[2]


def _told(
    measures: Measures,
    made: Sequence[PanelMaker],
    retainers: RetainersPart,
    *,
    source: bool,
    tell: Callable[[], None] = lambda: None,
) -> tuple[Summary, Sequence[Hotspots], str]:
    """The summary, the heaviest lines by each measure, and all that a page shows, as one word."""
    capture = measures.capture
    flame = flame_of(measures)
    tell()
    summary = summarize(capture, measures)
    tell()
    columns = Columns()
    add_flame(columns, flame, capture.unit)
    heaviest = find_hotspots_by_each(measures, BYS, limit=SOURCE_SITES)
    tell()
    windows = _add_windows(columns, flame, measures)
    shown = [panel.document() for panel in panels(measures, made, source=source)]
    tell()
    document: dict[str, Any] = {
        "kind": "capture",
        **flame_document(flame, summary.meta.domains),
        "unit": capture.unit,
        "threads": _thread_names(capture),
        "facts": facts(summary),
        "windows": windows,
        "duration_ns": summary.duration_ns,
        "peak_ns": summary.over_time.peak_time_ns,
        "points_of": summary.over_time.source,
        "panels": shown,
        "retainers": retainers.document,
        "source": _source(heaviest) if source else {},
        "calls": _calls(heaviest, summary) if source else {},
    }
    _add_points(columns, summary, capture.unit)
    # Last, because reading the parts above is what finds the damage in them.
    document["notes"] = [
        *capture.notes,
        *unrecorded_lines(summary.unrecorded),
        *filter(None, [compiled_note(summary.compiled)]),
        *not_seen_lines(summary.unseen),
        *not_known_lines(capture),
        *retainers.notes,
        *filter(None, [folded_line(capture.end)]),
    ]
    document["facts"]["complete"] = capture.complete
    return summary, heaviest, columns.text(document)


def _title(summary: Summary) -> str:
    return " ".join(summary.meta.command) or "memscope"


def flame_document(flame: Flame, domains: Sequence[str]) -> dict[str, Any]:
    """What goes with the flame's columns: names, and what its numbers stand for."""
    texts: dict[str, int] = {}
    functions = [
        (
            texts.setdefault(function.name, len(texts)),
            texts.setdefault(function.file, len(texts)),
            texts.setdefault(function.path, len(texts)),
            3 if function.origin is None else ("own", "library", "stdlib").index(function.origin),
            function.first_line,
            int(function.is_import),
            int(function.stands_for_small),
        )
        for function in flame.tree.functions
    ]
    return {
        "texts": list(texts),
        "functions": functions,
        "sizes": [size_range(number) for number in range(LARGEST_SIZE_CLASS + 1)],
        "small_classes": PYMALLOC_CLASSES,
        "domains": [{"name": name, "pooled": name in POOLED_DOMAINS} for name in domains],
        "short_lived_bytes": SHORT_LIVED_BYTES,
        "types": [type_name(of) for of in flame.types] if len(flame.types) > 1 else [],
        "small_lines": None
        if flame.lines is None
        else {"count": flame.lines.small_count, "share": SMALL_LINE_SHARE},
        "kept_type": next(
            (place for place, of in enumerate(flame.types) if of.kind == "parked"), None
        ),
    }


def add_flame(columns: Columns, flame: Flame, unit: int) -> None:
    """Tree and rows; what is counted is stored times `unit`, 256 where it is an estimate."""
    tree, rows = flame.tree, flame.rows
    columns.add("depth", tree.depth)
    columns.add("function", [function + 1 for function in tree.function])
    columns.add("line", tree.line)
    with_types = len(flame.types) > 1
    _add_rows(columns, rows, "", unit, with_types=with_types)
    if flame.lines is None:
        return
    columns.add("line_function", [function + 1 for function in flame.lines.function])
    columns.add("line_line", flame.lines.line)
    columns.add("line_importing", flame.lines.importing)
    _add_rows(columns, flame.lines.rows, "line_", unit, with_types=with_types)


def _add_rows(
    columns: Columns, rows: FlameRows, prefix: str, unit: int, *, with_types: bool
) -> None:
    columns.add(f"{prefix}row_node", steps(rows.node))
    columns.add(f"{prefix}row_domain", rows.domain)
    columns.add(f"{prefix}row_size", rows.size_class)
    columns.add(f"{prefix}row_thread", rows.thread)
    if with_types:
        columns.add(f"{prefix}row_type", rows.type)
    for number, (measures, made) in enumerate(zip(rows.measures, rows.made, strict=True)):
        for name, values in (*measures.items(), *(() if prefix else made.items())):
            columns.add(f"{prefix}{name}_{number}", times(values, unit))


def times(values: Sequence[float], unit: int) -> Sequence[float]:
    """What is counted is stored times `unit`."""
    return values if unit == 1 else [value * unit for value in values]


def facts(summary: Summary) -> dict[str, Any]:
    """What stands above the page."""
    meta, total = summary.meta, summary.total
    return {
        "command": list(meta.command),
        "python": meta.python,
        "allocator": meta.allocator,
        "pymalloc": serves_small_requests(meta.allocator),
        "sampled": meta.sampled,
        "sample_bytes": meta.sample_bytes,
        "how_sampled": how_sampled(meta),
        "imports": meta.imports,
        "objects": meta.objects,
        "complete": summary.complete,
        "interim": summary.is_interim,
        "duration_s": summary.duration_ns / 1e9,
        "allocations": total.allocations,
        "allocated_bytes": total.allocated_bytes,
        "peak_bytes": total.peak_bytes,
        "live_bytes": total.live_bytes,
        "live_blocks": total.live_blocks,
        "resident_bytes": summary.resident.peak_bytes,
        "resident_own_bytes": summary.resident.own_bytes,
        "tracked_share": summary.resident.tracked_share,
        "unseen": owners_texts(summary.unseen),
        "collections": summary.collector.collections,
        "pause_s": summary.collector.pause_s,
        "short_lived": summary.short_lived,
        "short_lived_share": summary.short_lived_share,
        "lifetimes_known": summary.end is not None,
    }


def _thread_names(capture: Capture) -> list[str]:
    return [
        "other threads" if thread.is_shared else thread.name or f"thread {thread.native_id}"
        for thread in capture.tables.threads
    ]


def _add_windows(
    columns: Columns, flame: Flame, measures: Measures
) -> list[tuple[int, int, float]]:
    """Windows one after another; answers where each begins, ends, and how much was live then."""
    windows: list[tuple[int, int, float]] = []
    counts: list[int] = []
    row: list[int] = []
    changes: list[list[float]] = [[] for _ in WINDOW_COLUMNS]
    unit = measures.capture.unit
    signed = measures.capture.meta.objects
    for window in flame.windows(measures):
        windows.append((window.start_ns, window.end_ns, window.live_bytes))
        counts.append(len(window.row))
        row += steps(window.row)
        for number, values in enumerate(window.changes):
            changes[number] += _signed(times(values, unit)) if signed else times(values, unit)
    columns.add("window_rows", counts)
    columns.add("window_row", row)
    for name, values in zip(WINDOW_COLUMNS, changes, strict=True):
        if name != "released":  # the page shows none of it
            columns.add(f"window_{name}", values)
    return windows


def _signed(values: Sequence[float]) -> list[int]:
    """As numbers from 0 up, the sign in the lowest bit: types may become known after a window."""
    return [2 * round(value) if value >= 0 else -2 * round(value) - 1 for value in values]


def _add_points(columns: Columns, summary: Summary, unit: int) -> None:
    samples = summary.over_time.samples
    columns.add("time_ns", [sample.time_ns for sample in samples])
    for number, name in enumerate(summary.meta.domains):
        columns.add(f"{name}_bytes", [sample.domain_bytes[number] * unit for sample in samples])
    columns.add("max_live_bytes", [sample.max_live_bytes * unit for sample in samples])
    columns.add("resident_bytes", [sample.program_bytes for sample in samples])
    columns.add("collecting", [int(sample.collecting) for sample in samples])


def _source(heaviest: Sequence[Hotspots]) -> dict[str, dict[str, str]]:
    wanted: list[tuple[str, int]] = []
    for hotspots in heaviest:
        for spot in hotspots.rows:
            wanted += [(spot.file, spot.line)]
            if spot.own is not None:
                wanted.append((spot.own.file, spot.own.line))
    return {
        path: {str(line): text for line, text in lines.items()}
        for path, lines in source_lines(wanted).items()
    }


def _calls(heaviest: Sequence[Hotspots], summary: Summary) -> dict[str, dict[str, str]]:
    """What is to be said of lines that call compiled code, as `source` has their text."""
    calls = CompiledCalls(summary.meta, summary.compiled)
    found: dict[str, dict[str, str]] = {}
    for hotspots in heaviest:
        for spot in hotspots.rows:
            if told := calls_text(calls.at(spot.file, spot.line)):
                found.setdefault(spot.file, {})[str(spot.line)] = told
    return found
