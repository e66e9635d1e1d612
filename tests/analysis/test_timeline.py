"""Memory over time, from the recorder's points or from window ends."""

from __future__ import annotations

from pathlib import Path

from capture import captures, writer
from capture.captures import MAIN
from capture.writer import CaptureWriter

import memscope
from memscope.analysis.timeline import highest_resident, memory_over_time, resample

SECOND = 1_000_000_000


def test_points(tmp_path: Path) -> None:
    over_time = memory_over_time(captures.load(captures.shop(), tmp_path))
    assert over_time.source == "timeline"
    assert len(over_time.points) == 21
    assert over_time.points[10].live_bytes == 24 + 15000 + 30000
    assert over_time.points[7].collecting
    assert over_time.duration_ns == 2 * SECOND
    highest = highest_resident(over_time.points)
    assert highest is not None
    assert highest.time_ns == 2 * SECOND


def test_resampling_keeps_the_highest_of_each_stretch(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN])
    made.point(0, (0, 0, 10), highest=10)
    made.point(SECOND // 10, (0, 0, 20), highest=500)
    made.point(SECOND // 5, (0, 0, 30), highest=30)
    made.point(2 * SECOND, (0, 0, 5), highest=30)
    bins = resample(memory_over_time(captures.load(made, tmp_path)), 4)
    assert [item.max_live_bytes for item in bins] == [500, 30, 30, 30]
    assert [item.obj_bytes for item in bins] == [30, 30, 30, 5]


def test_without_points_the_ends_of_windows_stand_in(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=100, count=9, live=2, peak=5)
    path = tmp_path / "cut.mscope"
    path.write_bytes(made.build(without=[writer.TIMELINE, writer.END]))
    over_time = memory_over_time(memscope.load(path))
    assert over_time.source == "windows"
    assert [point.live_bytes for point in over_time.points] == [500, 200]
    assert over_time.peak_bytes == 500
    assert over_time.peak_time_ns == SECOND
    assert highest_resident(over_time.points) is None


def test_nothing_at_all(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.window_count = 0
    path = tmp_path / "cut.mscope"
    path.write_bytes(made.build(without=[writer.END]))
    over_time = memory_over_time(memscope.load(path))
    assert over_time.points == ()
    assert len(resample(over_time, 10)) == 10
