"""The JSON document of the summary."""

from __future__ import annotations

from memscope.analysis.summary import Summary
from memscope.analysis.together import Together
from memscope.capture.description import DomainSums, End
from memscope.reports.budget import budget_document
from memscope.reports.compiled import compiled_documents
from memscope.reports.documents import Document, hotspot_document
from memscope.reports.folding import folded_document
from memscope.reports.native import small_native_document
from memscope.reports.processes import processes_document
from memscope.reports.rss import origins_document
from memscope.reports.typedocuments import type_figures
from memscope.reports.unseen import unseen_document


def summary_document(summary: Summary) -> Document:
    meta, total, end = summary.meta, summary.total, summary.end
    return {
        "schema": "memscope.summary/1",
        "capture": {
            "file": summary.path,
            "command": list(meta.command),
            "python": meta.python,
            "allocator": meta.allocator,
            "mode": meta.mode,
            "sample_bytes": meta.sample_bytes,
            "budget": budget_document(end),
            "complete": summary.complete,
            "interim": summary.is_interim,
            "dropped_events": end.dropped_events if end else 0,
            "duration_s": summary.duration_ns / 1e9,
            "size_bytes": summary.size_bytes,
            "imports": meta.imports,
            "objects": meta.objects,
            "notes": list(summary.notes),
        },
        "totals": {
            **_sums(total),
            "peak_blocks": round(summary.peak_blocks),
            "peak_time_s": summary.peak_time_ns / 1e9,
            "short_lived": round(summary.short_lived),
            "short_lived_share": summary.short_lived_share,
        },
        "rss": {
            "peak_bytes": summary.resident.peak_bytes,
            "own_bytes": summary.resident.own_bytes,
            "tracked_share": summary.resident.tracked_share,
            "tracked_bytes": round(summary.resident.tracked_bytes),
            "source": summary.resident.source,
            "made_of": None if summary.made_of is None else origins_document(summary.made_of),
        },
        "before": _before(end, summary.pymalloc),
        "compiled": compiled_documents(summary.compiled),
        "unseen": unseen_document(summary.unseen),
        "domains": [
            {"domain": name, **_sums(summary.domains.get(name, DomainSums()))}
            for name in summary.meta.domains
        ],
        "gc": {
            "collections": summary.collector.collections,
            "pause_s": summary.collector.pause_s,
            "share": summary.collector.share,
        },
        "native_small": small_native_document(end),
        "overhead": _overhead(end),
        "program": _ended(summary),
        "processes": processes_document(summary.unrecorded, end, summary.exit),
        "folded": folded_document(end),
        "types": None
        if summary.types is None
        else [type_figures(row) for row in summary.types.rows],
        "made_peak": [hotspot_document(row) for row in summary.made_peak.rows],
        "allocated_most": [hotspot_document(row) for row in summary.churned.rows],
    }


def together_document(found: Together) -> Document:
    """Several processes: their sums, and the summary of each."""
    return {
        "schema": "memscope.summary/1",
        "totals": {
            "processes": len(found.processes),
            "allocations": round(found.allocations),
            "allocated_bytes": round(found.allocated_bytes),
            "live_bytes": round(found.live_bytes),
            "summed_peak_bytes": round(found.peaks_bytes),
            "highest_at_one_time_bytes": round(found.highest_bytes),
            "summed_resident_bytes": round(found.residents_bytes),
        },
        "made_peak": [hotspot_document(row) for row in found.made_peaks.rows],
        "captures": [summary_document(summary) for summary in found.processes],
    }


def _sums(sums: DomainSums) -> Document:
    return {name: round(getattr(sums, name)) for name in DomainSums.__slots__}


def _before(end: End | None, pymalloc: bool) -> Document:
    """What the process held when recording began."""
    if end is None or not end.before_resident_bytes:
        return dict.fromkeys(("resident_bytes", "shared_bytes", "pymalloc_arenas"))
    # The interpreter's start makes one at least: where none is told, none could be found (3.11).
    untold = pymalloc and not end.older_arenas
    return {
        "resident_bytes": end.before_resident_bytes,
        "shared_bytes": end.before_shared_bytes,
        "pymalloc_arenas": None if untold else end.older_arenas,
    }


def _overhead(end: End | None) -> Document:
    if end is None:
        return {"waits": None, "wait_s": None}
    return {
        "waits": end.waits,
        "wait_s": end.wait_ns / 1e9,
        "unknown_frees": end.unknown_frees,
        "unknown_reallocations": end.unknown_reallocations,
        "replaced_blocks": end.replaced_blocks,
        "lost_stacks": end.lost_stacks,
        "segment_bytes": end.segment_bytes,
    }


def _ended(summary: Summary) -> Document:
    ended = summary.exit
    return {
        "status": ended.status if ended else None,
        "signal": ended.signal if ended else None,
        "wall_s": ended.wall_s if ended else None,
        "cpu_s": ended.cpu_s if ended else None,
    }
