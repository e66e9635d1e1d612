"""What a data set keeps of one capture: the entries of each table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from memscope.advice.advise import advise
from memscope.advice.evidence.calibration import host_costs
from memscope.advice.model import Advice
from memscope.analysis.compare import first_line, first_lines
from memscope.analysis.hotspots import Hotspot, find_heavy_stacks, find_hotspots
from memscope.analysis.measures import Measures
from memscope.analysis.timeline import memory_over_time
from memscope.analysis.types import find_types
from memscope.capture import Capture
from memscope.errors import MemscopeError
from memscope.plain import dataclass

Entry = Mapping[str, Any]
_COUNTERS = (
    "allocations", "frees", "allocated_bytes", "live_blocks", "live_bytes", "peak_bytes",
    "short_lived",
)  # fmt: skip
# Stacks that make up less of everything are one entry: written out, they are most of a data set.
_STACK_SHARE = 0.001
# Of a deep recursion even those may be gigabytes of text.
_MOST_STACK_FRAMES = 1 << 20
REST_OF_STACKS = "<all others>"
_NAMED_LABELS = ("version", "commit", "host", "pod", "container")


@dataclass(frozen=True, slots=True)
class RunContents:
    """A run's name, the folders that it belongs into, and its entries by table."""

    run: str
    service: str
    day: str
    tables: Mapping[str, Sequence[Entry]]


def contents_of(capture: Capture, *, with_advice: bool = True) -> RunContents:
    """Raises MemscopeError for a merged capture, whose parts would count again."""
    meta = capture.meta
    if meta.parts:
        reason = f"is {len(meta.parts)} captures in one"
        raise MemscopeError(reason, capture.path, "export those that it was merged of")
    run = capture.identity
    measures = Measures(capture)
    found = {
        "rows": _rows(measures),
        "stacks": _stacks(measures),
        "types": _types(measures),
        "timeline": _timeline(capture),
        "advice": _advice(measures) if with_advice else iter(()),
        "runs": iter((_run(capture),)),
    }
    tables = {name: [{"run": run, **of} for of in entries] for name, entries in found.items()}
    return RunContents(run, _service(capture), _day(meta.started), tables)


def _service(capture: Capture) -> str:
    """The label, or else what was started, without its folder and suffix."""
    meta = capture.meta
    named = meta.labels.get("service")
    return named or PurePath(meta.main.removeprefix("-m ").strip()).stem or "unknown"


def _day(started: float) -> str:
    return datetime.fromtimestamp(min(started, 253402300799), UTC).strftime("%Y-%m-%d")


def _run(capture: Capture) -> Entry:
    meta, sums, ended = capture.meta, capture.sums, capture.exit
    total = sums.total
    return {
        **{name: meta.labels.get(name, "") for name in _NAMED_LABELS},
        "started": meta.started,
        "labels": dict(meta.labels),
        "command": " ".join(meta.command),
        "python": meta.python,
        "memscope": meta.memscope,
        "mode": meta.mode,
        "sample_bytes": meta.sample_bytes,
        "complete": capture.complete,
        "duration_s": sums.duration_ns / 1e9,
        "wall_s": ended.wall_s if ended else None,
        "cpu_s": ended.cpu_s if ended else None,
        "status": ended.status if ended else None,
        "signal": ended.signal if ended else None,
        **{name: round(getattr(total, name)) for name in _COUNTERS[:-1]},
        "peak_time_s": sums.peak_time_ns / 1e9,
        "peak_resident_bytes": (ended.peak_resident_bytes or None) if ended else None,
        "limit_bytes": (ended.limit_bytes or None) if ended else None,
        "limit_source": ended.limit_source if ended else "",
    }


def _counters(row: Hotspot) -> dict[str, int]:
    return {name: getattr(row, name) for name in _COUNTERS}


def _rows(measures: Measures) -> Iterator[Entry]:
    """A line each; files as `compare` knows them, so that they are the same on all machines."""
    origins, starts = measures.stacks.origins, first_lines(measures.capture)
    for row in find_hotspots(measures, group="line", limit=0).rows:
        own = row.own
        yield {
            "file": origins.short(row.file),
            "function": row.function,
            "line": row.line,
            "first_line": first_line(starts, row.file, row.function, row.line),
            "origin": row.origin.value,
            "own_file": origins.short(own.file) if own else "",
            "own_function": own.function if own else "",
            "own_line": own.line if own else 0,
            **_counters(row),
            "uncertain_bytes": row.uncertain_bytes,
        }


def _stacks(measures: Measures) -> Iterator[Entry]:
    origins = measures.stacks.origins
    rows, rest = find_heavy_stacks(measures, _COUNTERS, _STACK_SHARE, _MOST_STACK_FRAMES)
    for row in rows:
        text = "\n".join(
            f"{frame.function} ({origins.short(frame.file)}:{frame.line})" for frame in row.stack
        )
        yield {"stack": text, "frames": len(row.stack), **_counters(row)}
    others = {name: round(value) for name, value in rest.items()}
    if any(others.values()):
        yield {"stack": REST_OF_STACKS, "frames": None, **others}


def _types(measures: Measures) -> Iterator[Entry]:
    found = find_types(measures, limit=0)
    for row in (*found.rows, *([found.parked] if found.parked else [])):
        names = ("allocations", "created", "reused", *_COUNTERS[2:-1])
        of = row.type
        figures = {name: getattr(row, name) for name in names}
        yield {"module": of.module, "name": of.name, "kind": of.kind, **figures}


def _timeline(capture: Capture) -> Iterator[Entry]:
    for sample in memory_over_time(capture).samples:
        yield {
            "time_s": sample.time_ns / 1e9,
            "live_bytes": round(sample.live_bytes),
            "max_live_bytes": round(sample.max_live_bytes),
            "resident_bytes": sample.resident_bytes or None,
        }


def _advice(measures: Measures) -> Iterator[Entry]:
    origins = measures.stacks.origins
    for advice in advise(measures, host_costs(calibrate=False)).advice:
        yield _piece(advice, origins.short(advice.site.file))


def _piece(advice: Advice, file: str) -> Entry:
    return {
        "kind": advice.kind,
        "file": file,
        "function": advice.site.function,
        "line": advice.site.line,
        "summary": advice.summary,
        "confidence": advice.confidence,
        **{measure: interval.value for measure, interval in advice.predicted.items()},
    }
