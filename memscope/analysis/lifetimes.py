"""How long blocks live, in bytes allocated meanwhile and in time: over all, and per site.

Lifetimes in bytes are the same in every run of the same program; those in time are what a person
can feel. Both come in buckets, so what is said of them is a range and no single number.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from memscope.analysis.hotspots import (
    EVERYTHING,
    Group,
    Hotspot,
    Selection,
    find_hotspots_of_rows,
)
from memscope.analysis.measures import Measures, SiteBy
from memscope.capture.columns import (
    extend,
    gathered,
    inverted,
    only_where,
    packed,
    with_added,
    zeros,
)
from memscope.capture.format import (
    LIFETIME_BYTE_BUCKETS,
    LIFETIME_TIME_BUCKETS,
    lifetime_bytes_range,
    lifetime_ms_range,
)
from memscope.plain import dataclass

_BUCKET_BITS = 4  # of both scales


class LifetimeRange(NamedTuple):
    """From a lower bound up to below an upper one (None: there is no upper one)."""

    lower: float
    upper: float | None


@cache
def byte_spans() -> tuple[LifetimeRange, ...]:
    """What the buckets in bytes cover: each four times as much as the one before."""
    return tuple(
        LifetimeRange(*lifetime_bytes_range(bucket)) for bucket in range(LIFETIME_BYTE_BUCKETS)
    )


@cache
def time_spans() -> tuple[LifetimeRange, ...]:
    """What the buckets in time cover, in seconds: each ten times as much as the one before.

    The capture tells "within one poll" and "below 10 ms" apart, but polls are up to 10 ms apart
    where little happens: the two are one bucket here.
    """
    spans = (lifetime_ms_range(bucket) for bucket in range(1, LIFETIME_TIME_BUCKETS))
    return tuple(LifetimeRange(low / 1e3, None if up is None else up / 1e3) for low, up in spans)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Released blocks by how long they had lived; `counts` are aligned with `spans`."""

    spans: tuple[LifetimeRange, ...]
    counts: tuple[float, ...]

    @property
    def blocks(self) -> float:
        return sum(self.counts)

    def quantile(self, share: float) -> LifetimeRange | None:
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

    by: SiteBy
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
    by: SiteBy = "allocated_bytes",
    group: Group = "line",
    limit: int = 20,
    selection: Selection = EVERYTHING,
) -> Lifetimes:
    """Over all, and of the `limit` heaviest groups (0: all), heaviest first."""
    hotspots, of_row = find_hotspots_of_rows(
        measures, by=by, group=group, limit=limit, selection=selection
    )
    of_bytes, of_time, known = _counts(measures, of_row, len(hotspots.rows))
    total = measures.capture.sums.total
    return Lifetimes(
        by=by,
        group=group,
        known=known,
        allocations=round(total.allocations),
        live_blocks=round(total.live_blocks),
        in_bytes=_in_bytes(of_bytes[-1]),
        in_time=_in_time(of_time[-1]),
        sites=tuple(
            SiteLifetimes(hotspot, _in_bytes(of_bytes[place]), _in_time(of_time[place]))
            for place, hotspot in enumerate(hotspots.rows)
        ),
        groups_count=hotspots.groups_count,
    )


def _counts(
    measures: Measures, of_row: Sequence[int], places: int
) -> tuple[list[list[float]], list[list[float]], bool]:
    """By bytes and by time, for each place how many in each bucket; over all of them at the end.

    And whether any are known.
    """
    most = 1 << _BUCKET_BITS
    shifted = array("i", [-1])
    extend(shifted, of_row)
    sums, all_sums = (
        [zeros("q", places * most) for _ in range(2)],
        [zeros("q", most) for _ in range(2)],
    )
    known = False
    for part in measures.capture.lifetime_parts():
        known = True
        index = packed(gathered(shifted, part.row), part.bucket, _BUCKET_BITS)
        for scale in (0, 1):
            wanted = part.scale if scale else inverted(part.scale)
            counts = only_where(part.count, wanted)
            sums[scale] = with_added(sums[scale], index, counts)
            all_sums[scale] = with_added(all_sums[scale], part.bucket, counts)
    found = [
        [*(of_all[place * most : (place + 1) * most] for place in range(places)), together]
        for of_all, together in zip(sums, all_sums, strict=True)
    ]
    return (
        _cut(found[0], LIFETIME_BYTE_BUCKETS),
        _cut(found[1], LIFETIME_TIME_BUCKETS),
        known,
    )


def _cut(counts: list[array[int]], buckets: int) -> list[list[float]]:
    return [list(map(float, of_place[:buckets])) for of_place in counts]


def _released_share(allocations: int, live_blocks: int) -> float | None:
    """The share of the blocks that were released; None where none was allocated."""
    return (allocations - live_blocks) / allocations if allocations else None


def _in_bytes(counts: Sequence[float]) -> Histogram:
    return Histogram(byte_spans(), tuple(counts))


def _in_time(counts: Sequence[float]) -> Histogram:
    at_once, soon, *later = counts
    return Histogram(time_spans(), (at_once + soon, *later))
