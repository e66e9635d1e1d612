"""Much in few bytes: packed frames that a reader must not follow all the way."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from capture import writer
from capture.captures import shop

import memscope
from memscope.capture import Capture

MOST = 1 << 22  # docs/capture-format.md: entries of one table over all its frames
MOST_ROWS = 1 << 24
MOST_SPARSE = 1 << 26


def table(count: int, columns: int, ones: tuple[int, ...] = (0,)) -> bytes:
    """A table of ones in some columns, and of zeros in all others, which take no room."""
    parts = [
        struct.pack("<BI", 1, 0) + b"\1" * count if place in ones else struct.pack("<BI", 0, 0)
        for place in range(columns)
    ]
    return struct.pack("<IB", count, columns) + b"".join(parts)


def swollen(tmp_path: Path, kind: int, payload: bytes, times: int = 1) -> Capture:
    """The shop's capture with packed frames of a kind before its end."""
    stored = struct.pack("<I", len(payload)) + zlib.compress(payload, 1)
    told = [(number, data, 1) for number, data in shop().frames()]
    told[-2:-2] = [(kind, stored, 0x8001)] * times
    parts = [writer.frame(number, data, place, version)
             for place, (number, data, version) in enumerate(told)]  # fmt: skip
    path = tmp_path / "swollen.mscope"
    path.write_bytes(writer.MAGIC + b"".join(parts))
    return memscope.load(path)


def left_out(capture: Capture) -> bool:
    return any("larger than this part of a capture" in note for note in capture.notes)


@pytest.mark.parametrize(
    ("kind", "columns", "part"),
    [
        (writer.TOTALS, 16, "totals"),
        (writer.GROWTH, 7, "growth"),
        (writer.CODES, 3, "tables"),
        (writer.NODES, 3, "tables"),
        (writer.THREADS, 3, "tables"),
        (writer.ROWS, 3, "tables"),
    ],
)
def test_no_table_has_more_entries_than_any_recording(
    tmp_path: Path, kind: int, columns: int, part: str
) -> None:
    ones = (0, 1) if kind == writer.NODES else (0,)
    many = kind in (writer.NODES, writer.ROWS, writer.TOTALS)
    times = 2 * (MOST_ROWS if many else MOST) // MOST
    with swollen(tmp_path, kind, table(MOST // 2, columns, ones), times=times) as capture:
        getattr(capture, part)  # with the shop's own a few too many
        assert left_out(capture)
        assert not capture.complete


@pytest.mark.parametrize(
    ("kind", "columns", "part"),
    [(writer.LIFETIMES, 4, "lifetimes"), (writer.COHORTS, 5, "cohorts")],
)
def test_sparse_tables_end_as_well(tmp_path: Path, kind: int, columns: int, part: str) -> None:
    with swollen(tmp_path, kind, table(2 * MOST, columns, (3,)), times=8) as capture:
        assert len(getattr(capture, part).row) < MOST_SPARSE
        assert left_out(capture)


def test_windows_end_as_well(tmp_path: Path) -> None:
    payload = struct.pack("<7Q", *[0] * 7) + table(2 * MOST, 5)
    with swollen(tmp_path, writer.WINDOW, payload, times=9) as capture:
        assert sum(1 for _ in capture.windows()) == len(list(shop()._windows())) + 7
        assert left_out(capture)


def test_a_timeline_of_millions_of_points_is_none(tmp_path: Path) -> None:
    told = [(kind, data) for kind, data in shop().frames() if kind != writer.TIMELINE]
    told.insert(-2, (writer.TIMELINE, table(1 << 17, 8)))
    path = tmp_path / "long.mscope"
    path.write_bytes(writer.join(told))
    with memscope.load(path) as capture:
        assert capture.timeline is None
        assert left_out(capture)


def test_strings_end_after_a_quarter_of_a_gigabyte(tmp_path: Path) -> None:
    name = struct.pack("<I", 1 << 16) + b"x" * (1 << 16)
    payload = struct.pack("<I", 1000) + name * 1000
    with swollen(tmp_path, writer.STRINGS, payload, times=5) as capture:
        assert capture.tables.rows.stack
        assert left_out(capture)


def test_a_description_is_not_as_large_as_a_frame(tmp_path: Path) -> None:
    told = [(kind, data) for kind, data in shop().frames() if kind != writer.EXIT]
    told.insert(-1, (writer.EXIT, b'{"status": 0, "x": [' + b"[]," * (6 << 20) + b"0]}"))
    path = tmp_path / "wordy.mscope"
    path.write_bytes(writer.join(told))
    with memscope.load(path) as capture:
        assert capture.exit is None
        assert left_out(capture)


def test_more_than_two_surveys_are_none(tmp_path: Path) -> None:
    arena = struct.pack("<IIQQQ", 0, 1, 0, 0, 0) + writer.table([4096], [1 << 20], [0])
    with swollen(tmp_path, writer.ARENAS, arena, times=3) as capture:
        assert len(capture.surveys) == 2
        assert left_out(capture)
