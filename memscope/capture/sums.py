"""The tallies of a whole recording, and what stands in for them in a cut file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import sub
from typing import Literal

from memscope.capture.description import DomainSums, End
from memscope.capture.format import DOMAINS
from memscope.capture.model import Rows, Totals, Window


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
    live_bytes: tuple[float, float, float]

    @property
    def total_bytes(self) -> float:
        return sum(self.live_bytes)


def sums_of_totals(totals: Totals, rows: Rows, ends: Sequence[WindowEnd]) -> Sums:
    """The sums of the rows; `ends` are the window ends, in order."""
    highest = max(ends, key=lambda end: end.total_bytes, default=WindowEnd(0, (0, 0, 0)))
    domains: dict[str, DomainSums] = {}
    for number, name in enumerate(DOMAINS):
        chosen = [domain == number for domain in rows.domain]
        allocations = sum(compress(totals.allocations, chosen))
        allocated = sum(compress(totals.allocated_bytes, chosen))
        domains[name] = DomainSums(
            allocations=allocations,
            frees=sum(compress(totals.frees, chosen)),
            reallocations=sum(compress(totals.reallocations, chosen)),
            allocated_bytes=allocated,
            live_bytes=allocated - sum(compress(totals.released_bytes, chosen)),
            live_blocks=allocations - sum(compress(totals.released, chosen)),
            peak_bytes=max((end.live_bytes[number] for end in ends), default=0),
        )
    parts = list(domains.values())
    total = DomainSums(
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
        total,
        domains,
        peak_blocks=sum(totals.peak_blocks),
        peak_time_ns=highest.time_ns,
        duration_ns=ends[-1].time_ns if ends else 0,
    )


def totals_of_windows(windows: Callable[[], Iterator[Window]], rows: int) -> Totals:
    """Every row's tallies as the sums of the windows, gone through twice to find the peak first.

    Windows do not tell frees from reallocations: all that was released counts as freed.
    """
    ends = [sum(window.live_bytes) for window in windows()]
    highest = max(range(len(ends)), key=ends.__getitem__, default=-1)
    allocations: list[float] = [0] * rows
    allocated: list[float] = [0] * rows
    released: list[float] = [0] * rows
    released_bytes: list[float] = [0] * rows
    nothing: list[float] = [0] * rows
    peak_blocks = peak_bytes = nothing
    for number, window in enumerate(windows()):
        changes = zip(
            window.row,
            window.allocations,
            window.allocated_bytes,
            window.released,
            window.released_bytes,
            strict=True,
        )
        for row, more, more_bytes, less, less_bytes in changes:
            allocations[row - 1] += more
            allocated[row - 1] += more_bytes
            released[row - 1] += less
            released_bytes[row - 1] += less_bytes
        if number == highest:
            peak_blocks = list(map(sub, allocations, released))
            peak_bytes = list(map(sub, allocated, released_bytes))
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
    )
