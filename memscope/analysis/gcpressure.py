"""What the cyclic collector costs and yields, and which lines may keep it busy.

What each version's collector does differs to the third digit, so the collector is named by the
exact version. How often it ran and what it freed are the interpreter's own counts; how long it took
is exact from 3.15 on, and before an estimate from how often the recorder found it at work.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from heapq import nlargest
from typing import Literal

from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin
from memscope.capture import Capture
from memscope.capture.columns import (
    difference,
    flags,
    gathered,
    mark_at_least,
    members,
    narrowed,
    only_where,
    sums_of_keys,
    with_added,
    zeros,
)
from memscope.capture.description import End
from memscope.capture.format import DOMAINS, SAMPLED_UNIT
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

_OBJ = DOMAINS.index("obj")
# A tracked object has a head of 16 bytes and a header of 16; all fields of such types are pointers.
_SMALLEST_TRACKED_BYTES = 32
_POINTER_BYTES = 8

Kind = Literal["generational", "incremental", "unknown"]


@dataclass(frozen=True, slots=True)
class Collector:
    """Which collector a version of CPython has; `when` says when it runs."""

    kind: Kind
    when: str
    generations: tuple[str, str, str]


_GENERATIONS = ("young", "middle", "oldest")
_WITHIN = Collector(
    "generational", "within the allocation of a container that exceeds its threshold", _GENERATIONS
)
_AT_BREAKER = Collector(
    "generational",
    "at the next safe point of the interpreter, not within the allocation that exceeds its "
    "threshold",
    _GENERATIONS,
)
_INCREMENTAL = Collector(
    "incremental",
    "a piece of the old generation with each young collection, at safe points",
    ("young and increments", "old", "full, by hand"),
)
_UNKNOWN = Collector("unknown", "not known for this version", _GENERATIONS)


def collector_of(python: str) -> Collector:
    """The collector of a CPython version such as "3.14.2"."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", python)
    if found is None:
        return _UNKNOWN
    major, minor, micro = (int(part or 0) for part in found.groups())
    if major != 3 or not 11 <= minor <= 15:
        return _UNKNOWN
    if minor == 11:
        return _WITHIN
    if minor == 14 and micro < 5:
        return _INCREMENTAL
    return _AT_BREAKER


@dataclass(frozen=True, slots=True)
class GenerationRuns:
    """One generation's collections while recording; exact. None: not known."""

    name: str
    threshold: int | None
    collections: int
    collected: int | None  # objects found unreachable and freed
    uncollectable: int | None
    pause_s: float | None  # as the collector timed itself


@dataclass(frozen=True, slots=True)
class Creator:
    """A line whose blocks may be what the collector tracks: a guess by domain and size.

    `net_blocks` is by how much their number rose in the stretches of time in which it rose: what
    brings the next collection nearer, at most. `live_blocks_at_peak` is what a full collection
    looks at, at most.
    """

    site: CodeFrame
    origin: Origin
    allocations: int
    net_blocks: int
    live_blocks_at_peak: int


@dataclass(frozen=True, slots=True)
class GcPressure:
    """The collector over the whole recording.

    `share` is `pause_s` by the recording's time. Where `pause_exact` is False they are estimates,
    and `share_low` to `share_high` is what 95 of 100 such estimates would span. `longest_s` is how
    long it was found at work without a break, at least; None where that was not looked at.
    `generations` is empty where the program ended before it could say.
    """

    python: str
    collector: Collector
    enabled: bool | None  # when the recording ended
    duration_s: float
    generations: tuple[GenerationRuns, ...]
    pause_s: float | None
    pause_exact: bool
    share: float | None
    share_low: float | None
    share_high: float | None
    longest_s: float | None
    polls: int
    creators: tuple[Creator, ...]

    @property
    def collections(self) -> int | None:
        return sum(part.collections for part in self.generations) if self.generations else None

    @property
    def collected(self) -> int | None:
        counts = [part.collected for part in self.generations if part.collected is not None]
        return sum(counts) if counts else None


