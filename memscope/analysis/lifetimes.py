"""How long blocks live, in bytes allocated meanwhile and in time: over all, and per site.

Lifetimes in bytes are the same in every run of the same program; those in time are what a person
can feel. Both come in buckets, so what is said of them is a range and no single number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from memscope.analysis.hotspots import (
    EVERYTHING,
    Group,
    Hotspot,
    Selection,
    find_hotspots_of_rows,
)
from memscope.analysis.measures import By, Measures
from memscope.capture.format import (
    LIFETIME_BYTE_BUCKETS,
    LIFETIME_TIME_BUCKETS,
    lifetime_bytes_range,
    lifetime_ms_range,
)


class Span(NamedTuple):
    """From a lower bound up to below an upper one (None: there is no upper one)."""

    lower: float
    upper: float | None


@cache
def byte_spans() -> tuple[Span, ...]:
    """What the buckets in bytes cover: each four times as much as the one before."""
    return tuple(Span(*lifetime_bytes_range(bucket)) for bucket in range(LIFETIME_BYTE_BUCKETS))


@cache
def time_spans() -> tuple[Span, ...]:
    """What the buckets in time cover, in seconds: each ten times as much as the one before.

    The capture tells "within one poll" and "below 10 ms" apart, but polls are up to 10 ms apart
    where little happens: the two are one bucket here.
    """
    spans = (lifetime_ms_range(bucket) for bucket in range(1, LIFETIME_TIME_BUCKETS))
    return tuple(Span(low / 1e3, None if up is None else up / 1e3) for low, up in spans)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Released blocks by how long they had lived; `counts` are aligned with `spans`."""

    spans: tuple[Span, ...]
    counts: tuple[float, ...]

    @property
    def blocks(self) -> float:
        return sum(self.counts)

    def quantile(self, share: float) -> Span | None:
        """The bucket of the block that outlived `share` of the others, by nearest rank.

        None where nothing was released.
        """
        rank = share * self.blocks
        passed = 0.0
        found = None
        for span, count in zip(self.spans, self.counts, strict=True):
            if count > 0:
                found = span
                passed += count
                if passed >= rank:
                    break
        return found


@dataclass(frozen=True, slots=True)
class SiteLifetimes:
    """How long the blocks of one stack, line, function or file lived."""

    hotspot: Hotspot
    in_bytes: Histogram
    in_time: Histogram

    @property
    def freed_share(self) -> float | None:
        return _released_share(self.hotspot.allocations, self.hotspot.live_blocks)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Lifetimes of all blocks that were released, and of those of the heaviest sites.

    A block lives from its allocation to its release, be it a free or a reallocation. Its lifetime
    in bytes is what was allocated from then on, itself included. Blocks that were live at the end
    are in no histogram: their lifetimes are not known. `known` is False where the capture was cut
    before its lifetimes.
    """

    by: By
    group: Group
    known: bool
    allocations: int
    live_blocks: int
    in_bytes: Histogram
    in_time: Histogram
    sites: tuple[SiteLifetimes, ...]
    groups_count: int

    @property
    def freed_share(self) -> float | None:
        return _released_share(self.allocations, self.live_blocks)


def find_lifetimes(
    measures: Measures,
    *,
    by: By = "allocated_bytes",
    group: Group = "line",
    limit: int = 20,
    selection: Selection = EVERYTHING,
) -> Lifetimes:
    """Over all, and of the `limit` heaviest groups (0: all), heaviest first."""
    hotspots, of_row = find_hotspots_of_rows(
        measures, by=by, group=group, limit=limit, selection=selection
    )
    # One place more than there are groups: index -1 takes what belongs to none.
    places = len(hotspots.rows) + 1
    bytes_counts = [[0.0] * LIFETIME_BYTE_BUCKETS for _ in range(places)]
    time_counts = [[0.0] * LIFETIME_TIME_BUCKETS for _ in range(places)]
    lifetimes = measures.capture.lifetimes
    if lifetimes is not None:
        counts = bytes_counts, time_counts
        entries = zip(
            lifetimes.row, lifetimes.scale, lifetimes.bucket, lifetimes.count, strict=True
        )
        for row, scale, bucket, count in entries:
            counts[scale][of_row[row - 1]][bucket] += count
    total = measures.capture.sums.total
    return Lifetimes(
        by=by,
        group=group,
        known=lifetimes is not None,
        allocations=round(total.allocations),
        live_blocks=round(total.live_blocks),
        in_bytes=_in_bytes([math.fsum(column) for column in zip(*bytes_counts, strict=True)]),
        in_time=_in_time([math.fsum(column) for column in zip(*time_counts, strict=True)]),
        sites=tuple(
            SiteLifetimes(hotspot, _in_bytes(bytes_counts[place]), _in_time(time_counts[place]))
            for place, hotspot in enumerate(hotspots.rows)
        ),
        groups_count=hotspots.groups_count,
    )


def _released_share(allocations: int, live_blocks: int) -> float | None:
    """The share of the blocks that were released; None where none was allocated."""
    return (allocations - live_blocks) / allocations if allocations else None


def _in_bytes(counts: Sequence[float]) -> Histogram:
    return Histogram(byte_spans(), tuple(counts))


def _in_time(counts: Sequence[float]) -> Histogram:
    at_once, soon, *later = counts
    return Histogram(time_spans(), (at_once + soon, *later))
