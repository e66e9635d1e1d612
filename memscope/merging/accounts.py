"""META, EXIT and END of a merged capture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from memscope.capture.description import (
    DomainSums,
    End,
    Exit,
    Folded,
    LibcCounts,
    Meta,
    ObjectsKnown,
    Processes,
    SmallNative,
)
from memscope.capture.format import KNOWN_FORMAT, SAMPLED_UNIT
from memscope.merging.budgets import merged_budget
from memscope.merging.parts import Source
from memscope.merging.times import most_domains
from memscope.version import __version__

# Of END, what is summed up as it is.
_SUMMED = (
    "unknown_frees", "unknown_reallocations", "replaced_blocks", "dropped_events", "lost_stacks",
    "waits", "wait_ns", "collecting_polls", "polls", "polled_ns", "collecting_ns",
    "segment_bytes", "program_bytes", "before_resident_bytes", "before_shared_bytes",
    "peak_resident_bytes", "threads", "events",
)  # fmt: skip
_GENERATIONS = ("collections", "collected", "uncollectable", "collections_ns")
_ARENAS = ("arenas_made", "arenas_returned", "arenas_most", "older_arenas")
_MOST_LISTED = 128


def meta_of(sources: Sequence[Source]) -> dict[str, Any]:
    metas = [source.meta for source in sources]
    first = metas[0]
    sampled = any(meta.sampled for meta in metas)
    budget = merged_budget(sources)
    return {
        "format": KNOWN_FORMAT,
        "memscope": __version__,
        "command": list(_shared(metas, "command", ("merged",))),
        "main": first.main,
        "cwd": first.cwd,
        "pid": 0,
        "started": min(meta.started for meta in metas),
        "python": _shared(metas, "python", ""),
        "implementation": _shared(metas, "implementation", ""),
        "platform": _shared(metas, "platform", ""),
        "allocator": _shared(metas, "allocator", "unknown"),
        "mode": "budget" if budget else "sampled" if sampled else "exact",
        "budget_ppm": budget["share_ppm"] if budget else 0,
        "sample_bytes": max(meta.sample_bytes for meta in metas) if sampled else 0,
        "events": False,
        "imports": all(meta.imports for meta in metas),
        "objects": all(meta.objects for meta in metas),
        "domains": most_domains([meta.domains for meta in metas]),
        "prefixes": {
            "stdlib": _union(meta.prefixes.stdlib for meta in metas),
            "site": _union(meta.prefixes.site for meta in metas),
        },
        "user_code": _union(meta.user_code for meta in metas),
        "project": _project(metas),
        "labels": _shared_labels(metas),
        "frozen": any(meta.frozen for meta in metas),
        "main_packages": _union(meta.main_packages for meta in metas),
        "cells": {file: cell for meta in metas for file, cell in meta.cells.items()},
        "parts": [part.as_json() for source in sources for part in source.parts()],
    }


def _shared(items: Iterable[object], name: str, otherwise: Any) -> Any:
    """What all have, or else something in its place."""
    values = {getattr(item, name) for item in items}
    return values.pop() if len(values) == 1 else otherwise


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(word for words in lists for word in words))


def _shared_labels(metas: Sequence[Meta]) -> dict[str, str]:
    return {
        key: value
        for key, value in metas[0].labels.items()
        if all(meta.labels.get(key) == value for meta in metas)
    }


def _project(metas: Sequence[Meta]) -> dict[str, object] | None:
    projects = [meta.project for meta in metas if meta.project is not None]
    if not projects:
        return None
    lists = ("started", "served", "local", "bundled")
    whole = {name: _union(getattr(project, name) for project in projects) for name in lists}
    return {**whole, "is_stub": projects[0].is_stub}


def exit_of(sources: Sequence[Source]) -> dict[str, Any] | None:
    """None where not all are known; the first that failed says how it ended."""
    exits = [source.exit for source in sources]
    known = [each for each in exits if each is not None]
    if len(known) < len(exits):
        return None
    worst = max(known, key=lambda each: (each.signal or 0, each.status or 0))
    summed = ("cpu_s", "system_s", "peak_resident_bytes", "minor_faults", "waited_cpu_s", "refused")
    document = asdict(worst) | {name: _sum(known, name) for name in summed}
    executed = [each.executed for each in known if each.executed is not None]
    document["executed"] = [pid for pids in executed for pid in pids] if executed else None
    document["wall_s"] = max(each.wall_s for each in known)
    document["waited"] = any(each.waited for each in known)
    document["replacement_recorded"] = all(
        each.replacement_recorded for each in _replaced(sources, exits)
    )
    if any(each.peak_resident_from == "looks" for each in known):
        document["peak_resident_from"] = "looks"
    return document


def _replaced(sources: Sequence[Source], exits: Sequence[Exit | None]) -> list[Exit]:
    return [
        each
        for source, each in zip(sources, exits, strict=True)
        if each is not None and source.end.processes and source.end.processes.replaced_by
    ]


def _sum(items: Iterable[object], name: str) -> Any:
    return sum(getattr(item, name) for item in items)


def end_of(sources: Sequence[Source], *, sampled: bool) -> dict[str, Any]:
    """Peaks are sums of each capture's own, which need not have been at the same time."""
    unit = SAMPLED_UNIT if sampled else 1
    ends = [source.end for source in sources]
    highest = max(sources, key=lambda source: source.sums.total.peak_bytes)
    names = most_domains([source.meta.domains for source in sources])
    document: dict[str, Any] = {
        "reason": "merged",
        "complete": all(source.complete for source in sources),
        "duration_ns": max(source.sums.duration_ns for source in sources),
        "poll_ns": max(end.poll_ns for end in ends),
        "longest_collecting_ns": max(end.longest_collecting_ns for end in ends),
        "peak_time_ns": highest.sums.peak_time_ns,
        "peak_blocks": round(sum(source.sums.peak_blocks for source in sources) * unit),
        **_sums([source.sums.total for source in sources], unit),
        "domains": {
            name: _sums([source.sums.domains.get(name, DomainSums()) for source in sources], unit)
            for name in names
        },
        **{name: _sum(ends, name) for name in _SUMMED},
        "processes": _processes(ends),
        "folded": _folded(ends, unit),
        "budget": merged_budget(sources),
    }
    for name in _GENERATIONS:
        _put(
            document,
            name,
            ends,
            lambda columns: [sum(column) for column in zip(*columns, strict=True)],
        )
    for name in _ARENAS:
        _put(document, name, ends, sum)
    for name in ("gc_thresholds", "gc_enabled"):
        _put(document, name, ends, lambda values: values[0] if len(set(values)) == 1 else None)
    _put(document, "objects", ends, _objects)
    document["native"] = _shared(ends, "native", "missing")
    small = [end.native_small for end in ends if end.native_small is not None]
    document["native_small"] = _small(small) if small else None
    for name in ("libc_before", "libc_end"):
        counts = [getattr(end, name) for end in ends]
        document[name] = {field: _sum(counts, field) for field in LibcCounts.__slots__}
    return {name: value for name, value in document.items() if value is not None}


