"""What is known of each capture before any table of it is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from memscope.analysis.timeline import memory_over_time
from memscope.capture import Capture, load
from memscope.capture.counters import Sums
from memscope.capture.description import End, Exit, MergedPart, Meta
from memscope.errors import MemscopeError
from memscope.plain import dataclass

_MOST_WINDOWS = 512  # of the merged capture
_MOST_SAMPLES = 2048


@dataclass(frozen=True, slots=True)
class Source:
    """One of the captures; times of windows and samples are nanoseconds since it began."""

    path: Path
    size_bytes: int
    identity: str
    meta: Meta
    sums: Sums
    end: End
    exit: Exit | None
    complete: bool
    window_ends: tuple[int, ...]
    sample_times: tuple[int, ...]

    def check_same(self, capture: Capture) -> None:
        """Raises MemscopeError where the file is not what it was when it was first read."""
        if capture.size_bytes != self.size_bytes or capture.identity != self.identity:
            remedy = "merge it when its recording is over"
            raise MemscopeError("has changed while it was read", self.path, remedy)

    def parts(self) -> tuple[MergedPart, ...]:
        """What it stands for: itself, or the captures that it is merged of."""
        meta, total = self.meta, self.sums.total
        if meta.parts:
            return meta.parts
        return (
            MergedPart(
                command=meta.command,
                pid=meta.pid,
                started=meta.started,
                labels=meta.labels,
                duration_ns=self.sums.duration_ns,
                complete=self.complete,
                allocated_bytes=round(total.allocated_bytes),
                live_bytes=round(total.live_bytes),
                peak_bytes=round(total.peak_bytes),
            ),
        )


def read_sources(paths: Sequence[Path]) -> list[Source]:
    """Raises MemscopeError where two are the same recording: it would count twice."""
    sources: list[Source] = []
    known: dict[str, Path] = {}
    for path in paths:
        with load(path) as capture:
            source = _read(capture)
        if source.identity in known:
            other = known[source.identity]
            raise MemscopeError(f"is of the same recording as {other}", path, "name one of them")
        known[source.identity] = path
        sources.append(source)
    return sources


def _read(capture: Capture) -> Source:
    times = tuple(sample.time_ns for sample in memory_over_time(capture).samples)
    ends = tuple(window.end_ns for window in capture.windows())
    sums = capture.sums
    return Source(
        capture.path, capture.size_bytes, capture.identity, capture.meta, sums,
        capture.end or End(), capture.exit, capture.complete, ends, times,
    )  # fmt: skip


def merged_window_ends(sources: Sequence[Source]) -> list[int]:
    return _thinned((end for source in sources for end in source.window_ends), _MOST_WINDOWS)


def merged_sample_times(sources: Sequence[Source]) -> list[int]:
    return _thinned((time for source in sources for time in source.sample_times), _MOST_SAMPLES)


def _thinned(times: Iterable[int], most: int) -> list[int]:
    """At most so many of them, in order; the last is among them."""
    ordered = sorted(set(times))
    step = -(-len(ordered) // most) or 1
    return ordered[::-1][::step][::-1]
