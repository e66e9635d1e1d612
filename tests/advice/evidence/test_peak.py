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


@pytest.mark.parametrize(
    ("release", "ends"),
    [
        (4, (1_050_000_000, 1_400_000_000)),  # the peak's own window is among those it spans
        (6, (1_050_000_000, 1_550_000_000, 1_800_000_000)),  # it is over before
    ],
)
def test_a_sample_that_began_in_an_earlier_window_may_tell_of_that(
    tmp_path: Path, release: int, ends: tuple[int, ...]
) -> None:
    writer = CaptureWriter()
    writer.site([("main", APP, 3)], size=10_000_000, count=1, live=0, peak=1)
    writer.site([("main", APP, 9)], size=6_000_000, count=1, live=1, peak=1)
    # Windows of a quarter of a second. The peak is at 1 s, and the line's block goes in this one.
    writer.window_count, writer.release_window = 8, release
    writer.sample(ends[0], (0, 0, 16_000_000))
    for end in ends[1:]:
        writer.sample(end, (0, 0, 15_900_000))
    writer.sample(1_900_000_000, (0, 0, 6_000_000))
    context = context_of(writer, tmp_path)
    line = next(line for line in context.lines if line.frame.line == 3)
    saving = context.peak.saving([line], 10_000_000)
    assert saving.low == 7_000_000
