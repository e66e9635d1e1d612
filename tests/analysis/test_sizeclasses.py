"""Sizes: pymalloc's classes with what rounding costs, the rest apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures
from capture.captures import LOAD, MAIN
from capture.writer import CaptureWriter

from memscope.analysis.measures import Measures
from memscope.analysis.sizeclasses import Sizes, find_sizes, size_histogram


def sizes_of(made: CaptureWriter, tmp_path: Path, *, by_site: bool = False) -> Sizes:
    return find_sizes(Measures(captures.load(made, tmp_path)), by_site=by_site)


def test_each_request_is_in_one_place(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=33, count=10, live=4, peak=6)
    made.site([LOAD], size=48, count=2, domain="mem")
    made.site([MAIN], size=48, count=7, domain="raw")
    made.site([MAIN], size=0, count=1)
    made.site([MAIN], size=600, count=3)
    made.site([LOAD], size=600, count=5, domain="raw")
    sizes = sizes_of(made, tmp_path)
    (small,) = sizes.classes
    assert small.class_bytes == 48
    assert (small.allocations, small.requested_bytes) == (12, 426)
    assert small.rounding_bytes == 10 * (48 - 33)
    assert (small.live_blocks, small.peak_blocks) == (6, 8)
    assert small.peak_rounding_bytes == 6 * (48 - 33)
    assert {item.requests: item.allocations for item in sizes.small_raw} == {(0, 0): 1, (33, 48): 7}
    (large,) = sizes.large
    assert large.requests == (513, 639)
    assert large.allocations == 8
    assert sizes.allocations == 28
    assert sizes.rounding_bytes == 150


def test_by_site_the_greatest_loss_first(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=48, count=1000)
    made.site([LOAD], size=33, count=10)
    made.site([LOAD], size=5000, count=1)
    first, second = sizes_of(made, tmp_path, by_site=True).sites
    assert first.site == LOAD
    assert first.rounding_bytes == 150
    assert first.requested_bytes == 5330
    assert second.rounding_bytes == 0


@pytest.mark.parametrize(
    ("allocator", "modelled"),
    [("pymalloc", True), ("pymalloc_debug", True), ("malloc", False), ("mimalloc", False)],
)
def test_rounding_is_modelled_for_pymalloc_alone(
    tmp_path: Path, allocator: str, modelled: bool
) -> None:
    made = CaptureWriter(allocator=allocator)
    made.site([MAIN], size=33)
    assert sizes_of(made, tmp_path).pymalloc is modelled


def test_histogram_has_a_place_per_class_and_one_for_the_rest(tmp_path: Path) -> None:
    made = CaptureWriter()
    for size, count in ((0, 1), (16, 2), (512, 3), (513, 4), (1 << 30, 5)):
        made.site([MAIN], size=size, count=count)
    histogram = size_histogram(captures.load(made, tmp_path))
    assert len(histogram) == 33
    assert (histogram[0], histogram[31], histogram[32]) == (3, 3, 9)
