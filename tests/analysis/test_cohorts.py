"""Cohorts: what was allocated when, and how much of it is live at the end."""

from __future__ import annotations

from pathlib import Path

from capture import captures
from capture.captures import DECODE, FILL, LOAD, MAIN
from capture.writer import CaptureWriter

from memscope.analysis.cohorts import CohortReport, find_cohorts
from memscope.analysis.measures import Measures

SECOND = 10**9


def cohorts_of(made: CaptureWriter, tmp_path: Path, stretches: int = 12) -> CohortReport:
    return find_cohorts(Measures(captures.load(made, tmp_path)), stretches=stretches)


def made_in(windows: int) -> CaptureWriter:
    """Two seconds in windows of equal length."""
    made = CaptureWriter()
    made.window_count = windows
    made.site([MAIN, LOAD], size=64, count=100, live=40)
    made.site([MAIN, LOAD, DECODE], size=64, count=100, live=40)
    made.site([MAIN, FILL], size=600, count=100, live=10)
    return made


def test_windows_are_put_together_to_stretches(tmp_path: Path) -> None:
    made = made_in(40)
    step = 2 * SECOND // 40
    made.born = [(1, k * step, (k + 1) * step, 1, 64) for k in range(40)]
    report = cohorts_of(made, tmp_path, stretches=4)
    assert [cohort.until_ns for cohort in report.cohorts] == [
        SECOND // 2, SECOND, 3 * SECOND // 2, 2 * SECOND,
    ]  # fmt: skip
    assert [cohort.live_blocks for cohort in report.cohorts] == [10, 10, 10, 10]
    assert [cohort.from_ns for cohort in report.cohorts][1:] == [
        cohort.until_ns for cohort in report.cohorts
    ][:-1]


def test_all_that_was_allocated_is_in_one_of_them(tmp_path: Path) -> None:
    made = made_in(7)
    made.born = [(3, 0, 2 * SECOND // 7, 10, 6000)]
    report = cohorts_of(made, tmp_path)
    assert sum(cohort.allocated_bytes for cohort in report.cohorts) == 64 * 200 + 600 * 100
    assert report.cohorts[0].live_share == 6000 / (64 * 200 + 600 * 100)
    assert report.cohorts[1].live_share is None, "everything was allocated in the first window"


def test_sites_are_own_lines_heaviest_first(tmp_path: Path) -> None:
    made = made_in(2)
    made.born = [(1, 0, SECOND, 40, 2560), (2, 0, SECOND, 40, 2560), (3, 0, SECOND, 10, 6000)]
    (first, _) = cohorts_of(made, tmp_path).cohorts
    told = [(item.site.line, item.live_blocks, item.live_bytes) for item in first.sites]
    assert told == [(FILL[2], 10, 6000), (LOAD[2], 80, 5120)] or told == [
        (FILL[2], 10, 6000), (LOAD[2], 40, 2560), (MAIN[2], 40, 2560),
    ]  # fmt: skip


def test_what_is_older_or_not_placed_is_said(tmp_path: Path) -> None:
    made = made_in(2)
    made.born = [(1, 0, 0, 5, 320), (1, SECOND, 2 * SECOND, 35, 2240)]
    report = cohorts_of(made, tmp_path)
    assert (report.older_blocks, report.older_bytes) == (5, 320)
    assert report.unplaced_blocks == 90 - 40


def test_older_captures_do_not_know(tmp_path: Path) -> None:
    report = cohorts_of(made_in(2), tmp_path)
    assert not report.known
    assert report.cohorts == ()
