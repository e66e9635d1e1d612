"""The page of one capture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memscope.analysis.flame import WINDOW_COLUMNS, Flame, flame_of, steps
from memscope.analysis.hotspots import Hotspots, find_hotspots_by_each
from memscope.analysis.measures import BYS, SHORT_LIVED_BYTES, Measures
from memscope.analysis.sizeclasses import serves_small_requests
from memscope.analysis.summary import Summary, summarize
from memscope.capture import Capture
from memscope.capture.format import LARGEST_SIZE_CLASS, size_range
from memscope.reports.html.columns import Columns
from memscope.reports.html.page import fallback_table, join_page
from memscope.reports.html.panels import panels
from memscope.reports.html.sources import source_lines
from memscope.reports.units import bytes_text

# Of so many of the heaviest lines by each measure the source is shown.
SOURCE_SITES = 60
TABLE_SITES = 50


def capture_page(capture: Capture, *, source: bool = True) -> str:
    """The report as HTML; the same capture and source files give the same text."""
    measures = Measures(capture)
    flame = flame_of(measures)
    summary = summarize(capture, measures)
    columns = Columns()
    add_flame(columns, flame, capture.unit)
    heaviest = find_hotspots_by_each(measures, BYS, limit=SOURCE_SITES)
    document: dict[str, Any] = {
        "kind": "capture",
        **flame_document(flame),
        "unit": capture.unit,
        "threads": _thread_names(capture),
        "facts": facts(summary),
        "windows": _add_windows(columns, flame, measures),
        "duration_ns": summary.duration_ns,
        "peak_ns": summary.over_time.peak_time_ns,
        "points_of": summary.over_time.source,
        "panels": [panel.document() for panel in panels(measures, source=source)],
        "source": _source(heaviest) if source else {},
    }
    _add_points(columns, summary, capture.unit)
    # Last, because reading the parts above is what finds the damage in them.
    document["notes"] = list(capture.notes)
    document["facts"]["complete"] = capture.complete
    rows = [
        (
            spot.function,
            f"{measures.stacks.origins.short(spot.file)}:{spot.line}" if spot.file else "",
            bytes_text(spot.allocated_bytes),
            f"{spot.allocations:,}",
            bytes_text(spot.peak_bytes),
            bytes_text(spot.live_bytes),
        )
        for spot in heaviest[0].rows[:TABLE_SITES]
    ]
    table = fallback_table(
        "Lines that allocate most",
        ("function", "place", "allocated", "allocations", "at the peak", "live at the end"),
        rows,
    )
    return join_page(_title(summary), columns.text(document), table)


def _title(summary: Summary) -> str:
    return " ".join(summary.meta.command) or "memscope"


def flame_document(flame: Flame) -> dict[str, Any]:
    """What goes with the flame's columns: names, and what its numbers stand for."""
    texts: dict[str, int] = {}
    functions = [
        (
            texts.setdefault(function.name, len(texts)),
            texts.setdefault(function.file, len(texts)),
            texts.setdefault(function.path, len(texts)),
            ("own", "library", "stdlib").index(function.origin),
            function.first_line,
            int(function.is_import),
        )
        for function in flame.tree.functions
    ]
    return {
        "texts": list(texts),
        "functions": functions,
        "sizes": [size_range(number) for number in range(LARGEST_SIZE_CLASS + 1)],
        "short_lived_bytes": SHORT_LIVED_BYTES,
    }


def add_flame(columns: Columns, flame: Flame, unit: int) -> None:
    """Tree and rows; what is counted is stored times `unit`, 256 where it is an estimate."""
    tree, rows = flame.tree, flame.rows
    columns.add("depth", tree.depth)
    columns.add("function", [function + 1 for function in tree.function])
    columns.add("line", tree.line)
    columns.add("row_node", steps(rows.node))
    columns.add("row_domain", rows.domain)
    columns.add("row_size", rows.size_class)
    columns.add("row_thread", rows.thread)
    for number, measures in enumerate(rows.measures):
        for by in BYS:
            columns.add(f"{by}_{number}", times(measures[by], unit))


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
        "imports": meta.imports,
        "complete": summary.complete,
        "duration_s": summary.duration_ns / 1e9,
        "allocations": total.allocations,
        "allocated_bytes": total.allocated_bytes,
        "peak_bytes": total.peak_bytes,
        "live_bytes": total.live_bytes,
        "live_blocks": total.live_blocks,
        "resident_bytes": summary.resident.peak_bytes,
        "collections": summary.collector.collections,
        "pause_s": summary.collector.pause_s,
        "short_lived": summary.short_lived,
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
    for window in flame.windows(measures):
        windows.append((window.start_ns, window.end_ns, window.live_bytes))
        counts.append(len(window.row))
        row += steps(window.row)
        for number, values in enumerate(window.changes):
            changes[number] += times(values, unit)
    columns.add("window_rows", counts)
    columns.add("window_row", row)
    for name, values in zip(WINDOW_COLUMNS, changes, strict=True):
        columns.add(f"window_{name}", values)
    return windows


def _add_points(columns: Columns, summary: Summary, unit: int) -> None:
    points = summary.over_time.points
    columns.add("time_ns", [point.time_ns for point in points])
    for name in ("raw_bytes", "mem_bytes", "obj_bytes", "max_live_bytes"):
        columns.add(name, [getattr(point, name) * unit for point in points])
    columns.add("resident_bytes", [point.resident_bytes for point in points])
    columns.add("collecting", [int(point.collecting) for point in points])


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
