"""The first answer: how much, what made the peak, what churned, how sure the numbers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from memscope.analysis.hotspots import Hotspots, responsible_lines
from memscope.analysis.measures import Measures
from memscope.analysis.sizeclasses import serves_small_requests, size_histogram
from memscope.analysis.stacks import Stacks
from memscope.analysis.timeline import MemoryOverTime, highest_resident, memory_over_time
from memscope.capture import Capture
from memscope.capture.description import DomainSums, End, Exit, Meta

TOP_SITES = 5


@dataclass(frozen=True, slots=True)
class Resident:
    """The process as the kernel saw it.

    `tracked_share` is the highest number of live tracked bytes around the time at which the process
    had most resident (since the point before), divided by what was resident then without memscope's
    own part. It can exceed 1: requested memory that was never touched is not resident. None where
    nothing was measured.
    """

    peak_bytes: int
    own_bytes: int
    tracked_share: float | None


@dataclass(frozen=True, slots=True)
class Collector:
    """The cyclic collector's runs; the pause is estimated from how often it was seen at work."""

    collections: int | None
    pause_s: float
    share: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the summary shows. Tallies are estimates where `meta.sampled`."""

    path: str
    size_bytes: int
    meta: Meta
    complete: bool
    notes: tuple[str, ...]
    duration_ns: int
    total: DomainSums
    domains: Mapping[str, DomainSums]
    peak_blocks: float
    peak_time_ns: int
    short_lived: float
    resident: Resident
    collector: Collector
    end: End | None
    exit: Exit | None
    made_peak: Hotspots
    churned: Hotspots
    sizes: tuple[float, ...]
    pymalloc: bool
    over_time: MemoryOverTime
    stacks: Stacks


def summarize(capture: Capture, measures: Measures | None = None) -> Summary:
    """Where the memory went; `measures` of the capture, if somebody has them already."""
    measures = measures or Measures(capture)
    over_time = memory_over_time(capture)
    made_peak, churned = responsible_lines(measures, ("peak_bytes", "allocated_bytes"), TOP_SITES)
    sums = capture.sums
    return Summary(
        path=str(capture.path),
        size_bytes=capture.size_bytes,
        meta=capture.meta,
        duration_ns=sums.duration_ns,
        total=sums.total,
        domains=sums.domains,
        peak_blocks=sums.peak_blocks,
        peak_time_ns=sums.peak_time_ns,
        short_lived=sum(measures.short_lived),
        resident=_resident(capture, over_time),
        collector=_collector(capture.end, sums.duration_ns),
        end=capture.end,
        exit=capture.exit,
        made_peak=made_peak,
        churned=churned,
        sizes=tuple(size_histogram(capture)),
        pymalloc=serves_small_requests(capture.meta.allocator),
        over_time=over_time,
        stacks=measures.stacks,
        # Last, because reading the parts above is what finds the damage in them.
        complete=capture.complete,
        notes=capture.notes,
    )


def _resident(capture: Capture, over_time: MemoryOverTime) -> Resident:
    highest = highest_resident(over_time.points)
    kernel = capture.exit.peak_resident_bytes if capture.exit is not None else 0
    if highest is None:
        return Resident(kernel, 0, None)
    programs = highest.resident_bytes - highest.own_bytes
    return Resident(
        max(kernel, highest.resident_bytes),
        highest.own_bytes,
        highest.max_live_bytes / programs if programs > 0 else None,
    )


def _collector(end: End | None, duration_ns: int) -> Collector:
    if end is None:
        return Collector(None, 0.0, 0.0)
    share = end.collecting_polls / end.polls if end.polls else 0.0
    collections = None if end.collections is None else sum(end.collections)
    return Collector(collections, share * duration_ns / 1e9, share)
