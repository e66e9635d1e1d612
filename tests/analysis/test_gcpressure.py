"""The collector: what is exact, what is estimated, and which lines may feed it."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures
from capture.captures import FILL, HEAP_AND_COLLECTOR, LOAD, MAIN
from capture.writer import CaptureWriter

from memscope.analysis.gcpressure import GcPressure, collector_of, find_gc_pressure
from memscope.analysis.measures import Measures


def told(**meta: object) -> CaptureWriter:
    made = CaptureWriter(**meta)
    made.end.update(HEAP_AND_COLLECTOR)
    return made


def pressure_of(made: CaptureWriter, tmp_path: Path) -> GcPressure:
    return find_gc_pressure(Measures(captures.load(made, tmp_path)))


@pytest.mark.parametrize(
    ("python", "kind"),
    [
        ("3.11.7", "generational"), ("3.13.0", "generational"), ("3.14.0", "incremental"),
        ("3.14.4", "incremental"), ("3.14.5", "generational"), ("3.14.0rc2", "incremental"),
        ("3.15.0", "generational"), ("3.16.0", "unknown"), ("3.10.1", "unknown"), ("", "unknown"),
        ("4.0", "unknown"),
    ],
)  # fmt: skip
def test_the_collector_goes_by_the_exact_version(python: str, kind: str) -> None:
    assert collector_of(python).kind == kind


def test_it_runs_within_the_allocation_only_on_311() -> None:
    assert "within" in collector_of("3.11.9").when
    assert "safe point" in collector_of("3.12.0").when


def test_counts_are_the_interpreters(tmp_path: Path) -> None:
    found = pressure_of(told(), tmp_path)
    assert [part.collections for part in found.generations] == [10, 2, 1]
    assert [part.collected for part in found.generations] == [100, 20, 3]
    assert [part.threshold for part in found.generations] == [700, 10, 10]
    assert (found.collections, found.collected, found.enabled) == (13, 123, True)
    assert not found.pause_exact


def test_the_pause_is_estimated_by_the_time_that_looks_stand_for(tmp_path: Path) -> None:
    made = told()
    made.end.update(polls=1000, collecting_polls=100, polled_ns=2_000_000_000)
    made.end.update(collecting_ns=400_000_000, longest_collecting_ns=30_000_000)
    found = pressure_of(made, tmp_path)
    assert found.share == 0.2
    assert found.pause_s == pytest.approx(0.4)
    assert found.longest_s == 0.03
    assert found.share_low is not None
    assert found.share_high is not None
    assert 0.17 < found.share_low < 0.2 < found.share_high < 0.23


def test_an_older_capture_has_the_share_of_the_looks(tmp_path: Path) -> None:
    found = pressure_of(CaptureWriter(), tmp_path)
    assert found.share == 0.005
    assert found.longest_s is None
    assert found.collected is None
    assert found.enabled is None


def test_where_the_interpreter_times_itself_the_pause_is_exact(tmp_path: Path) -> None:
    made = told(python="3.15.0")
    made.end["collections_ns"] = [100_000_000, 200_000_000, 300_000_000]
    found = pressure_of(made, tmp_path)
    assert found.pause_exact
    assert found.pause_s == pytest.approx(0.6)
    assert found.share == pytest.approx(0.3)
    assert found.generations[2].pause_s == pytest.approx(0.3)


def test_without_looks_or_an_end_nothing_is_claimed(tmp_path: Path) -> None:
    made = told()
    made.end.update(polls=0, collecting_polls=0, collections=None)
    found = pressure_of(made, tmp_path)
    assert (found.share, found.pause_s, found.collections) == (None, None, None)
    assert found.generations == ()


def test_only_blocks_that_can_be_containers_are_creators(tmp_path: Path) -> None:
    made = told()
    made.site([MAIN, LOAD], size=56, count=500, peak=500, live=500)
    made.site([MAIN, FILL], size=57, count=900)  # no whole number of pointers
    made.site([MAIN, FILL], size=24, count=900)  # less than a collector's head and an object's
    made.site([MAIN, FILL], size=64, count=900, domain="mem")
    made.site([MAIN], size=64, count=40, live=0, peak=0)  # gone within the window
    (creator,) = pressure_of(made, tmp_path).creators
    assert (creator.site.line, creator.allocations) == (LOAD[2], 500)
    assert (creator.net_blocks, creator.live_blocks_at_peak) == (500, 500)
