"""The counters of a whole recording, and what stands in for them in a cut file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from memscope.capture.columns import difference, sums_by, total, with_added, zeros
from memscope.capture.description import DomainSums, End
from memscope.capture.format import DOMAINS
from memscope.capture.model import Rows, Totals, Window
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Sums:
    """What the whole recording comes to; estimates in a sampled capture.

    `source` is "end" where the recorder's own account is there, and "rows" where it had to be
    added up: the peaks are then those of the window ends, too low by what came and went between.
    """

    source: Literal["end", "rows"]
    total: DomainSums
    domains: Mapping[str, DomainSums]
    peak_blocks: float
    peak_time_ns: int
    duration_ns: int


def sums_of_end(end: End) -> Sums:
    return Sums("end", end.sums, end.domains, end.peak_blocks, end.peak_time_ns, end.duration_ns)


@dataclass(frozen=True, slots=True)
class WindowEnd:
    """How much was live when a window ended."""

    time_ns: int
    live_bytes: tuple[float, ...]  # of each domain

    @property
    def total_bytes(self) -> float:
        return sum(self.live_bytes)


def sums_of_totals(totals: Totals, rows: Rows, ends: Sequence[WindowEnd]) -> Sums:
    """The sums of the rows; `ends` are the window ends, in order."""
    highest = max(ends, key=lambda end: end.total_bytes, default=WindowEnd(0, (0,) * len(DOMAINS)))
    domains: dict[str, DomainSums] = {}
    for number, name in enumerate(DOMAINS):

        def of_domain(column: Sequence[float], number: int = number) -> float:
            return sums_by(rows.domain, column, len(DOMAINS))[number]

        domains[name] = DomainSums(
            allocations=of_domain(totals.allocations),
            frees=of_domain(totals.frees),
            reallocations=of_domain(totals.reallocations),
            allocated_bytes=of_domain(totals.allocated_bytes),
            live_bytes=of_domain(totals.live_bytes),
            live_blocks=of_domain(totals.live_blocks),
            peak_bytes=max((end.live_bytes[number] for end in ends), default=0),
        )
    parts = list(domains.values())
    whole = DomainSums(
        allocations=sum(part.allocations for part in parts),
        frees=sum(part.frees for part in parts),
        reallocations=sum(part.reallocations for part in parts),
        allocated_bytes=sum(part.allocated_bytes for part in parts),
        live_bytes=sum(part.live_bytes for part in parts),
        live_blocks=sum(part.live_blocks for part in parts),
        peak_bytes=highest.total_bytes,
    )
    return Sums(
        "rows",
        whole,
        domains,
        peak_blocks=total(totals.peak_blocks),
        peak_time_ns=highest.time_ns,
        duration_ns=ends[-1].time_ns if ends else 0,
    )


def totals_of_windows(windows: Callable[[], Iterator[Window]], rows: int) -> Totals:
    """Every row's counters as the sums of the windows, gone through twice to find the peak first.

    Windows do not tell frees from reallocations: all that was released counts as freed. Nor do
    they tell requests from blocks that passed on from row to row: those of a free list count as
    allocated and released each time, so requests are at most what this says.
    """
    ends = [sum(window.live_bytes) for window in windows()]
    highest = max(range(len(ends)), key=ends.__getitem__, default=-1)
    nothing = bytes(rows)
    allocations, allocated, released, released_bytes = (zeros("q", rows + 1) for _ in range(4))
    peak_blocks: Sequence[float] = nothing
    peak_bytes: Sequence[float] = nothing
    for number, window in enumerate(windows()):
        row = window.row
        allocations = with_added(allocations, row, window.allocations)
        allocated = with_added(allocated, row, window.allocated_bytes)
        released = with_added(released, row, window.released)
        released_bytes = with_added(released_bytes, row, window.released_bytes)
        if number == highest:
            peak_blocks = difference(allocations, released)[1:]
            peak_bytes = difference(allocated, released_bytes)[1:]
    allocations, allocated = allocations[1:], allocated[1:]
    released, released_bytes = released[1:], released_bytes[1:]
    return Totals(
        source="windows",
        allocations=allocations,
        allocated_bytes=allocated,
        released=released,
        released_bytes=released_bytes,
        peak_blocks=peak_blocks,
        peak_bytes=peak_bytes,
        max_live_blocks=peak_blocks,
        reallocations=nothing,
        moved=nothing,
        copied_bytes=nothing,
        frees=released,
        foreign_frees=nothing,
        longest_chain=nothing,
        reused=nothing,
        taken_in=nothing,
        taken_in_bytes=nothing,
        handed_over=nothing,
        handed_over_bytes=nothing,
        uncertain_bytes=nothing,
        uncertain_peak_bytes=nothing,
    )
