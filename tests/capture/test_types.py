"""Types of blocks, and blocks that pass from one row to another, as format 2 has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import writer
from capture.writer import CaptureWriter

import memscope
from memscope.capture import Capture
from memscope.capture.model import UNTYPED, BlockType

APP = "/home/me/app/app.py"
SCRATCH = [("<module>", APP, 3)]
KEPT = [("<module>", APP, 5)]
DICT = ("builtins", "dict", "object")
ORDER = ("shop.models", "Shop.Order", "object")
KEYS = ("builtins", "dict", "keys")


def load(tmp_path: Path, data: bytes) -> Capture:
    path = tmp_path / "app.mscope"
    path.write_bytes(data)
    return memscope.load(path)


def types_of(capture: Capture) -> list[BlockType]:
    return [capture.tables.types[number] for number in capture.tables.rows.type]


def test_rows_have_the_types_that_were_written(tmp_path: Path) -> None:
    made = CaptureWriter(format=2)
    made.site(KEPT, type=DICT)
    made.site(KEPT, size=600)
    made.site(KEPT, size=96, domain="mem", type=KEYS)
    made.site(KEPT, type=ORDER)
    capture = load(tmp_path, made.build())
    assert types_of(capture) == [BlockType(*DICT), UNTYPED, BlockType(*KEYS), BlockType(*ORDER)]
    assert capture.notes == ()


def test_a_type_may_become_known_after_its_row_was_written(tmp_path: Path) -> None:
    made = CaptureWriter(format=2)
    made.site(KEPT)
    made.site(KEPT, size=96, late_type=ORDER)
    made.site(SCRATCH, type=DICT, late_type=KEYS)
    capture = load(tmp_path, made.build())
    assert types_of(capture) == [UNTYPED, BlockType(*ORDER), BlockType(*KEYS)]


def test_captures_of_before_have_no_types_and_nothing_passed_on(tmp_path: Path) -> None:
    made = CaptureWriter(format=1)
    made.site(KEPT, count=5, live=2)
    capture = load(tmp_path, made.build())
    assert types_of(capture) == [UNTYPED]
    assert list(capture.totals.live_blocks) == [2]
    assert list(capture.totals.reused) == list(capture.totals.taken_in) == [0]
    assert not capture.meta.objects


def test_a_block_that_passes_on_lives_in_the_row_that_took_it(tmp_path: Path) -> None:
    made = CaptureWriter(format=2, objects=True)
    made.site(SCRATCH, size=64, count=10, live=10, peak=0, handed_over=10, handed_over_bytes=640)
    made.site(KEPT, size=64, count=0, peak=10, reused=10, taken_in=10, taken_in_bytes=640)
    capture = load(tmp_path, made.build())
    assert list(capture.totals.live_blocks) == [0, 10]
    assert list(capture.totals.live_bytes) == [0, 640]
    assert list(capture.totals.allocations) == [10, 0]
    assert list(capture.totals.peak_bytes) == [0, 640]
    assert list(capture.totals.reused) == [0, 10]
    assert capture.meta.objects
    assert capture.sums.total.live_bytes == 640
    for window in capture.windows():
        assert sum(window.live_bytes) == 640


def test_changes_in_a_window_can_be_negative(tmp_path: Path) -> None:
    made = CaptureWriter(format=2)
    # Ten blocks at the peak, of which none is this row's in the end.
    made.site(KEPT, size=64, count=0, live=0, peak_blocks=10, peak_bytes=640)
    capture = load(tmp_path, made.build())
    first, last = capture.windows()
    assert list(first.released) == [-10]
    assert list(last.released) == [10]
    assert list(first.released_bytes) == [-640]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (writer.TYPES, writer.table([0], [0], [6])),
        (writer.TYPES, writer.table([99], [0], [1])),
        (writer.ROWTYPES, writer.table([2], [1])),
        (writer.ROWTYPES, writer.table([1], [7])),
        (writer.ROWTYPES, writer.table([0], [1])),
    ],
)
def test_what_refers_to_nothing_is_left_out(tmp_path: Path, kind: int, payload: bytes) -> None:
    made = CaptureWriter(format=2)
    made.site(KEPT, type=DICT)
    frames = made.frames()
    at = 1 + next(index for index, (of, _) in enumerate(frames) if of == writer.ROWS)
    frames.insert(at, (kind, payload))
    capture = load(tmp_path, writer.join(frames, writer.VERSIONS))
    assert types_of(capture) == [BlockType(*DICT)]
    assert len(capture.notes) == 1
    assert not capture.complete
