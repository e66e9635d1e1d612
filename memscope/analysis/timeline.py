"""Memory over time: live bytes per domain, and what the kernel says is resident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from memscope.capture import Capture


@dataclass(frozen=True, slots=True)
class Point:
    """How much was live and resident at one time; `max_live_bytes` since the point before."""

    time_ns: int
    raw_bytes: float
    mem_bytes: float
    obj_bytes: float
    max_live_bytes: float
    resident_bytes: int  # 0: not measured
    own_bytes: int  # memscope's part of resident_bytes
    collecting: bool

    @property
    def live_bytes(self) -> float:
        return self.raw_bytes + self.mem_bytes + self.obj_bytes


@dataclass(frozen=True, slots=True)
class MemoryOverTime:
    """Points in order of time; `source` is "windows" where a cut file has no timeline."""

    source: Literal["timeline", "windows"]
    points: tuple[Point, ...]
    duration_ns: int
    peak_bytes: float
    peak_time_ns: int


def memory_over_time(capture: Capture) -> MemoryOverTime:
    """The recorder's own points, or the ends of the windows."""
    timeline = capture.timeline
    if timeline is not None:
        columns = zip(
            timeline.time_ns,
            timeline.live_raw,
            timeline.live_mem,
            timeline.live_obj,
            timeline.max_live,
            timeline.resident_bytes,
            timeline.own_bytes,
            map(bool, timeline.collecting),
            strict=True,
        )
        points = tuple(Point(*values) for values in columns)
    else:
        points = tuple(
            Point(window.end_ns, *window.live_bytes, sum(window.live_bytes), 0, 0, False)
            for window in capture.windows()
        )
    highest = max(points, key=lambda point: point.max_live_bytes, default=None)
    peak_bytes: float = highest.max_live_bytes if highest else 0
    peak_time_ns = highest.time_ns if highest else 0
    duration_ns = points[-1].time_ns if points else 0
    if capture.end is not None:
        peak_bytes = capture.sums.total.peak_bytes
        peak_time_ns = capture.sums.peak_time_ns
        duration_ns = max(duration_ns, capture.sums.duration_ns)
    source: Literal["timeline", "windows"] = "windows" if timeline is None else "timeline"
    return MemoryOverTime(source, points, duration_ns, peak_bytes, peak_time_ns)


@dataclass(frozen=True, slots=True)
class Bin:
    """One column of a drawing: the highest of each kind within a stretch of time."""

    raw_bytes: float
    mem_bytes: float
    obj_bytes: float
    max_live_bytes: float
    resident_bytes: int
    collecting: bool


EMPTY_BIN = Bin(0, 0, 0, 0, 0, False)


def resample(over_time: MemoryOverTime, count: int) -> list[Bin]:
    """The points in `count` stretches of equal length; an empty one is like the one before."""
    bins: list[Bin | None] = [None] * count
    span = max(over_time.duration_ns, 1)
    for point in over_time.points:
        place = min(point.time_ns * count // span, count - 1)
        bins[place] = _higher(bins[place], point)
    filled: list[Bin] = []
    last = EMPTY_BIN
    for found in bins:
        last = found or last
        filled.append(last)
        if found is not None:
            # What was highest within a stretch says nothing about the empty stretch after it.
            last = Bin(
                found.raw_bytes,
                found.mem_bytes,
                found.obj_bytes,
                found.raw_bytes + found.mem_bytes + found.obj_bytes,
                found.resident_bytes,
                False,
            )
    return filled


def _higher(found: Bin | None, point: Point) -> Bin:
    if found is None:
        found = EMPTY_BIN
    # The composition is that of the fullest point; adding up each domain's highest would show
    # more than was ever live.
    fuller = point.live_bytes >= found.raw_bytes + found.mem_bytes + found.obj_bytes
    return Bin(
        point.raw_bytes if fuller else found.raw_bytes,
        point.mem_bytes if fuller else found.mem_bytes,
        point.obj_bytes if fuller else found.obj_bytes,
        max(point.max_live_bytes, found.max_live_bytes),
        max(point.resident_bytes, found.resident_bytes),
        point.collecting or found.collecting,
    )


def highest_resident(points: Iterable[Point]) -> Point | None:
    """The point at which the process had most resident, or None where that was not measured."""
    measured = [point for point in points if point.resident_bytes]
    return max(measured, key=lambda point: point.resident_bytes, default=None)


def collecting_spans(over_time: MemoryOverTime) -> list[tuple[int, int]]:
    """From when to when (ns) the cyclic collector was seen at work by some poll in each point.

    Longer than the collections themselves: how often the recorder looked bounds them from above.
    """
    spans: list[tuple[int, int]] = []
    before_ns = 0
    for point in over_time.points:
        if point.collecting:
            if spans and spans[-1][1] == before_ns:
                spans[-1] = spans[-1][0], point.time_ns
            else:
                spans.append((before_ns, point.time_ns))
        before_ns = point.time_ns
    return spans
