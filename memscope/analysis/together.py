"""Several processes of one run, summed up: each one, and all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memscope.analysis.hotspots import Hotspot, Hotspots
from memscope.analysis.summary import Summary
from memscope.plain import dataclass, replace


@dataclass(frozen=True, slots=True)
class Together:
    """The processes in the order in which they were started, and their sums.

    `peaks_bytes` sums peaks that each process had at its own time. `highest_bytes` is the most that
    all can have had at one time, by the samples of each: never less than what was so.
    `residents_bytes` counts pages that several processes share for each of them.
    """

    processes: tuple[Summary, ...]
    allocations: float
    allocated_bytes: float
    live_bytes: float
    peaks_bytes: float
    highest_bytes: float
    residents_bytes: float
    made_peaks: Hotspots


def together(summaries: Sequence[Summary], limit: int) -> Together:
    """Sums up; `limit` of the lines that made the peaks are kept, heaviest first.

    The summaries have all lines that made their peaks.
    """
    ordered = tuple(sorted(summaries, key=lambda each: (each.meta.started, each.meta.pid)))
    totals = [each.total for each in ordered]
    return Together(
        processes=ordered,
        allocations=sum(total.allocations for total in totals),
        allocated_bytes=sum(total.allocated_bytes for total in totals),
        live_bytes=sum(total.live_bytes for total in totals),
        peaks_bytes=sum(total.peak_bytes for total in totals),
        highest_bytes=_highest(ordered),
        residents_bytes=sum(each.resident.peak_bytes for each in ordered),
        made_peaks=_joined([each.made_peak for each in ordered], ordered, limit),
    )


def _steps(summary: Summary) -> Iterator[tuple[float, float]]:
    """When its live bytes can have become more or less, in absolute seconds, and by how much."""
    started, before, begins = summary.meta.started, 0.0, 0.0
    for sample in summary.over_time.samples:
        yield started + begins, sample.max_live_bytes - before
        before, begins = sample.max_live_bytes, sample.time_ns / 1e9
    yield started + summary.duration_ns / 1e9, -before


def _highest(summaries: Sequence[Summary]) -> float:
    # Where one ends as another begins, both count: nobody knows it to the microsecond.
    steps = sorted(
        (step for summary in summaries for step in _steps(summary)),
        key=lambda step: (step[0], -step[1]),
    )
    live = highest = 0.0
    for _, change in steps:
        live += change
        highest = max(highest, live)
    return highest


def _joined(lists: Sequence[Hotspots], summaries: Sequence[Summary], limit: int) -> Hotspots:
    """The lines of all processes; one that several have is one."""
    joined: dict[tuple[str, str, int], Hotspot] = {}
    for hotspots in lists:
        for row in hotspots.rows:
            key = row.file, row.function, row.line
            known = joined.get(key)
            joined[key] = row if known is None else _sum(known, row)
    whole = sum(hotspots.total for hotspots in lists)
    heaviest = sorted(joined.values(), key=lambda row: -row.peak_bytes)
    rows = tuple(
        replace(row, share=row.peak_bytes / whole if whole else 0.0) for row in heaviest[:limit]
    )
    return replace(lists[0], rows=rows, total=whole, groups_count=len(joined))


_SUMMED = (
    "allocations", "frees", "allocated_bytes", "peak_bytes", "live_bytes", "live_blocks",
    "short_lived", "created", "reused", "uncertain_bytes", "uncertain_peak_bytes",
)  # fmt: skip


def _sum(left: Hotspot, right: Hotspot) -> Hotspot:
    """The figures of both, at the place of the first."""
    sums = {name: getattr(left, name) + getattr(right, name) for name in _SUMMED}
    return replace(left, **sums)
