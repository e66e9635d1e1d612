"""Windows and timelines of captures laid over one another: each one's time counts from its start.

What a process had when it ended stays in all that comes later, so the last values are the sums.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from memscope.analysis.timeline import TimelineSample, memory_over_time
from memscope.capture import Capture
from memscope.capture.format import DOMAINS, SAMPLED_UNIT, FrameKind
from memscope.capture.writing import FrameWriter, gaps, packed_table, zigzag
from memscope.errors import MemscopeError
from memscope.merging.tables import stored

_RESIDENT = -3  # of a sample's figures
_Changes = dict[int, list[int]]  # of a row: blocks and bytes that came, and that left


class MergedWindows:
    """The changes of all captures, by the window of the merged one in which theirs end."""

    def __init__(self, ends: Sequence[int], domains: int, *, sampled: bool) -> None:
        self._ends = ends
        self._domains = domains
        self._unit = SAMPLED_UNIT if sampled else 1
        self._changes: list[_Changes] = [{} for _ in ends]
        self._events = [0] * len(ends)
        self._live = [[0] * domains for _ in ends]

    def add(self, capture: Capture, first_row: int) -> None:
        events = 0
        live = [0] * self._domains
        for window in capture.windows():
            place = bisect_left(self._ends, window.end_ns)
            self._add_changes(self._changes[place], window.changes(), first_row)
            self._events[place] += window.last_event - events
            events = window.last_event
            now = stored(window.live_bytes, self._unit)[: self._domains]
            for domain, (value, before) in enumerate(zip(now, live, strict=True)):
                self._live[place][domain] += value - before
            live = list(now)

    def _add_changes(
        self,
        into: _Changes,
        changes: Iterator[tuple[int, float, float, float, float]],
        first_row: int,
    ) -> None:
        for row, *values in changes:
            sums = into.setdefault(row + first_row, [0, 0, 0, 0])
            for column, value in enumerate(stored(values, self._unit)):
                sums[column] += round(value)

    def write(self, frames: FrameWriter) -> None:
        start = events = 0
        live = [0] * self._domains
        for place, end in enumerate(self._ends):
            live = [sum(pair) for pair in zip(live, self._live[place], strict=True)]
            first, events = events, events + self._events[place]
            try:
                head = struct.pack(f"<4Q{self._domains}Q", start, end, first, events, *live)
            except struct.error:  # of hostile captures
                raise MemscopeError("the sums are beyond what a capture holds") from None
            changes = sorted(self._changes[place].items())
            rows = [row for row, _ in changes]
            columns = [zigzag(sums[column] for _, sums in changes) for column in range(4)]
            frames.frame(FrameKind.WINDOW, head + packed_table([gaps(rows), *columns]))
            start = end


class MergedTimeline:
    """Samples of all captures at the times of the merged one."""

    def __init__(self, times: Sequence[int], domains: int, *, sampled: bool) -> None:
        self._times = times
        self._domains = domains
        self._unit = SAMPLED_UNIT if sampled else 1
        self._sums = [[0] * (domains + 4) for _ in times]

    def add(self, capture: Capture) -> None:
        found = memory_over_time(capture).samples
        samples = [self._figures(sample) for sample in found]
        place = 0
        now = [0] * (self._domains + 4)
        for sums, time in zip(self._sums, self._times, strict=True):
            highest, collecting = sum(now[: self._domains]), 0
            while place < len(samples) and found[place].time_ns <= time:
                resident = now[_RESIDENT]
                now = samples[place]
                now[_RESIDENT] = now[_RESIDENT] or resident  # 0: not measured
                highest = max(highest, now[self._domains])
                collecting |= now[-1]
                place += 1
            for column, value in enumerate(now):
                sums[column] += value
            sums[self._domains] += highest - now[self._domains]
            sums[-1] += collecting - now[-1]

    def _figures(self, sample: TimelineSample) -> list[int]:
        live = stored(sample.domain_bytes, self._unit)[: self._domains]
        (highest,) = stored([sample.max_live_bytes], self._unit)
        return [*live, highest, sample.resident_bytes, sample.own_bytes, int(sample.collecting)]

    def write(self, frames: FrameWriter) -> None:
        if not self._times:
            return
        columns = [list(column) for column in zip(*self._sums, strict=True)]
        columns[-1] = [min(value, 1) for value in columns[-1]]
        frames.frame(FrameKind.TIMELINE, packed_table([gaps(self._times), *columns]))


def most_domains(domains: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Those of all captures: each has the first so many of them."""
    return DOMAINS[: max(map(len, domains))]
