"""The peak without some of its lines, on captures made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from advice.handmade import APP, context_of
from capture.writer import CaptureWriter


def test_the_peak_without_a_line_is_another_moment(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=10_000_000, count=1, live=0, peak=1)
    writer.site([("main", APP, 9)], size=6_000_000, count=1, live=1, peak=1)
    writer.window_count = 4
    writer.sample(400_000_000, (0, 0, 16_000_000))
    writer.sample(1_900_000_000, (0, 0, 9_000_000))
    context = context_of(writer, tmp_path)
    line = next(line for line in context.lines if line.frame.line == 3)
    saving = context.peak.saving([line], 10_000_000)
    # In the last window the line's block goes: the 9 MB there were with it or without it.
    assert saving.low == 7_000_000
    assert saving.value == 10_000_000
    assert saving.high == pytest.approx(10_200_000)


def test_a_sample_that_began_in_an_earlier_window_may_tell_of_that(tmp_path: Path) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=10_000_000, count=1, live=0, peak=1)
    writer.site([("main", APP, 9)], size=6_000_000, count=1, live=1, peak=1)
    writer.window_count = 8
    # The line's block goes between the peak, at 1 s, and 1.25 s.
    writer.release_window = 4
    writer.sample(1_050_000_000, (0, 0, 16_000_000))
    writer.sample(1_400_000_000, (0, 0, 15_900_000))
    writer.sample(1_900_000_000, (0, 0, 6_000_000))
    context = context_of(writer, tmp_path)
    line = next(line for line in context.lines if line.frame.line == 3)
    saving = context.peak.saving([line], 10_000_000)
    assert saving.low == 7_000_000
