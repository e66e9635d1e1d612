"""The first answer: how much, what made the peak, what churned, how sure the numbers are."""

from __future__ import annotations

from collections.abc import Mapping

from memscope.analysis.compiledmodules import Compiled, compiled_modules
from memscope.analysis.hotspots import Hotspots, responsible_lines
from memscope.analysis.measures import Measures
from memscope.analysis.processes import Unrecorded, unrecorded_processes
from memscope.analysis.resident import Resident, resident_of
from memscope.analysis.rss import ResidentParts, rss_of, tells_parts
from memscope.analysis.sizeclasses import serves_small_requests, size_histogram
from memscope.analysis.stacks import Stacks
from memscope.analysis.timeline import MemoryOverTime, memory_over_time
from memscope.analysis.types import Types, find_types
from memscope.analysis.unseen import Unseen, unseen_of
from memscope.capture import Capture
from memscope.capture.columns import total
from memscope.capture.description import DomainSums, End, Exit, Meta
from memscope.plain import dataclass

TOP_SITES = 5
TOP_TYPES = 10


@dataclass(frozen=True, slots=True)
class CollectorRuns:
    """The cyclic collector's runs; the pause is estimated from how often it was seen at work."""

    collections: int | None
    pause_s: float
    share: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the summary shows. Counters are estimates where `meta.sampled`."""

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
    short_lived_share: float  # of allocations, and of objects made in blocks of free lists
    resident: Resident
    unseen: Unseen
    collector: CollectorRuns
    end: End | None
    exit: Exit | None
    unrecorded: Unrecorded
    made_peak: Hotspots
    churned: Hotspots
    types: Types | None  # at the peak; None: recorded without objects
    sizes: tuple[float, ...]
    pymalloc: bool
    over_time: MemoryOverTime
    stacks: Stacks
    requests_at_most: bool  # they may be too many: the capture is partial
    compiled: tuple[Compiled, ...] = ()
    made_of: ResidentParts | None = None  # at the peak; None: not wanted, or not known
    holders: bool = False  # whether a snapshot of objects tells of them

    @property
    def is_interim(self) -> bool:
        """Whether the recording went on after this capture was written."""
        return self.end is not None and self.end.is_interim


def summarize(
    capture: Capture,
    measures: Measures | None = None,
    *,
    made_of: bool = False,
    sites: int = TOP_SITES,
) -> Summary:
    """Where the memory went; `measures` of the capture, if somebody has them already.

    `made_of`: what resident memory was made of, too, which takes going through all windows.
    `sites`: how many lines that made the peak, and that allocated most; 0 for all.
    """
    measures = measures or Measures(capture)
    over_time = memory_over_time(capture)
    resident = resident_of(capture, over_time)
    # First, because it takes the most memory: no column is decoded yet.
    parts = rss_of(measures) if made_of and tells_parts(capture) else None
    made_peak, churned = responsible_lines(measures, ("peak_bytes", "allocated_bytes"), sites)
    sums = capture.sums
    short_lived = total(measures.short_lived)
    # Each of these began a lifetime.
    begun = sums.total.allocations + total(capture.totals.passing("reused"))
    return Summary(
        path=str(capture.path),
        size_bytes=capture.size_bytes,
        meta=capture.meta,
        duration_ns=sums.duration_ns,
        total=sums.total,
        domains=sums.domains,
        peak_blocks=sums.peak_blocks,
        peak_time_ns=sums.peak_time_ns,
        short_lived=short_lived,
        short_lived_share=short_lived / begun if begun > 0 else 0.0,
        resident=resident,
        collector=_collector(capture.end, sums.duration_ns),
        end=capture.end,
        exit=capture.exit,
        unrecorded=unrecorded_processes(capture.end, capture.exit),
        made_peak=made_peak,
        churned=churned,
        types=find_types(measures, by="peak_bytes", limit=TOP_TYPES)
        if capture.meta.objects
        else None,
        sizes=tuple(size_histogram(capture)),
        pymalloc=serves_small_requests(capture.meta.allocator),
        over_time=over_time,
        stacks=measures.stacks,
        compiled=compiled_modules(capture, measures.stacks.origins),
        requests_at_most=capture.requests_at_most,
        made_of=parts,
        holders=capture.has_snapshot,
        # Last, because reading the parts above is what finds the damage in them.
        unseen=unseen_of(capture, resident),
        complete=capture.complete,
        notes=capture.notes,
    )


def _collector(end: End | None, duration_ns: int) -> CollectorRuns:
    if end is None:
        return CollectorRuns(None, 0.0, 0.0)
    share = end.collecting_polls / end.polls if end.polls else 0.0
    collections = None if end.collections is None else sum(end.collections)
    return CollectorRuns(collections, share * duration_ns / 1e9, share)
