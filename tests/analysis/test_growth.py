"""Growth: what is copied, by reallocations that move and by larger blocks that take a place."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures
from capture.captures import DECODE, FILL, LOAD, MAIN
from capture.writer import CaptureWriter

from memscope.analysis.growth import GrowthReport, find_growth
from memscope.analysis.measures import Measures


def growth_of(made: CaptureWriter, tmp_path: Path, limit: int = 20) -> GrowthReport:
    return find_growth(Measures(captures.load(made, tmp_path)), limit=limit)


def test_reallocations_and_chains_of_a_line_are_put_together(tmp_path: Path) -> None:
    made = CaptureWriter()
    moves = {"reallocations": 9, "moved": 4, "copied_bytes": 5000, "longest_chain": 7}
    made.site([MAIN, LOAD], size=600, count=9, **moves)
    made.site([MAIN, LOAD], size=6000, count=2, reallocations=2, moved=1, copied_bytes=3000)
    made.grows([MAIN, LOAD], links=50, steep=2, copied=90_000, chains=2, longest=30, largest=4000)
    made.site([MAIN], size=60, count=1)
    report = growth_of(made, tmp_path)
    (row,) = report.rows
    assert (row.site.line, row.reallocations, row.moved) == (LOAD[2], 11, 5)
    assert (row.moved_bytes, row.longest_reallocation_chain) == (8000, 7)
    assert (row.chains, row.links, row.longest_chain) == (2, 50, 30)
    assert (row.copied_bytes, row.largest_bytes) == (90_000, 4000)
    assert row.all_copied_bytes == 98_000
    assert (report.moved_bytes, report.copied_bytes) == (8000, 90_000)


def test_copying_in_a_library_counts_for_the_own_line(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.grows([MAIN, LOAD, DECODE], links=9, copied=100)
    made.grows([MAIN, LOAD], links=10, copied=50)
    (row,) = growth_of(made, tmp_path).rows
    assert (row.site.line, row.links, row.copied_bytes) == (LOAD[2], 19, 150)
    assert row.longest_chain == 10


@pytest.mark.parametrize(("steep", "steps"), [(0, "constant"), (9, "constant"), (10, "ratio")])
def test_steps(tmp_path: Path, steep: int, steps: str) -> None:
    made = CaptureWriter()
    made.grows([MAIN], links=20, steep=steep, copied=100)
    assert growth_of(made, tmp_path).rows[0].steps == steps


def test_most_copied_first_and_limited(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.grows([MAIN], links=9, copied=1000)
    made.grows([LOAD], links=9, copied=3000)
    made.grows([FILL], links=9, copied=2000)
    assert [row.copied_bytes for row in growth_of(made, tmp_path).rows] == [3000, 2000, 1000]
    two = growth_of(made, tmp_path, limit=2)
    assert [row.copied_bytes for row in two.rows] == [3000, 2000]
    assert (two.sites_count, two.links) == (3, 27)


def test_an_older_capture_says_that_chains_are_not_known(tmp_path: Path) -> None:
    made = CaptureWriter()
    assert not growth_of(made, tmp_path).chains_known
    made.end.update(captures.HEAP_AND_COLLECTOR)
    assert growth_of(made, tmp_path).chains_known