def _put(
    document: dict[str, Any], name: str, ends: Sequence[End], merge: Callable[[Any], Any]
) -> None:
    """A figure that not all captures have is not known of the merged one."""
    values = [getattr(end, name) for end in ends]
    if all(value is not None for value in values):
        document[name] = merge(values)


def _sums(sums: Sequence[DomainSums], unit: int) -> dict[str, int]:
    return {name: round(_sum(sums, name) * unit) for name in DomainSums.__slots__}


def _folded(ends: Sequence[End], unit: int) -> dict[str, int] | None:
    folded = [end.folded for end in ends if end.folded is not None]
    if not folded:
        return None
    names = [name for name in Folded.__slots__ if name != "rows"]
    return {
        "rows": _sum(folded, "rows"),
        **{name: round(_sum(folded, name) * unit) for name in names},
    }


def _small(small: Sequence[SmallNative]) -> Mapping[str, int]:
    names = [name for name in SmallNative.__slots__ if name != "least_bytes"]
    least = max(each.least_bytes for each in small)
    return {"least_bytes": least, **{name: _sum(small, name) for name in names}}


def _objects(known: Sequence[ObjectsKnown]) -> dict[str, Any]:
    order = ("not asked", "asked in part", "asked")
    least = min(known, key=lambda each: order.index(each.types_of_live))
    if least.types_of_live == "not asked" and any(
        each.types_of_live != "not asked" for each in known
    ):
        asked = "asked in part"
    else:
        asked = least.types_of_live
    return {
        "creations_told": all(each.creations_told for each in known),
        "types_of_live": asked,
        "why": least.why,
        **{name: _sum(known, name) for name in ("tracer_replaced", "types_lost", "adopted_blocks")},
    }


def _processes(ends: Sequence[End]) -> dict[str, Any] | None:
    known = [end.processes for end in ends if end.processes is not None]
    if len(known) < len(ends):
        return None
    document: dict[str, Any] = {
        name: _sum(known, name) for name in ("forked", "spawned", "followed")
    }
    replaced = [each.replaced_by for each in known if each.replaced_by is not None]
    if replaced:
        document["replaced_by"] = replaced[0]
    document["list"] = [_child(child) for child in _listed(known)]
    return document


def _listed(known: Sequence[Processes]) -> list[Any]:
    return [child for each in known for child in each.listed][:_MOST_LISTED]


def _child(child: Any) -> dict[str, Any]:
    told = asdict(child)
    return {**told, "cpu_ns": round(told.pop("cpu_s") * 1e9)}
