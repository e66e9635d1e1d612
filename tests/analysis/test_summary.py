"""The summary's numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures, writer
from capture.captures import MAIN
from capture.writer import CaptureWriter

import memscope
from memscope.analysis.summary import summarize


def test_sums_come_from_the_recorder(tmp_path: Path) -> None:
    summary = summarize(captures.load(captures.shop(), tmp_path))
    assert summary.complete
    assert summary.total.allocations == 1385
    assert summary.short_lived == 510
    assert summary.domains["mem"].allocations == 300
    assert summary.collector.collections == 13
    assert summary.collector.share == pytest.approx(0.005)
    assert summary.collector.pause_s == pytest.approx(0.01)


def test_tracked_share_is_of_what_is_the_programs_at_the_highest_resident_point(
    tmp_path: Path,
) -> None:
    made = CaptureWriter()
    made.site([MAIN])
    made.point(10, (0, 0, 100), highest=900, resident=2000, own=500)
    made.point(20, (0, 0, 5000), highest=9000, resident=1000, own=500)
    resident = summarize(captures.load(made, tmp_path)).resident
    assert resident.tracked_share == pytest.approx(900 / 1500)
    assert resident.own_bytes == 500
    assert resident.peak_bytes == 64 << 20, "the kernel has seen more than the points"


def test_nothing_measured_is_none_not_zero(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN])
    assert summarize(captures.load(made, tmp_path)).resident.tracked_share is None


def test_a_cut_capture_is_summed_and_said_to_be_partial(tmp_path: Path) -> None:
    path = tmp_path / "cut.mscope"
    late = [writer.TIMELINE, writer.TOTALS, writer.LIFETIMES, writer.EXIT, writer.END]
    path.write_bytes(captures.shop().build(without=late))
    summary = summarize(memscope.load(path))
    assert not summary.complete
    assert summary.notes
    assert summary.total.allocations == 1385
    assert summary.total.peak_bytes > 0
    assert summary.made_peak.rows[0].peak_bytes > 0
    assert summary.collector.collections is None
