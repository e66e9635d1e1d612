"""Memory over time: live bytes per domain, and what the kernel says is resident."""

from __future__ import annotations

from typing import Literal

from memscope.capture import Capture
from memscope.capture.format import DOMAINS
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class TimelineSample:
    """How much was live and resident at one time; `max_live_bytes` since the sample before."""

    time_ns: int
    domain_bytes: tuple[float, ...]  # live, of each domain
    max_live_bytes: float
    resident_bytes: int  # 0: not measured
    own_bytes: int  # memscope's part of resident_bytes
    collecting: bool

    @property
    def live_bytes(self) -> float:
        return sum(self.domain_bytes)

    @property
    def program_bytes(self) -> int:
        """Resident memory without memscope's part; 0 where it was not measured."""
        return max(self.resident_bytes - self.own_bytes, 0)


@dataclass(frozen=True, slots=True)
class MemoryOverTime:
    """Samples in order of time; `source` is "windows" where a cut file has no timeline."""

    source: Literal["timeline", "windows"]
    samples: tuple[TimelineSample, ...]
    duration_ns: int
    peak_bytes: float
    peak_time_ns: int


def memory_over_time(capture: Capture) -> MemoryOverTime:
    """The recorder's own samples, or the ends of the windows."""
    timeline = capture.timeline
    if timeline is not None:
        columns = zip(
            timeline.time_ns,
            zip(*timeline.live, strict=True),
            timeline.max_live,
            timeline.resident_bytes,
            timeline.own_bytes,
            map(bool, timeline.collecting),
            strict=True,
        )
        samples = tuple(TimelineSample(*values) for values in columns)
    else:
        samples = tuple(
            TimelineSample(window.end_ns, window.live_bytes, sum(window.live_bytes), 0, 0, False)
            for window in capture.windows()
        )
    highest = max(samples, key=lambda sample: sample.max_live_bytes, default=None)
    peak_bytes: float = highest.max_live_bytes if highest else 0
    peak_time_ns = highest.time_ns if highest else 0
    duration_ns = samples[-1].time_ns if samples else 0
    if capture.end is not None:
        peak_bytes = capture.sums.total.peak_bytes
        peak_time_ns = capture.sums.peak_time_ns
        duration_ns = max(duration_ns, capture.sums.duration_ns)
    source: Literal["timeline", "windows"] = "windows" if timeline is None else "timeline"
    return MemoryOverTime(source, samples, duration_ns, peak_bytes, peak_time_ns)


@dataclass(frozen=True, slots=True)
class Bin:
    """One column of a drawing: the highest of each kind within a stretch of time."""

    domain_bytes: tuple[float, ...]  # live, of each domain
    max_live_bytes: float
    resident_bytes: int  # the program's, without memscope's part
    collecting: bool


EMPTY_BIN = Bin((0,) * len(DOMAINS), 0, 0, False)


def resample(over_time: MemoryOverTime, count: int) -> list[Bin]:
    """The samples in `count` stretches of equal length; an empty one is like the one before."""
    bins: list[Bin | None] = [None] * count
    span = max(over_time.duration_ns, 1)
    for sample in over_time.samples:
        place = min(sample.time_ns * count // span, count - 1)
        bins[place] = _higher(bins[place], sample)
    filled: list[Bin] = []
    last = EMPTY_BIN
    for found in bins:
        last = found or last
        filled.append(last)
        if found is not None:
            # What was highest within a stretch says nothing about the empty stretch after it.
            last = Bin(
                found.domain_bytes,
                sum(found.domain_bytes),
                found.resident_bytes,
                False,
            )
    return filled


def _higher(found: Bin | None, sample: TimelineSample) -> Bin:
    if found is None:
        found = EMPTY_BIN
    # The composition is that of the fullest sample; adding up each domain's highest would show
    # more than was ever live.
    fuller = sample.live_bytes >= sum(found.domain_bytes)
    return Bin(
        sample.domain_bytes if fuller else found.domain_bytes,
        max(sample.max_live_bytes, found.max_live_bytes),
        max(sample.program_bytes, found.resident_bytes),
        sample.collecting or found.collecting,
    )


def collecting_spans(over_time: MemoryOverTime) -> list[tuple[int, int]]:
    """From when to when (ns) the cyclic collector was seen at work by some poll in each sample.

    Longer than the collections themselves: how often the recorder looked bounds them from above.
    """
    spans: list[tuple[int, int]] = []
    before_ns = 0
    for sample in over_time.samples:
        if sample.collecting:
            if spans and spans[-1][1] == before_ns:
                spans[-1] = spans[-1][0], sample.time_ns
            else:
                spans.append((before_ns, sample.time_ns))
        before_ns = sample.time_ns
    return spans
