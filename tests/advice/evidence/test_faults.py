"""What page faults are told from, on captures made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from advice.handmade import APP, context_of
from capture.writer import CaptureWriter


def test_faults_are_what_the_kernel_counted_beyond_the_resident_pages(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=409_600, count=100, live=0, peak=1)
    assert writer.exit is not None
    writer.exit |= {"minor_faults": 6_000, "system_s": 0.003, "peak_resident_bytes": 4096 * 1000}
    saving = context_of(writer, tmp_path).faults.seconds(409_600, 100)
    # 5,000 of the blocks' 10,000 pages came again, at 0.5 µs each as the system's time says.
    assert saving.value == pytest.approx(5_000 * 0.5e-6)
    assert (saving.low, saving.high) == pytest.approx((saving.value * 0.6, saving.value * 1.5))


def test_blocks_that_are_never_kept_take_their_faults_first(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=409_600, count=100, live=0, peak=1)
    writer.site([("main", APP, 9)], size=40_960_000, count=1, live=0, peak=1)
    assert writer.exit is not None
    writer.exit |= {"minor_faults": 13_000, "system_s": 0.0065, "peak_resident_bytes": 4096 * 1000}
    context = context_of(writer, tmp_path)
    # Of the 12,000 pages that came again, 10,000 are those of the large block.
    assert context.faults.seconds(40_960_000, 1).value == pytest.approx(10_000 * 0.5e-6)
    assert context.faults.seconds(409_600, 100).value == pytest.approx(2_000 * 0.5e-6)


def test_faults_are_unknown_without_the_kernels_count(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=409_600, count=100, live=0, peak=1)
    saving = context_of(writer, tmp_path).faults.seconds(409_600, 100)
    assert (saving.low, saving.value) == (0, 0)
    assert saving.high > 0