def find_gc_pressure(measures: Measures, *, limit: int = 10) -> GcPressure:
    """What the collector did, and the `limit` lines that may have made most for it (0: all)."""
    capture = measures.capture
    collector = collector_of(capture.meta.python)
    end = capture.end
    duration_s = capture.duration_ns / 1e9
    generations = _generations(end, collector)
    timed = [part.pause_s for part in generations if part.pause_s is not None]
    pause_s, share, low, high = _estimate(end, duration_s)
    if timed:
        pause_s = sum(timed)
        share = low = high = pause_s / duration_s if duration_s else 0.0
    return GcPressure(
        python=capture.meta.python,
        collector=collector,
        enabled=end.gc_enabled if end else None,
        duration_s=duration_s,
        generations=generations,
        pause_s=pause_s,
        pause_exact=bool(timed),
        share=share,
        share_low=low,
        share_high=high,
        longest_s=end.longest_collecting_ns / 1e9 if end and end.polled_ns else None,
        polls=end.polls if end else 0,
        creators=_creators(measures, limit),
    )


def _generations(end: End | None, collector: Collector) -> tuple[GenerationRuns, ...]:
    if end is None or end.collections is None:
        return ()
    times = end.collections_ns
    return tuple(
        GenerationRuns(
            name=collector.generations[number],
            threshold=end.gc_thresholds[number] if end.gc_thresholds else None,
            collections=collections,
            collected=end.collected[number] if end.collected else None,
            uncollectable=end.uncollectable[number] if end.uncollectable else None,
            pause_s=times[number] / 1e9 if times else None,
        )
        for number, collections in enumerate(end.collections)
    )


def _estimate(
    end: End | None, duration_s: float
) -> tuple[float | None, float | None, float | None, float | None]:
    """Pause, share, and the share's bounds, from how often the collector was found at work."""
    if end is None or not end.polls:
        return None, None, None, None
    found = min(end.collecting_polls / end.polls, 1.0)
    # Polls are further apart where little happens: where it is known, each counts by its time.
    share = end.collecting_ns / end.polled_ns if end.polled_ns else found
    share = min(share, 1.0)
    # Wilson's interval, which is right for few finds too; as wide around the share by time.
    z2 = 1.96**2
    centre = (found + z2 / (2 * end.polls)) / (1 + z2 / end.polls)
    spread = found * (1 - found) / end.polls + z2 / (4 * end.polls**2)
    half = 1.96 * math.sqrt(spread) / (1 + z2 / end.polls)
    shift = share - found
    low, high = max(centre - half + shift, 0.0), min(centre + half + shift, 1.0)
    return share * duration_s, share, min(low, share), max(high, share)


def _creators(measures: Measures, limit: int) -> tuple[Creator, ...]:
    capture, stacks = measures.capture, measures.stacks
    count = len(measures.row_stacks)
    net = zeros("q", count + 1)
    for window in measures.each_window():
        rise = difference(window.allocations, window.released)
        more = bytearray(len(rise))
        mark_at_least(more, rise, 1 / SAMPLED_UNIT)
        net = with_added(net, window.row, only_where(rise, more))
    risen = narrowed(net)[1:]
    del net
    peak_blocks = capture.totals.passing("peak_blocks")
    present = bytearray(count)
    for column in (risen, peak_blocks):
        mark_at_least(present, column, 1 / SAMPLED_UNIT)
    places = _candidates(capture, members(b"\0\1", present))
    nodes = gathered(stacks.shown, gathered(measures.row_stacks, places))
    keys = (gathered(stacks.line_keys, nodes),)
    columns = (capture.totals.passing("allocations"), risen, peak_blocks)
    found = sums_of_keys(keys, *(gathered(column, places) for column in columns))
    first = dict(zip(reversed(keys[0]), reversed(nodes), strict=True))
    sums = {first[key]: held for (key,), *held in found}
    chosen = nlargest(limit if limit > 0 else len(sums), sums, key=lambda site: sums[site][1])
    return tuple(
        Creator(stacks.frame(site), stacks.origin(site), *map(round, sums[site])) for site in chosen
    )


def _candidates(capture: Capture, places: Sequence[int]) -> Sequence[int]:
    """Those of these rows whose blocks may be tracked objects: large enough, and whole pointers."""
    rows, totals = capture.tables.rows, capture.totals
    of_obj = flags(number == _OBJ for number in range(len(DOMAINS)))
    places = gathered(places, members(of_obj, gathered(rows.domain, places)))
    names = "allocations", "allocated_bytes"
    columns = (gathered(totals.passing(name), places) for name in names)
    means = (size / blocks if blocks else 0.0 for blocks, size in zip(*columns, strict=True))
    fits = flags(mean >= _SMALLEST_TRACKED_BYTES and not mean % _POINTER_BYTES for mean in means)
    return gathered(places, members(b"\0\1", fits))
