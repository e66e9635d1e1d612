"""What a capture consists of, for `info`: its description, its counters, its frames and tables."""

from __future__ import annotations

from typing import Any

from memscope.analysis.processes import unrecorded_processes
from memscope.capture import Capture
from memscope.capture.description import End, MergedPart
from memscope.capture.format import HEADER
from memscope.reports.budget import budget_document
from memscope.reports.folding import folded_document
from memscope.reports.native import small_native_document
from memscope.reports.processes import processes_document
from memscope.reports.typedocuments import objects_document


def info_document(capture: Capture) -> dict[str, Any]:
    """Call after `Capture.verify()`, which is what finds damage in parts not otherwise read."""
    meta, end, ended = capture.meta, capture.end, capture.exit
    return {
        "schema": "memscope.info/1",
        "file": str(capture.path),
        "size_bytes": capture.size_bytes,
        "complete": capture.complete,
        "notes": list(capture.notes),
        "format": meta.format,
        "memscope": meta.memscope,
        "command": list(meta.command),
        "main": meta.main,
        "cwd": meta.cwd,
        "python": meta.python,
        "implementation": meta.implementation,
        "platform": meta.platform,
        "allocator": meta.allocator,
        "pid": meta.pid,
        "started": meta.started,
        "labels": dict(meta.labels),
        "parts": [_part(part) for part in meta.parts],
        "mode": meta.mode,
        "sample_bytes": meta.sample_bytes,
        "budget": budget_document(end),
        "events_kept": meta.events,
        "objects": objects_document(capture),
        "folded": folded_document(end),
        "imports": meta.imports,
        "duration_s": capture.duration_ns / 1e9,
        "program": {
            "status": ended.status if ended else None,
            "signal": ended.signal if ended else None,
            "wall_s": ended.wall_s if ended else None,
            "cpu_s": ended.cpu_s if ended else None,
        },
        "processes": processes_document(unrecorded_processes(end, ended), end, ended),
        "recorder": None if end is None else _counters(end),
        "tables": table_sizes(capture),
        "frames": [
            {"kind": name, "count": count, "bytes": size}
            for name, (count, size) in frame_sizes(capture).items()
        ],
    }


def _part(part: MergedPart) -> dict[str, Any]:
    told = part.as_json()
    return {**told, "duration_s": told.pop("duration_ns") / 1e9}


def frame_sizes(capture: Capture) -> dict[str, tuple[int, int]]:
    """How many frames of each kind there are, and how many bytes they take with their headers."""
    sizes: dict[str, tuple[int, int]] = {}
    for frame in capture.index.frames:
        count, size = sizes.get(frame.name, (0, 0))
        sizes[frame.name] = count + 1, size + HEADER.size + frame.length
    return sizes


def table_sizes(capture: Capture) -> dict[str, int]:
    tables = capture.tables
    return {
        "codes": len(tables.codes.file) - 1,
        "stack_nodes": len(tables.nodes.parent) - 1,
        "threads": len(tables.threads),
        "rows": len(tables.rows.stack),
        **({"types": len(tables.types) - 1} if capture.meta.objects else {}),
    }


def _counters(end: End) -> dict[str, Any]:
    names = (
        "reason", "complete", "events", "unknown_frees", "unknown_reallocations",
        "replaced_blocks", "dropped_events", "lost_stacks", "waits", "wait_ns", "poll_ns",
        "collecting_polls", "polls", "segment_bytes", "threads",
    )  # fmt: skip
    counters: dict[str, Any] = {name: getattr(end, name) for name in names}
    counters["native_small"] = small_native_document(end)
    counters["collections"] = None if end.collections is None else list(end.collections)
    return counters
