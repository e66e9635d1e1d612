"""Empty, cut, damaged and impossible captures: every format says what it can, or one line."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import get_args

import pytest
from capture.writer import CaptureWriter
from exports.conftest import Export
from exports.openers import OPENERS
from golden.make import GOLDEN, MAIN, RUN

import memscope
from memscope.errors import MemscopeError
from memscope.exports.figures import Figure
from memscope.exports.registry import BUILT_IN, find_exporter

HUGE = (1 << 64) - 1


def export_in_memory(name: str, path: Path) -> bytes:
    if name == "perfetto":
        pytest.importorskip("perfetto", reason="needs the package perfetto")
    stream = io.BytesIO()
    with memscope.load(path) as capture:
        find_exporter(name).write(capture, stream, "allocated_bytes")
    return stream.getvalue()


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - {"chrome", "collapsed", "json"}))
def test_a_capture_of_nothing(export: Export, tmp_path: Path, name: str) -> None:
    capture = tmp_path / "nothing.mscope"
    capture.write_bytes(CaptureWriter().build())
    assert not any(OPENERS[name](export(name, capture)).values())


@pytest.mark.parametrize("name", ["chrome", "collapsed", "json"])
def test_a_capture_of_nothing_is_a_file(export: Export, tmp_path: Path, name: str) -> None:
    capture = tmp_path / "nothing.mscope"
    capture.write_bytes(CaptureWriter().build())
    assert export(name, capture).exists()


@pytest.mark.parametrize("name", BUILT_IN)
def test_cut_and_damaged(tmp_path: Path, name: str) -> None:
    whole = GOLDEN.read_bytes()
    path = tmp_path / "damaged.mscope"
    choose = random.Random(name)
    written = 0
    for number in range(60):
        damaged = bytearray(whole)
        if number % 2:
            del damaged[choose.randrange(len(whole)) :]
        else:
            for _ in range(3):
                damaged[choose.randrange(len(whole))] ^= 1 << choose.randrange(8)
        path.write_bytes(damaged)
        try:
            written += bool(export_in_memory(name, path))
        except MemscopeError:
            continue
    assert written > 30 or name == "collapsed"


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("mode", ["exact", "sampled"])
def test_impossible_figures(tmp_path: Path, name: str, mode: str) -> None:
    """Counters as large as the file can state, and more released than was ever allocated."""
    made = CaptureWriter(mode=mode, sample_bytes=HUGE, pid=HUGE, started=1e300)
    most = made.site([MAIN, RUN], size=64)
    least = made.site([MAIN], size=64)
    for part in get_args(Figure):
        if part in vars(most):  # the others are worked out from these
            setattr(most, part, HUGE)
    least.allocations, least.allocated_bytes = 0, 0
    least.released, least.released_bytes = HUGE, HUGE
    one = made.site([RUN], size=1 << 20)
    one.allocated_bytes = one.released_bytes = HUGE
    made.sample(HUGE, (HUGE, HUGE, HUGE), highest=HUGE, resident=HUGE, own=1, collecting=1)
    path = tmp_path / "impossible.mscope"
    made.end = {"duration_ns": HUGE, "peak_time_ns": HUGE}
    made._windows = list  # type: ignore[method-assign]
    path.write_bytes(made.build())
    assert export_in_memory(name, path)


def test_an_incomplete_capture_is_said_in_each_file_with_room(
    export: Export, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mscope"
    cut.write_bytes(GOLDEN.read_bytes()[:-300])
    for name in ("speedscope", "chrome", "json", "csv", "svg"):
        assert "incomplete" in export(name, cut).read_text(encoding="utf-8"), name
    for name in ("pstats", "perfetto"):
        assert b"incomplete" in export(name, cut).read_bytes(), name
