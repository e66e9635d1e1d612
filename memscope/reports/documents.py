"""The JSON documents: shapes that scripts rely on, fields are only ever added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from memscope.advice.program.compiledcalls import NO_CALLS, CompiledCalls
from memscope.analysis.calltree import CallTree
from memscope.analysis.hotspots import Hotspot, Hotspots
from memscope.analysis.lifetimes import Histogram, LifetimeRange, Lifetimes
from memscope.analysis.resident import resident_of
from memscope.analysis.rss import ResidentMoment
from memscope.analysis.sizeclasses import PymallocClass, SizeClass, Sizes
from memscope.analysis.timeline import MemoryOverTime
from memscope.analysis.uncertain import uncertain_of
from memscope.capture import Capture
from memscope.capture.model import BlockType, CodeFrame
from memscope.reports.budget import budget_document
from memscope.reports.compiled import calls_documents

Document = dict[str, Any]


def hotspots_document(
    hotspots: Hotspots, capture: Capture, calls: CompiledCalls = NO_CALLS
) -> Document:
    with_stack = hotspots.group == "stack"
    return {
        "schema": "memscope.hotspots/1",
        **certainty(capture),
        "by": hotspots.by,
        "group": hotspots.group,
        "total": round(hotspots.total),
        "groups": hotspots.groups_count,
        "rows": [
            {
                **hotspot_document(row, with_stack=with_stack),
                "calls_compiled": calls_documents(calls.of(row, hotspots.group)),
            }
            for row in hotspots.rows
        ],
    }


def tree_document(tree: CallTree, capture: Capture) -> Document:
    """Calls are a flat list with parents by id: JSON readers limit how deep lists may nest."""
    return {
        "schema": "memscope.tree/1",
        **certainty(capture),
        "by": tree.by,
        "total": round(tree.total),
        "uncertain_bytes": round(uncertain_of(capture).of(tree.by)),
        "threshold": tree.threshold,
        "cut": {"calls": tree.cut_count, "value": round(tree.cut_value)},
        "hidden_imports": round(tree.hidden_imports),
        "calls": [
            {
                "id": call.number,
                "parent": call.parent,
                "depth": call.depth,
                "function": call.function,
                "file": call.file,
                "line": call.line,
                "origin": call.origin.value,
                "value": round(call.value),
                "self": round(call.own_value),
                "share": call.share,
                "cut_calls": call.cut_count,
                "cut_value": round(call.cut_value),
            }
            for call in tree.calls
        ],
    }


def sizes_document(sizes: Sizes, capture: Capture, *, by_site: bool) -> Document:
    document: Document = {
        "schema": "memscope.sizes/1",
        **certainty(capture),
        "allocator": sizes.allocator,
        "rounding_modelled": sizes.pymalloc,
        "totals": {
            "allocations": sizes.allocations,
            "rounding_bytes": sizes.rounding_bytes if sizes.pymalloc else None,
            "peak_rounding_bytes": sizes.peak_rounding_bytes if sizes.pymalloc else None,
        },
        "classes": _classes(sizes.classes),
        "large": _ranges(sizes.large),
        "small_raw": _ranges(sizes.small_raw),
    }
    if by_site:
        document["sites"] = [
            {
                **place(site.site),
                "requested_bytes": site.requested_bytes,
                "rounding_bytes": site.rounding_bytes,
                "classes": _classes(site.classes),
                "large": _ranges(site.large),
                "small_raw": _ranges(site.small_raw),
            }
            for site in sizes.sites
        ]
    return document


def lifetimes_document(lifetimes: Lifetimes, capture: Capture) -> Document:
    """Lifetimes in bytes are in bytes, those in time in seconds; quantiles are ranges."""
    with_stack = lifetimes.group == "stack"
    return {
        "schema": "memscope.lifetimes/1",
        **certainty(capture),
        "by": lifetimes.by,
        "group": lifetimes.group,
        "known": lifetimes.known,
        "groups": lifetimes.groups_count,
        "total": {
            "allocations": lifetimes.allocations,
            "live_blocks": lifetimes.live_blocks,
            "freed_share": lifetimes.freed_share,
            **_histograms(lifetimes.in_bytes, lifetimes.in_time),
        },
        "rows": [
            {
                **hotspot_document(site.hotspot, with_stack=with_stack),
                "freed_share": site.freed_share,
                **_histograms(site.in_bytes, site.in_time),
            }
            for site in lifetimes.sites
        ],
    }


def timeline_document(
    over_time: MemoryOverTime, capture: Capture, moments: Sequence[ResidentMoment] = ()
) -> Document:
    resident = resident_of(capture, over_time)
    domains = capture.meta.domains
    return {
        "schema": "memscope.timeline/1",
        **certainty(capture),
        "source": over_time.source,
        "duration_s": over_time.duration_ns / 1e9,
        "peak_bytes": round(over_time.peak_bytes),
        "peak_time_s": over_time.peak_time_ns / 1e9,
        "rss": {
            "peak_bytes": resident.peak_bytes,
            "own_bytes": resident.own_bytes,
            "source": resident.source,
        },
        "points": [
            {
                "time_s": sample.time_ns / 1e9,
                "live_bytes": round(sample.live_bytes),
                **{
                    f"{name}_bytes": round(live)
                    for name, live in zip(domains, sample.domain_bytes, strict=False)
                },
                "max_live_bytes": round(sample.max_live_bytes),
                "resident_bytes": sample.resident_bytes or None,
                "own_bytes": sample.own_bytes,
                "collecting": sample.collecting,
            }
            for sample in over_time.samples
        ],
        "looks": [
            {
                "time_s": moment.time_ns / 1e9,
                "resident_bytes": moment.resident_bytes,
                "origins": moment.origins,
            }
            for moment in moments
        ],
    }


def certainty(capture: Capture) -> Document:
    return {
        "file": str(capture.path),
        "mode": capture.meta.mode,
        "budget": budget_document(capture.end),
        "complete": capture.complete,
        "notes": list(capture.notes),
    }


def place(frame: CodeFrame) -> Document:
    return {"function": frame.function, "file": frame.file, "line": frame.line}


# Of stacks that are listed in full: a few thousand places, millions of times.
_shared_place = lru_cache(1 << 16)(place)


def type_document(of: BlockType) -> Document:
    """Module, name and kind; what lies on a free list is of the kind "other"."""
    kind = of.kind if of.kind in ("object", "items", "keys") else "other"
    return {"module": of.module, "name": of.name, "kind": kind}


def hotspot_document(row: Hotspot, *, with_stack: bool = False) -> Document:
    document: Document = {
        "function": row.function,
        "file": row.file,
        "line": row.line,
        "origin": row.origin.value,
        "allocations": row.allocations,
        "frees": row.frees,
        "allocated_bytes": row.allocated_bytes,
        "peak_bytes": row.peak_bytes,
        "live_bytes": row.live_bytes,
        "live_blocks": row.live_blocks,
        "short_lived": row.short_lived,
        "created": row.created,
        "reused": row.reused,
        "uncertain_bytes": row.uncertain_bytes,
        "uncertain_peak_bytes": row.uncertain_peak_bytes,
        "type": None if row.type is None else type_document(row.type),
        "types": row.types_count,
        "share": row.share,
        "own": None if row.own is None else place(row.own),
    }
    if with_stack:
        document["stack"] = [_shared_place(frame) for frame in row.stack]
    return document


def _histograms(in_bytes: Histogram, in_time: Histogram) -> Document:
    return {
        "bytes_histogram": _histogram(in_bytes),
        "time_histogram": _histogram(in_time),
        "median": _quantile(in_bytes, in_time, 0.5),
        "p95": _quantile(in_bytes, in_time, 0.95),
    }


def _histogram(histogram: Histogram) -> list[Document]:
    buckets = zip(histogram.spans, histogram.counts, strict=True)
    return [{**_span(span), "count": round(count)} for span, count in buckets]


def _quantile(in_bytes: Histogram, in_time: Histogram, share: float) -> Document:
    found = {"bytes": in_bytes.quantile(share), "time_s": in_time.quantile(share)}
    return {name: None if span is None else _span(span) for name, span in found.items()}


def _span(span: LifetimeRange) -> Document:
    return {"from": span.lower, "to": span.upper}


def _classes(classes: Iterable[PymallocClass]) -> list[Mapping[str, int]]:
    return [
        {
            "class_bytes": item.class_bytes,
            **_blocks(item),
            "rounding_bytes": item.rounding_bytes,
        }
        for item in classes
    ]


def _ranges(ranges: Iterable[SizeClass]) -> list[Mapping[str, int]]:
    return [
        {
            "from_bytes": item.requests.from_bytes,
            "to_bytes": item.requests.to_bytes,
            **_blocks(item),
        }
        for item in ranges
    ]


def _blocks(item: SizeClass) -> dict[str, int]:
    return {
        "allocations": item.allocations,
        "requested_bytes": item.requested_bytes,
        "live_blocks": item.live_blocks,
        "live_bytes": item.live_bytes,
        "peak_blocks": item.peak_blocks,
        "peak_bytes": item.peak_bytes,
    }
