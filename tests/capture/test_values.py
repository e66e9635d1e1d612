"""What a VALUES frame says, and what is wrong with one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from capture import writer
from capture.test_bad_input import small

import memscope
from memscope.capture import Capture
from memscope.capture.values import Valued

HEAD = struct.pack("<QQQ", 900, 5000, 70)
GOOD = (1, 1, 40, 10, 4, 1, 2, 0, 0, 0)


def load(tmp_path: Path, data: bytes) -> Capture:
    path = tmp_path / "made.mscope"
    path.write_bytes(data)
    return memscope.load(path)


def told(tmp_path: Path, *entries: tuple[int, ...]) -> Capture:
    table = writer.table(*(list(column) for column in zip(*entries, strict=True)))
    made = small()
    made.new_type(("builtins", "str", "object"))
    frames = list(made.frames())
    at = next(i for i, (kind, _) in enumerate(frames) if kind == writer.TOTALS)
    frames.insert(at + 1, (writer.VALUES, HEAD + table))
    return load(tmp_path, writer.join(frames))


def test_a_look_is_read(tmp_path: Path) -> None:
    capture = told(tmp_path, GOOD, (1, 1, 40, 6, 0, 0, 0, 3, 600, 100))
    values = capture.values
    assert values is not None
    assert (values.time_ns, values.live_bytes, values.pause_ns) == (900, 5000, 70)
    assert values.valued[0] == Valued(0, *GOOD[1:])
    assert values.valued[1].texts == 3
    assert capture.complete


def test_who_did_not_look_says_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, writer.join(small().frames())).values is None


def test_rows_and_types_that_are_not_known_are_left_out(tmp_path: Path) -> None:
    values = told(tmp_path, (999, *GOOD[1:]), (1, 999, *GOOD[2:]), GOOD).values
    assert values is not None
    assert values.valued == (Valued(0, *GOOD[1:]),)


@pytest.mark.parametrize(
    ("place", "value"), [(3, 0), (3, 1 << 30), (4, 11), (5, 5), (6, 6), (7, 11), (9, 1)]
)
def test_what_cannot_be_is_left_out(tmp_path: Path, place: int, value: int) -> None:
    entry = list(GOOD)
    entry[place] = value
    capture = told(tmp_path, tuple(entry))
    assert capture.values is None
    assert "VALUES" in capture.notes[0]
