"""When the blocks that are live at the end were allocated: what of each time survives."""

from __future__ import annotations

from bisect import bisect_left
from heapq import nlargest

from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

STRETCHES = 12  # a window lasts at most a sixteenth of the run, or 20 ms
MOST_SITES = 3


@dataclass(frozen=True, slots=True)
class Survivors:
    """What one line's blocks of a stretch of time come to at the end."""

    site: CodeFrame
    origin: Origin
    live_bytes: int
    live_blocks: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """The blocks that were allocated in a stretch of time, and those of them live at the end.

    A block that was reallocated counts from then. `sites` are the lines with most of it.
    """

    from_ns: int
    until_ns: int
    allocated_bytes: int
    allocations: int
    live_bytes: int
    live_blocks: int
    sites: tuple[Survivors, ...]

    @property
    def live_share(self) -> float | None:
        """None where nothing was allocated."""
        return self.live_bytes / self.allocated_bytes if self.allocated_bytes else None


@dataclass(frozen=True, slots=True)
class CohortReport:
    """Cohorts in order of time; `known` is False where the capture does not tell births.

    `older_bytes` and `older_blocks` are live, but were allocated longer ago than births are kept
    for; `unplaced_blocks` are live, but their births are not known.
    """

    known: bool
    cohorts: tuple[Cohort, ...]
    older_bytes: int
    older_blocks: int
    unplaced_blocks: int


def find_cohorts(measures: Measures, *, stretches: int = STRETCHES) -> CohortReport:
    """What was allocated when, and how much of it is live at the end, in about equal stretches.

    Stretches end where windows do: a window's blocks are not told apart.
    """
    capture = measures.capture
    cohorts = capture.cohorts
    if cohorts is None:
        return CohortReport(False, (), 0, 0, 0)
    windows = [
        (window.end_ns, sum(window.allocated_bytes), sum(window.allocations))
        for window in capture.windows()
    ]
    ends = _ends([end for end, *_ in windows], stretches)
    allocated = [[0.0, 0.0] for _ in ends]
    for end, size, blocks in windows:
        place = bisect_left(ends, end)
        allocated[place][0] += size
        allocated[place][1] += blocks
    live: list[tuple[dict[int, float], dict[int, float]]] = [({}, {}) for _ in ends]
    older = [0.0, 0.0]
    stacks = measures.stacks
    first: dict[int, int] = {}
    entries = zip(cohorts.row, cohorts.until_ns, cohorts.blocks, cohorts.size_bytes, strict=True)
    placed = 0.0
    for row, until, blocks, size in entries:
        placed += blocks
        if until == 0 or until > (ends[-1] if ends else 0):
            older[0] += size
            older[1] += blocks
            continue
        node = measures.row_stacks[row - 1]
        shown = stacks.own[node] or node
        site = first.setdefault(stacks.line_keys[shown], shown)
        sizes, counts = live[bisect_left(ends, until)]
        sizes[site] = sizes.get(site, 0) + size
        counts[site] = counts.get(site, 0) + blocks
    found = []
    for place, end in enumerate(ends):
        sizes, counts = live[place]
        found.append(
            Cohort(
                from_ns=ends[place - 1] if place else 0,
                until_ns=end,
                allocated_bytes=round(allocated[place][0]),
                allocations=round(allocated[place][1]),
                live_bytes=round(sum(sizes.values())),
                live_blocks=round(sum(counts.values())),
                sites=tuple(
                    Survivors(
                        stacks.frame(site),
                        stacks.origin(site),
                        round(sizes[site]),
                        round(counts[site]),
                    )
                    for site in nlargest(MOST_SITES, sizes, key=sizes.__getitem__)
                ),
            )
        )
    unplaced = round(capture.sums.total.live_blocks - placed)
    return CohortReport(True, tuple(found), round(older[0]), round(older[1]), max(unplaced, 0))


def _ends(ends: list[int], stretches: int) -> list[int]:
    """Of the windows' ends those that cut the time into about `stretches` equal parts."""
    if not ends:
        return []
    step = ends[-1] / stretches
    chosen = []
    due = step
    for end in ends:
        if end >= due or end == ends[-1]:
            chosen.append(end)
            due = (end // step + 1) * step if step else end
    return sorted(set(chosen))
