"""Lifetimes: every released block in one bucket, and quantiles that are ranges."""

from __future__ import annotations

import math
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from capture import captures, writer
from capture.captures import APP, FILL, LOAD, MAIN
from capture.writer import CaptureWriter
from hypothesis import given
from hypothesis import strategies as st

import memscope
from memscope.analysis.hotspots import Selection
from memscope.analysis.lifetimes import (
    Histogram,
    LifetimeRange,
    Lifetimes,
    byte_spans,
    find_lifetimes,
    time_spans,
)
from memscope.analysis.measures import Measures


def lifetimes_of(made: CaptureWriter, tmp_path: Path, **how: object) -> Lifetimes:
    return find_lifetimes(Measures(captures.load(made, tmp_path)), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("spans", [byte_spans(), time_spans()])
def test_buckets_cover_everything_once(spans: tuple[LifetimeRange, ...]) -> None:
    assert spans[0].lower == 0
    assert spans[-1].upper is None
    assert all(left.upper == right.lower for left, right in pairwise(spans))


def test_buckets_are_those_of_the_format() -> None:
    assert byte_spans()[:3] == ((0, 16), (16, 64), (64, 256))
    assert byte_spans()[-1] == (16 * 4**14, None)
    assert time_spans() == (
        (0, 0.01), (0.01, 0.1), (0.1, 1), (1, 10), (10, 100), (100, 1000), (1000, None),
    )  # fmt: skip


def test_rows_of_a_site_are_put_together(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=8, count=10, live=2, lifetimes={(0, 0): 8, (1, 0): 5, (1, 1): 3})
    made.site([MAIN], size=600, count=2, live=0, lifetimes={(0, 15): 2, (1, 7): 2})
    made.site([LOAD], size=8, count=4, live=4)
    found = lifetimes_of(made, tmp_path)
    first, second = found.sites
    assert first.hotspot.line == MAIN[2]
    assert first.in_bytes.counts == (8, *[0] * 14, 2)
    assert first.in_time.counts == (8, 0, 0, 0, 0, 0, 2), "a poll is no finer than 10 ms"
    assert first.freed_share == 10 / 12
    assert second.freed_share == 0
    assert second.in_bytes.quantile(0.5) is None, "nothing was released"
    assert (found.allocations, found.live_blocks) == (16, 6)
    assert found.in_bytes.blocks == found.in_time.blocks == 10


def test_over_all_is_more_than_the_sites_shown(tmp_path: Path) -> None:
    found = lifetimes_of(captures.shop(), tmp_path, limit=1)
    assert len(found.sites) == 1
    assert found.in_bytes.blocks == 860
    own = lifetimes_of(captures.shop(), tmp_path, selection=Selection(own_only=True))
    assert {site.hotspot.file for site in own.sites} == {APP, FILL[1]}
    assert own.in_bytes.counts == found.in_bytes.counts


def test_sampled_counts_are_divided(tmp_path: Path) -> None:
    made = CaptureWriter(mode="sampled", sample_bytes=512)
    made.site([MAIN], size=64, count=3, live=0, lifetimes={(0, 2): 3 * 256})
    (site,) = lifetimes_of(made, tmp_path).sites
    assert site.in_bytes.counts[2] == 3


def test_a_capture_cut_before_its_lifetimes_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.mscope"
    path.write_bytes(captures.shop().build(without=[writer.LIFETIMES]))
    found = find_lifetimes(Measures(memscope.load(path)))
    assert not found.known
    assert found.sites
    assert found.in_bytes.blocks == 0


@given(
    counts=st.lists(st.integers(0, 5), min_size=16, max_size=16),
    share=st.sampled_from([0.01, 0.25, 0.5, 0.9, 0.95, 1.0]),
)
def test_a_quantile_is_the_bucket_of_the_block_of_that_rank(
    counts: list[int], share: float
) -> None:
    spans = byte_spans()
    found = Histogram(spans, tuple(counts)).quantile(share)
    blocks = [place for place, count in enumerate(counts) for _ in range(count)]
    if not blocks:
        assert found is None
    else:
        rank = math.ceil(share * len(blocks) - 1e-9)
        assert found == spans[blocks[max(rank, 1) - 1]]


def test_a_real_program(tmp_path: Path) -> None:
    pytest.importorskip("memscope._recorder", reason="the extension is not built")
    path = tmp_path / "real.mscope"
    with memscope.record(path):
        held = bytearray(3_000_000)
        line = sys._getframe().f_lineno - 1
        many = [bytearray(1000) for _ in range(20_000)]
        del held, many
    with memscope.load(path) as capture:
        found = find_lifetimes(Measures(capture), by="allocations", limit=0)
    (site,) = (s for s in found.sites if (s.hotspot.file, s.hotspot.line) == (__file__, line))
    # Its own 3 MB and the 20 MB that came while it lived: between 16 and 64 MiB.
    assert site.in_bytes.quantile(1.0) == (1 << 24, 1 << 26)
    assert found.in_bytes.blocks == found.in_time.blocks
    assert found.in_time.counts[-2:] == (0, 0), "nothing lived for minutes"
