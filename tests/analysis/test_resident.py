"""The one figure of resident memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures
from capture.captures import MAIN
from capture.writer import CaptureWriter

from memscope.advice.advise import advise
from memscope.advice.evidence.calibration import DEFAULT_COSTS
from memscope.analysis.compare import read_run
from memscope.analysis.measures import Measures
from memscope.analysis.resident import Resident, resident_of
from memscope.analysis.summary import summarize
from memscope.analysis.timeline import memory_over_time
from memscope.capture import Capture
from memscope.reports.documents import timeline_document
from memscope.reports.html.single import facts
from memscope.reports.summarydocuments import summary_document


def made_with(peak: int, *, end_peak: int = 0) -> CaptureWriter:
    """What the kernel says at the end and two points, of which the first has most resident."""
    made = CaptureWriter()
    made.site([MAIN])
    made.exit = None if peak < 0 else {"status": 0, "peak_resident_bytes": peak}
    made.end["peak_resident_bytes"] = end_peak
    made.sample(10, (0, 0, 100), highest=900, resident=2000, own=500)
    made.sample(20, (0, 0, 5000), highest=1200, resident=1000, own=300)
    return made


def figure(capture: Capture) -> Resident:
    return resident_of(capture, memory_over_time(capture))


def test_memscopes_own_part_is_left_out_of_the_kernels_peak(tmp_path: Path) -> None:
    found = figure(captures.load(made_with(2600), tmp_path))
    assert (found.peak_bytes, found.own_bytes, found.source) == (2100, 500, "kernel")
    assert found.kernel_bytes == 2600
    assert found.tracked_bytes == 1200, "it grew on after the point that found most"
    assert found.tracked_share == pytest.approx(1200 / 2100)


def test_points_stand_in_where_the_kernel_knows_less_or_nothing(tmp_path: Path) -> None:
    for peak in (1500, 0, -1):
        found = figure(captures.load(made_with(peak), tmp_path))
        assert (found.peak_bytes, found.own_bytes, found.source) == (1500, 500, "looks")
        assert found.tracked_share == pytest.approx(900 / 1500)


def test_a_process_that_records_itself_has_the_peak_in_its_end(tmp_path: Path) -> None:
    found = figure(captures.load(made_with(-1, end_peak=2400), tmp_path))
    assert (found.peak_bytes, found.source) == (1900, "kernel")


@pytest.mark.parametrize(
    ("grown", "expected", "source"),
    [(0, 1500, "looks"), (9 << 20, 2100 + (9 << 20), "kernel")],
)
def test_what_the_kernel_counts_in_a_snapshot_is_left_out(
    tmp_path: Path, grown: int, expected: int, source: str
) -> None:
    made = made_with(2600 + grown)
    made.end["peaks_and_snapshots"] = {"outside_bytes": 1700, "within_bytes": 2600}
    found = figure(captures.load(made, tmp_path))
    assert (found.peak_bytes, found.source) == (expected, source)


def test_what_the_kernel_counted_before_a_snapshot_counts(tmp_path: Path) -> None:
    made = made_with(9000)
    made.end["peaks_and_snapshots"] = {"outside_bytes": 2300, "within_bytes": 9000}
    made.sample(30, (0, 0, 100), highest=900, resident=9000, own=7500)
    found = figure(captures.load(made, tmp_path))
    assert (found.peak_bytes, found.own_bytes, found.source) == (1800, 500, "kernel")


def test_a_program_that_was_over_before_the_first_point(tmp_path: Path) -> None:
    made = made_with(8 << 20)
    made.samples = [(5, 0, 0, 100, 900, 0, 1 << 20, 0)]
    made.end.update(segment_bytes=1 << 20, program_bytes=1 << 19)
    found = figure(captures.load(made, tmp_path))
    assert found.peak_bytes == (8 << 20) - (3 << 19)
    assert found.tracked_bytes == 64, "the peak of what was tracked"


def test_nothing_measured_is_none_not_zero(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN])
    made.exit = None
    assert figure(captures.load(made, tmp_path)) == Resident(0, 0, "unknown", 0, None)


@pytest.mark.parametrize("peak", [2600, 1500, -1])
def test_every_report_has_the_same_figure(tmp_path: Path, peak: int) -> None:
    capture = captures.load(made_with(peak, end_peak=2450 if peak < 0 else 0), tmp_path)
    expected = figure(capture).peak_bytes
    summary = summarize(capture)
    assert summary_document(summary)["rss"]["peak_bytes"] == expected
    assert timeline_document(memory_over_time(capture), capture)["rss"]["peak_bytes"] == expected
    assert facts(summary)["resident_bytes"] == expected
    assert read_run(capture).figures["resident_bytes"] == expected
    assert advise(Measures(capture), DEFAULT_COSTS).whole.resident_bytes == expected
