"""What keeps pymalloc's arenas: where live blocks lie, and whose they are.

pymalloc gets memory in arenas of 1 MiB and gives one back when none of its blocks is left, so a few
small survivors can hold many times their size. Bounds of arenas are exact, as is which recorded
block lies in which pool. What is said of "returned without" is what pymalloc's rule makes of that.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import mul

from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin
from memscope.analysis.sizeclasses import serves_small_requests
from memscope.analysis.stacks import Stacks
from memscope.capture.columns import (
    chosen,
    extend,
    flags,
    gathered,
    sums_by,
    sums_of_keys,
)
from memscope.capture.format import (
    IS_POOLED,
    LARGEST_SIZE_CLASS,
    POOL_BYTES,
    POOL_HEADER_BYTES,
    PYMALLOC_CLASSES,
    PYMALLOC_STEP_BYTES,
)
from memscope.capture.model import CodeFrame, Survey
from memscope.plain import dataclass

SPARSE = 0.5  # arenas with less than this share of their pools' bytes in use
UNRECORDED = -1  # stands for the site of what is not recorded


@dataclass(frozen=True, slots=True)
class Arena:
    """One arena; bytes of blocks are those of their size classes, as pymalloc hands them out.

    `unrecorded_blocks` is what pymalloc counts beyond the recorded blocks: from before the
    recording, or memscope's own. None where its count is not known. `pool_bytes` says for each
    pool, in order of address, how many bytes are in use.
    """

    address: int
    size_bytes: int
    older: bool  # than the recording
    pool_bytes: tuple[int, ...]
    recorded_blocks: int
    recorded_bytes: int
    unrecorded_blocks: int | None
    unrecorded_bytes: int
    sites: int

    @property
    def used_bytes(self) -> int:
        return self.recorded_bytes + self.unrecorded_bytes

    @property
    def pools_used(self) -> int:
        return sum(map(bool, self.pool_bytes))

    @property
    def occupancy(self) -> float:
        room = len(self.pool_bytes) * POOL_BYTES
        return self.used_bytes / room if room else 0.0


@dataclass(frozen=True, slots=True)
class PinningSite:
    """What one line's blocks hold; the line is the innermost of user code, or else the leaf.

    `pinned_bytes` are the free bytes of sparse arenas that it has blocks in, shared out evenly
    among the sites there. `arenas_alone` are those in which every block is this line's: without
    its blocks they would be returned. `returned_so_far` counts arenas that would be returned
    without this line's and all blocks of the lines before it in the list. `blocks_by_size` are
    (size class in bytes, blocks), by size.
    """

    site: CodeFrame
    origin: Origin
    blocks: int
    used_bytes: int
    pools: int
    pools_alone: int
    arenas: int
    arenas_alone: int
    pinned_bytes: int
    returned_so_far: int
    blocks_by_size: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class HeapMoment:
    """The arenas at one moment: at the end, or when live memory was far below its peak.

    `needed_arenas` is how many would do if the same blocks lay side by side, size class by size
    class. `counted` says whether pymalloc's own counts are in it: without them, what lies in the
    arenas unrecorded is unknown. `elsewhere_blocks` are recorded small blocks that lie in no known
    arena: in those from before the recording, which Python 3.11 does not tell of.
    """

    survey: Survey
    arenas: tuple[Arena, ...]
    sites: tuple[PinningSite, ...]  # most pinned bytes first
    needed_arenas: int
    elsewhere_blocks: int | None

    @property
    def counted(self) -> bool:
        return self.survey.counted

    @property
    def arenas_bytes(self) -> int:
        return sum(arena.size_bytes for arena in self.arenas)

    @property
    def used_bytes(self) -> int:
        return sum(arena.used_bytes for arena in self.arenas)

    @property
    def unrecorded_blocks(self) -> int:
        return sum(arena.unrecorded_blocks or 0 for arena in self.arenas)

    @property
    def sparse_arenas(self) -> int:
        return sum(arena.occupancy < SPARSE for arena in self.arenas)

    @property
    def empty_arenas(self) -> int:
        """pymalloc keeps an arena without blocks where no other has room."""
        return sum(not arena.pools_used for arena in self.arenas)

    @property
    def free_bytes(self) -> int:
        return self.arenas_bytes - self.used_bytes


@dataclass(frozen=True, slots=True)
class Fragmentation:
    """The heap at the moments at which the recorder looked.

    `pymalloc` is False where another allocator served small requests: there are no arenas then.
    `recorded` is False where the capture holds no survey: it is older, or was cut.
    """

    allocator: str
    pymalloc: bool
    recorded: bool
    sampled: bool
    moments: tuple[HeapMoment, ...]
    arenas_made: int | None
    arenas_returned: int | None
    arenas_most: int | None

    @property
    def worst(self) -> HeapMoment | None:
        """The moment with most arenas too many; of equals the end, of which more is known."""
        return max(
            self.moments,
            key=lambda moment: (
                len(moment.arenas) - moment.needed_arenas,
                moment.survey.moment == "end",
            ),
            default=None,
        )


def find_fragmentation(measures: Measures) -> Fragmentation:
    """What lies where, at the end and when live memory was far below its peak."""
    capture = measures.capture
    allocator = capture.meta.allocator
    end = capture.end
    sampled = capture.meta.sampled
    # A sample alone would show arenas far too empty.
    surveys = [survey for survey in capture.surveys if survey.counted or not sampled]
    sites = measures.sites
    return Fragmentation(
        allocator=allocator,
        pymalloc=serves_small_requests(allocator),
        recorded=bool(capture.surveys),
        sampled=sampled,
        moments=tuple(_moment(measures, survey, sites) for survey in surveys),
        arenas_made=end.arenas_made if end else None,
        arenas_returned=end.arenas_returned if end else None,
        arenas_most=end.arenas_most if end else None,
    )


@dataclass(slots=True)
class _Place:
    """What lies in one arena, or one pool of it, by site (`UNRECORDED` for the rest)."""

    blocks: Counter[int]
    used_bytes: Counter[int]


def _moment(measures: Measures, survey: Survey, sites: Sequence[int]) -> HeapMoment:
    sites = array("i", [UNRECORDED])
    extend(sites, measures.sites)
    site = gathered(sites, array("I", survey.row))
    arena, pool, size_class, blocks = (
        array("I", column)
        for column in (survey.arena, survey.pool, survey.size_class, survey.blocks)
    )
    sizes = array("I", map(mul, map(PYMALLOC_STEP_BYTES.__mul__, size_class), blocks))
    by_arena = [_Place(Counter(), Counter()) for _ in survey.arena_address]
    for (number, of), count, size in sums_of_keys((arena, site), blocks, sizes):
        by_arena[number].blocks[of] = count
        by_arena[number].used_bytes[of] = size
    in_pool: dict[tuple[int, int], int] = dict(sums_of_keys((arena, pool), sizes))
    per_class: Counter[int] = Counter()
    for (number,), count in sums_of_keys((size_class,), blocks):
        per_class[number] = count
    by_size: dict[int, Counter[int]] = {}
    for (of, number), count in sums_of_keys((site, size_class), blocks):
        by_size.setdefault(of, Counter())[number * PYMALLOC_STEP_BYTES] = count
    pools: dict[tuple[int, int], list[int]] = {}
    for (number, place, of), _ in sums_of_keys((arena, pool, site), blocks):
        pools.setdefault((number, place), []).append(of)
    arenas = tuple(
        _arena(survey, number, by_arena[number], in_pool) for number in range(len(by_arena))
    )
    return HeapMoment(
        survey=survey,
        arenas=arenas,
        sites=_pinning(measures.stacks, arenas, by_arena, pools, by_size),
        needed_arenas=_needed(per_class, arenas),
        elsewhere_blocks=_elsewhere(measures, survey),
    )


def _arena(
    survey: Survey, number: int, place: _Place, in_pool: Mapping[tuple[int, int], int]
) -> Arena:
    address, size = survey.arena_address[number], survey.arena_bytes[number]
    pools = (size - -address % POOL_BYTES) // POOL_BYTES
    unrecorded = place.blocks[UNRECORDED]
    unrecorded_bytes = place.used_bytes[UNRECORDED]
    return Arena(
        address=address,
        size_bytes=size,
        older=bool(survey.arena_older[number]),
        pool_bytes=tuple(in_pool.get((number, pool), 0) for pool in range(max(pools, 0))),
        recorded_blocks=place.blocks.total() - unrecorded,
        recorded_bytes=place.used_bytes.total() - unrecorded_bytes,
        unrecorded_blocks=unrecorded if survey.counted else None,
        unrecorded_bytes=unrecorded_bytes,
        sites=sum(site != UNRECORDED and blocks > 0 for site, blocks in place.blocks.items()),
    )


def _pinning(
    stacks: Stacks,
    arenas: Sequence[Arena],
    by_arena: Sequence[_Place],
    pools: Mapping[tuple[int, int], Sequence[int]],
    by_size: Mapping[int, Counter[int]],
) -> tuple[PinningSite, ...]:
    blocks: Counter[int] = Counter()
    used: Counter[int] = Counter()
    present: Counter[int] = Counter()
    alone: Counter[int] = Counter()
    pinned: dict[int, float] = {}
    for arena, place in zip(arenas, by_arena, strict=True):
        blocks.update(place.blocks)
        used.update(place.used_bytes)
        here = [site for site, count in place.blocks.items() if count]
        present.update(here)
        if len(here) == 1:
            alone.update(here)
        if arena.occupancy < SPARSE:
            free = (arena.size_bytes - arena.used_bytes) / max(len(here), 1)
            for site in here:
                pinned[site] = pinned.get(site, 0.0) + free
    in_pools: Counter[int] = Counter()
    pools_alone: Counter[int] = Counter()
    for held in pools.values():
        in_pools.update(held)
        if len(held) == 1:
            pools_alone.update(held)
    ranked = sorted(
        (site for site in present if site != UNRECORDED),
        key=lambda site: (-pinned.get(site, 0.0), -used[site], site),
    )
    returned = _returned(ranked, by_arena)
    return tuple(
        PinningSite(
            site=stacks.frame(site),
            origin=stacks.origin(site),
            blocks=blocks[site],
            used_bytes=used[site],
            pools=in_pools[site],
            pools_alone=pools_alone[site],
            arenas=present[site],
            arenas_alone=alone[site],
            pinned_bytes=round(pinned.get(site, 0.0)),
            returned_so_far=so_far,
            blocks_by_size=tuple(sorted(by_size[site].items())),
        )
        for site, so_far in zip(ranked, returned, strict=True)
    )


def _returned(ranked: Sequence[int], by_arena: Sequence[_Place]) -> list[int]:
    """For each place in the ranking how many arenas hold nothing but the sites up to there."""
    rank = {site: number for number, site in enumerate(ranked)}
    last: Counter[int] = Counter()
    for place in by_arena:
        here = [site for site, count in place.blocks.items() if count]
        if here and UNRECORDED not in here:
            last[max(rank[site] for site in here)] += 1
    return list(accumulate(last[number] for number in range(len(ranked))))


def _needed(per_class: Mapping[int, int], arenas: Sequence[Arena]) -> int:
    room = POOL_BYTES - POOL_HEADER_BYTES
    pools = sum(
        -(-blocks // (room // (size_class * PYMALLOC_STEP_BYTES)))
        for size_class, blocks in per_class.items()
    )
    usual = Counter(len(arena.pool_bytes) for arena in arenas).most_common(1)
    per_arena = usual[0][0] if usual else 0
    return -(-pools // per_arena) if per_arena else 0


def _elsewhere(measures: Measures, survey: Survey) -> int | None:
    """Small blocks of pymalloc's domains that are live at the end, but in no known arena."""
    if survey.moment != "end" or measures.capture.meta.sampled:
        return None
    rows = measures.capture.tables.rows
    pooled = gathered(flags(IS_POOLED), rows.domain)
    served = chosen(pooled, rows.size_class, bytes(len(pooled)))
    by_class = sums_by(served, measures.live_blocks, LARGEST_SIZE_CLASS + 1)
    live = sum(by_class[1 : PYMALLOC_CLASSES + 1])
    held = sum(blocks for row, blocks in zip(survey.row, survey.blocks, strict=True) if row)
    return max(round(live) - held, 0)
