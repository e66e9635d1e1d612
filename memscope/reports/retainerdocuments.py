"""The JSON documents of holders: what keeps objects alive."""

from __future__ import annotations

from memscope.analysis.retainergrowth import LeakSuspect, RetainerGrowth
from memscope.analysis.retainers import LineShare, RetainerFigures, Retainers, Why
from memscope.analysis.ways import Root
from memscope.capture import Capture
from memscope.capture.snapshots import Snapshot, SnapshotMoment
from memscope.reports.documents import Document, certainty, place


def holders_document(found: Retainers, grown: RetainerGrowth | None, capture: Capture) -> Document:
    return {
        "schema": "memscope.holders/1",
        **certainty(capture),
        "snapshot": snapshot_document(found.snapshot),
        "snapshots": [moment_document(moment) for moment in capture.moments],
        "at_peaks": _at_peaks(capture),
        "total_bytes": found.total_bytes,
        "groups": found.count,
        "rows": [_retainer(row, grown) for row in found.rows],
        "since": None if grown is None else moment_document(grown.since),
        "compared": [] if grown is None else [of.number for of in grown.compared],
        "suspects": [] if grown is None else [_suspect(of) for of in grown.suspects],
    }


def why_document(found: Why, capture: Capture) -> Document:
    return {
        "schema": "memscope.why/1",
        **certainty(capture),
        "snapshot": snapshot_document(found.snapshot),
        "what": found.what,
        "objects": found.objects,
        "bytes": found.bytes,
        "groups": found.count,
        "paths": [
            {
                "path": kept.way.path,
                "root": root_document(kept.way.root),
                "objects": kept.objects,
                "bytes": kept.bytes,
            }
            for kept in found.paths
        ],
    }


def snapshot_document(snapshot: Snapshot) -> Document:
    return {
        **moment_document(snapshot.moment),
        "objects": snapshot.objects,
        "edges": len(snapshot.targets),
    }


def moment_document(moment: SnapshotMoment) -> Document:
    return {
        "number": moment.number,
        "time_s": moment.time_ns / 1e9,
        "moment": moment.cause,
        "pause_s": moment.pause_ns / 1e9,
        "left_out": moment.why or None,
    }


def root_document(root: Root) -> Document:
    return {"kind": root.kind, "name": root.name}


def _at_peaks(capture: Capture) -> Document | None:
    peaks = capture.end.peak_snapshots if capture.end is not None else None
    if peaks is None:
        return None
    return {
        "made": peaks.made,
        "skipped": peaks.skipped,
        "unanswered": peaks.unanswered,
        "pause_s": peaks.pause_ns / 1e9,
    }


def _suspect(suspect: LeakSuspect) -> Document:
    return {
        "path": suspect.way.path,
        "root": root_document(suspect.way.root),
        "type": suspect.type,
        "growth_bytes": suspect.growth_bytes,
        "growth_objects": suspect.growth_objects,
        "bytes_per_s": suspect.bytes_per_s,
        "held": [
            {
                "number": held.moment.number,
                "time_s": held.moment.time_ns / 1e9,
                "retained_bytes": held.bytes,
                "retained_objects": held.objects,
            }
            for held in suspect.held
        ],
        "types": [{"type": share.type, "bytes": share.bytes} for share in suspect.types],
        "lines": [_line(share) for share in suspect.lines],
    }


def _retainer(row: RetainerFigures, grown: RetainerGrowth | None) -> Document:
    return {
        "path": row.way.path,
        "root": root_document(row.way.root),
        "type": row.type,
        "retained_bytes": row.retained_bytes,
        "retained_objects": row.retained_objects,
        "own_bytes": row.own_bytes,
        "growth_bytes": None if grown is None else grown.of.get(row.number),
        "share": row.share,
        "types": [{"type": share.type, "bytes": share.bytes} for share in row.types],
        "lines": [_line(share) for share in row.lines],
    }


def _line(share: LineShare) -> Document:
    if share.line is None:
        return {"file": None, "line": None, "function": None, "bytes": share.bytes}
    return {**place(share.line), "bytes": share.bytes}
