"""Fragmentation: which lines' blocks keep which arenas, by the rule that pymalloc follows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from capture import captures
from capture.captures import DECODE, FILL, HEAP_AND_COLLECTOR, LOAD, MAIN
from capture.writer import CaptureWriter

from memscope.analysis.fragmentation import Fragmentation, HeapMoment, find_fragmentation
from memscope.analysis.measures import Measures

MIB = 1 << 20
FIRST = 0x7F0000003000
CLASS = 4  # 64 bytes: 255 to a pool


def arenas(count: int) -> list[tuple[int, int, int]]:
    return [(FIRST + number * MIB, MIB, 0) for number in range(count)]


def heap() -> CaptureWriter:
    """Rows 1 to 3, each of a line of its own; the third through a library."""
    made = CaptureWriter()
    made.end.update(HEAP_AND_COLLECTOR)
    made.site([MAIN, LOAD], size=64, count=1000)
    made.site([MAIN, FILL], size=64, count=1000)
    made.site([MAIN, DECODE], size=64, count=1000)
    return made


def found_in(made: CaptureWriter, tmp_path: Path) -> Fragmentation:
    return find_fragmentation(Measures(captures.load(made, tmp_path)))


def moment_of(made: CaptureWriter, tmp_path: Path) -> HeapMoment:
    (moment,) = found_in(made, tmp_path).moments
    return moment


def test_an_arena_with_one_line_in_it_is_its_alone(tmp_path: Path) -> None:
    made = heap()
    holdings = [(0, 0, 1, CLASS, 1), (1, 0, 1, CLASS, 2), (1, 4, 2, CLASS, 3), (2, 9, 2, CLASS, 5)]
    made.survey(arenas(4), holdings)
    moment = moment_of(made, tmp_path)
    lines = {item.site.line: item for item in moment.sites}
    load, fill = lines[LOAD[2]], lines[FILL[2]]
    assert (load.blocks, load.arenas, load.arenas_alone, load.pools) == (3, 2, 1, 2)
    assert (fill.blocks, fill.arenas, fill.arenas_alone, fill.pools_alone) == (8, 2, 1, 2)
    assert moment.sites[-1].returned_so_far == 3
    assert moment.empty_arenas == 1
    assert moment.needed_arenas == 1
    assert moment.sparse_arenas == 4


def test_what_is_not_recorded_keeps_an_arena(tmp_path: Path) -> None:
    made = heap()
    made.survey(arenas(2), [(0, 0, 0, 2, 1), (0, 0, 1, 2, 3), (1, 5, 1, 2, 3)])
    moment = moment_of(made, tmp_path)
    (site,) = moment.sites
    assert (site.arenas, site.arenas_alone, site.returned_so_far) == (2, 1, 1)
    assert (site.pools, site.pools_alone) == (2, 1)
    assert moment.arenas[0].unrecorded_blocks == 1
    assert moment.arenas[1].unrecorded_blocks == 0
    assert moment.unrecorded_blocks == 1


def test_without_the_allocators_count_the_unrecorded_is_unknown(tmp_path: Path) -> None:
    made = heap()
    made.survey(arenas(1), [(0, 0, 1, CLASS, 1)], flags=0)
    moment = moment_of(made, tmp_path)
    assert not moment.counted
    assert moment.arenas[0].unrecorded_blocks is None


def test_pinned_bytes_are_the_free_ones_of_sparse_arenas_shared_evenly(tmp_path: Path) -> None:
    made = heap()
    full = [(1, pool, 2, 32, 31) for pool in range(63)]
    made.survey(arenas(2), [(0, 0, 1, CLASS, 1), (0, 1, 3, CLASS, 1), *full])
    moment = moment_of(made, tmp_path)
    pinned = {item.site.line: item.pinned_bytes for item in moment.sites}
    assert pinned == {LOAD[2]: (MIB - 128) // 2, MAIN[2]: (MIB - 128) // 2, FILL[2]: 0}
    assert moment.arenas[1].occupancy > 0.95
    assert moment.arenas[1].pools_used == 63


def test_pools_are_laid_out_from_the_first_multiple_of_their_size(tmp_path: Path) -> None:
    made = heap()
    made.survey([(1 << 40, MIB, 1), (FIRST, MIB, 0)], [(0, 63, 1, CLASS, 1), (1, 62, 1, CLASS, 1)])
    aligned, unaligned = moment_of(made, tmp_path).arenas
    assert (len(unaligned.pool_bytes), len(aligned.pool_bytes)) == (63, 64)
    assert (unaligned.pool_bytes[62], aligned.pool_bytes[63]) == (64, 64)
    assert (unaligned.older, aligned.older) == (False, True)


def test_returned_so_far_is_what_taking_the_lines_away_leaves(tmp_path: Path) -> None:
    made = heap()
    rng = random.Random(3)
    holdings = sorted(
        {
            (a, rng.randrange(63), row, CLASS, 1)
            for a in range(60)
            for row in rng.choices((0, 1, 2, 3), k=2)
        }
    )
    made.survey(arenas(60), holdings)
    moment = moment_of(made, tmp_path)
    row_of = {LOAD[2]: 1, FILL[2]: 2, MAIN[2]: 3}
    gone: set[int] = set()
    held = {a for a, *_ in holdings}
    for item in moment.sites:
        gone.add(row_of[item.site.line])
        left = {a for a, _, row, *_ in holdings if row not in gone}
        assert item.returned_so_far == len(held - left)


def test_blocks_outside_of_known_arenas_are_counted(tmp_path: Path) -> None:
    made = heap()
    made.survey(arenas(1), [(0, 0, 1, CLASS, 100)])
    assert moment_of(made, tmp_path).elsewhere_blocks == 2900


@pytest.mark.parametrize("allocator", ["malloc", "mimalloc", "unknown"])
def test_other_allocators_have_no_arenas(tmp_path: Path, allocator: str) -> None:
    made = CaptureWriter(allocator=allocator)
    made.site([MAIN], size=64)
    found = found_in(made, tmp_path)
    assert not found.pymalloc
    assert found.moments == ()
    assert found.worst is None


def test_the_worst_moment_is_that_with_most_free_bytes(tmp_path: Path) -> None:
    made = heap()
    made.survey(arenas(9), [(8, 0, 1, CLASS, 1)], moment=1, flags=0)
    made.survey(arenas(2), [(0, 0, 1, CLASS, 1)])
    found = found_in(made, tmp_path)
    assert found.worst is not None
    assert found.worst.survey.moment == "low"
    assert (found.arenas_made, found.arenas_returned, found.arenas_most) == (3, 1, 3)


def test_a_sample_is_no_map_without_the_allocators_counts(tmp_path: Path) -> None:
    made = CaptureWriter(mode="sampled", sample_bytes=4096)
    made.site([MAIN], size=64)
    made.survey(arenas(9), [(8, 0, 1, CLASS, 1)], flags=0)
    found = found_in(made, tmp_path)
    assert found.recorded
    assert found.moments == ()
    made.survey(arenas(9), [(8, 0, 0, CLASS, 99), (8, 0, 1, CLASS, 1)])
    (moment,) = found_in(made, tmp_path).moments
    assert moment.sites[0].arenas_alone == 0
