"""Memory over time, from the recorder's samples or from window ends."""

from __future__ import annotations

from pathlib import Path

from capture import captures, writer
from capture.captures import MAIN
from capture.writer import CaptureWriter

import memscope
from memscope.analysis.timeline import memory_over_time, resample
from memscope.capture.format import DOMAINS

SECOND = 1_000_000_000


def test_points(tmp_path: Path) -> None:
    over_time = memory_over_time(captures.load(captures.shop(), tmp_path))
    assert over_time.source == "timeline"
    assert len(over_time.samples) == 21
    assert over_time.samples[10].live_bytes == 24 + 15000 + 30000
    assert over_time.samples[7].collecting
    assert over_time.duration_ns == 2 * SECOND
    assert over_time.samples[-1].program_bytes == (18 << 20) + 200_000


def test_resampling_keeps_the_highest_of_each_stretch(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN])
    made.sample(0, (0, 0, 10), highest=10)
    made.sample(SECOND // 10, (0, 0, 20), highest=500)
    made.sample(SECOND // 5, (0, 0, 30), highest=30)
    made.sample(2 * SECOND, (0, 0, 5), highest=30)
    bins = resample(memory_over_time(captures.load(made, tmp_path)), 4)
    assert [item.max_live_bytes for item in bins] == [500, 30, 30, 30]
    assert [item.domain_bytes[DOMAINS.index("obj")] for item in bins] == [30, 30, 30, 5]


def test_without_points_the_ends_of_windows_stand_in(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=100, count=9, live=2, peak=5)
    path = tmp_path / "cut.mscope"
    path.write_bytes(made.build(without=[writer.TIMELINE, writer.END]))
    over_time = memory_over_time(memscope.load(path))
    assert over_time.source == "windows"
    assert [sample.live_bytes for sample in over_time.samples] == [500, 200]
    assert over_time.peak_bytes == 500
    assert over_time.peak_time_ns == SECOND
    assert all(sample.program_bytes == 0 for sample in over_time.samples)


def test_nothing_at_all(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.window_count = 0
    path = tmp_path / "cut.mscope"
    path.write_bytes(made.build(without=[writer.END]))
    over_time = memory_over_time(memscope.load(path))
    assert over_time.samples == ()
    assert len(resample(over_time, 10)) == 10
