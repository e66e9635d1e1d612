"""The summary's numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures, writer

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


def test_objects_from_free_lists_are_among_what_may_be_short_lived(tmp_path: Path) -> None:
    made = writer.CaptureWriter(format=2, objects=True)
    line = [("<module>", "/home/me/app.py", 5)]
    made.site(
        line, size=64, count=10, live=0, type=("builtins", "tuple", "object"), reused=30,
        lifetimes={(0, 1): 40},
    )  # fmt: skip
    summary = summarize(captures.load(made, tmp_path))
    assert summary.short_lived == 40
    assert summary.short_lived_share == 1
