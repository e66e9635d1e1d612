"""Damaged, cut, foreign and future captures: one clear line or a partial answer."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import pytest
from capture import writer
from capture.writer import CaptureWriter

import memscope
from memscope.capture import Capture
from memscope.errors import CaptureError, MemscopeError


def small() -> CaptureWriter:
    made = CaptureWriter()
    made.site([("main", "a.py", 1), ("f", "a.py", 2)], count=9, live=3, lifetimes={(0, 2): 6})
    made.site([("main", "a.py", 1)], size=70_000, domain="raw", lifetimes={(1, 0): 1})
    made.sample(5, (1, 2, 3), resident=4096)
    made.born = [(1, 0, 10**9, 2, 128), (2, 10**9, 2 * 10**9, 1, 70_000)]
    made.grows([("main", "a.py", 1)], links=9, copied=7000)
    made.survey([(1 << 20, 1 << 20, 0)], [(0, 3, 1, 4, 3), (0, 9, 0, 2, 1)])
    return made


def read_everything(capture: Capture) -> None:
    tables = capture.tables
    for node in tables.rows.stack:
        tables.stack(node)
    assert len(capture.totals.allocations) == len(tables.rows.stack)
    for window in capture.windows():
        assert all(0 < row <= len(tables.rows.stack) for row in window.row)
    assert capture.sums.total.allocations >= 0
    for events in capture.events():
        assert len(events.kind) == len(events.stack)
    _ = capture.timeline, capture.lifetimes
    for stack in capture.growth.stack if capture.growth else ():
        tables.stack(stack)
    if capture.cohorts is not None:
        assert all(0 < row <= len(tables.rows.stack) for row in capture.cohorts.row)
    for survey in capture.surveys:
        assert all(0 <= row <= len(tables.rows.stack) for row in survey.row)
        assert all(0 <= arena < len(survey.arena_address) for arena in survey.arena)
    capture.verify()


def assert_refused_within_magic(refused: dict[int, str]) -> None:
    assert sorted(refused) == list(range(8)), "only what does not begin as a capture is refused"
    assert not any("\n" in line for line in refused.values())


def load(tmp_path: Path, data: bytes) -> Capture:
    path = tmp_path / "x.mscope"
    path.write_bytes(data)
    return memscope.load(path)


def test_a_whole_capture_is_complete(tmp_path: Path) -> None:
    capture = load(tmp_path, small().build())
    read_everything(capture)
    assert capture.complete


def test_cut_at_every_byte(tmp_path: Path) -> None:
    whole = small().build()
    refused: dict[int, str] = {}
    for length in range(len(whole)):
        try:
            capture = load(tmp_path, whole[:length])
            read_everything(capture)
        except MemscopeError as error:
            refused[length] = str(error)
        else:
            assert not capture.complete, length
            assert capture.notes, length
    assert_refused_within_magic(refused)


def test_flipped_at_every_byte(tmp_path: Path) -> None:
    whole = small().build()
    refused: dict[int, str] = {}
    for position in range(len(whole)):
        bad = bytearray(whole)
        bad[position] ^= 0x41
        try:
            capture = load(tmp_path, bytes(bad))
            read_everything(capture)
        except MemscopeError as error:
            refused[position] = str(error)
        else:
            assert not capture.complete, position
            assert capture.notes, position
    assert_refused_within_magic(refused)


@pytest.mark.parametrize("kind", range(1, 14))
def test_any_frame_may_be_lost_or_empty(tmp_path: Path, kind: int) -> None:
    told = small().frames()
    for payload in (b"", b"\0" * 40, b"\xff" * 80, b"[]", b"{"):
        frames = [(number, payload if number == kind else data) for number, data in told]
        capture = load(tmp_path, writer.join(frames))
        read_everything(capture)
        if any(number == kind for number, _ in told):
            assert not capture.complete


def test_what_comes_before_the_damage_is_still_told(tmp_path: Path) -> None:
    frames = small().frames()
    whole = writer.join(frames)
    position = whole.index(json.dumps({"reason": "stopped"})[1:-1].encode())
    bad = bytearray(whole)
    bad[position] ^= 1
    capture = load(tmp_path, bytes(bad))
    assert list(capture.totals.allocations) == [9, 1]
    assert any("END frame" in note and "checksum" in note for note in capture.notes)


def test_after_a_damaged_header_reading_goes_on_at_the_next_frame(tmp_path: Path) -> None:
    whole = bytearray(small().build())
    first_header = 8
    whole[first_header + 5] ^= 1
    capture = load(tmp_path, bytes(whole))
    assert capture.end is not None
    assert capture.sums.total.allocations == 10
    assert len(capture.tables.rows.stack) == 0, "ids after a gap cannot be trusted"
    assert any("damaged from byte 8" in note for note in capture.notes)


def test_lost_frames_are_noticed_by_their_number(tmp_path: Path) -> None:
    told = small().frames()
    pieces = [writer.frame(kind, data, number) for number, (kind, data) in enumerate(told)]
    del pieces[2]
    capture = load(tmp_path, writer.MAGIC + b"".join(pieces))
    assert any("1 frames are missing" in note for note in capture.notes)
    assert not capture.complete


def test_unknown_kinds_are_skipped_and_said(tmp_path: Path) -> None:
    told = small().frames()
    told.insert(3, (99, b"from the future"))
    capture = load(tmp_path, writer.join(told))
    read_everything(capture)
    assert capture.complete, "what this version knows is all there"
    assert any("newer memscope" in note and "kind 99" in note for note in capture.notes)


def test_known_kinds_of_a_later_version_are_skipped_and_said(tmp_path: Path) -> None:
    told = small().frames()
    pieces = [
        writer.frame(kind, data, number, version=2 if kind == writer.ROWS else 1)
        for number, (kind, data) in enumerate(told)
    ]
    capture = load(tmp_path, writer.MAGIC + b"".join(pieces))
    read_everything(capture)
    assert not capture.complete
    assert any("ROWS version 2" in note for note in capture.notes)


def test_a_later_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"format 3 by memscope 9\.1.*upgrade"):
        load(tmp_path, CaptureWriter(format=3, memscope="9.1").build())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\x89MSC", "cut before the first frame"),
        (b"MSCOPE\n", "not a memscope capture"),
        (b"\x7fELF" + bytes(100), "not a memscope capture"),
        (b"\x09MSCOPE\n", "copy it again"),
        (b"\x89MSCOPE\r\n", "copy it again"),
    ],
)
def test_foreign_files(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(CaptureError, match=reason):
        load(tmp_path, data)


def test_what_is_no_readable_file(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="no such file"):
        memscope.load(tmp_path / "missing")
    with pytest.raises(CaptureError, match="directory"):
        memscope.load(tmp_path)
    with pytest.raises(CaptureError, match="no regular file"):
        memscope.load(os.devnull)
    with pytest.raises(CaptureError):
        memscope.load("a\0b")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(CaptureError, match="no regular file"):
        memscope.load(fifo)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "x.mscope"
    path.write_bytes(small().build())
    path.chmod(0)
    with pytest.raises(CaptureError, match="permission denied"):
        memscope.load(path)


def test_the_name_of_a_file_cannot_break_the_line(tmp_path: Path) -> None:
    with pytest.raises(CaptureError) as caught:
        memscope.load(tmp_path / "a\n\x1b[31mb")
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.mscope"
    path.write_bytes(small().build())
    capture = memscope.load(path)
    os.truncate(path, 100)
    read_everything(capture)
    assert any("shorter" in note for note in capture.notes)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (writer.CODES, writer.table([999], [1], [1])),
        (writer.NODES, writer.table([0], [1], [1])),
        (writer.NODES, writer.table([2], [1], [1])),
        (writer.NODES, writer.table([1], [999], [1])),
        (writer.NODES, writer.table([1, 1], [0, 0], [1, 1])),
        (writer.ROWS, writer.table([999], [0], [1])),
        (writer.ROWS, writer.table([1], [3], [1])),
        (writer.ROWS, writer.table([1], [0], [253])),
        (writer.THREADS, writer.table([1], [999], [0])),
        (writer.LIFETIMES, writer.table([1], [2], [0], [1])),
        (writer.LIFETIMES, writer.table([1], [1], [8], [1])),
        (writer.GROWTH, writer.table([999], [1], [8], [0], [1], [8], [9])),
        (writer.ARENAS, bytes(31)),
        (writer.ARENAS, bytes(32) + writer.table([0], [1 << 20], [0])),
        (writer.ARENAS, bytes(32) + writer.table([5, 0], [1 << 20, 1 << 20], [0, 0])),
        (writer.ARENAS, bytes(32) + writer.table([5], [1 << 40], [0])),
        (writer.ARENAS, bytes(32) + writer.table([1 << 60], [1 << 20], [0])),
        (writer.HOLDINGS, writer.table([1], [0], [1], [4], [1])),
        (writer.HOLDINGS, writer.table([0], [64], [1], [4], [1])),
        (writer.HOLDINGS, writer.table([0], [0], [1], [33], [1])),
        (writer.HOLDINGS, writer.table([0], [0], [1], [0], [1])),
        (writer.HOLDINGS, writer.table([0], [0], [1], [4], [1 << 40])),
        (writer.STRINGS, struct.pack("<II", 1, (1 << 16) + 1) + bytes((1 << 16) + 1)),
        (writer.STRINGS, struct.pack("<II", 1, 2) + b"\xc3\x28"),
    ],
)
def test_references_to_nothing_spoil_their_frame_alone(
    tmp_path: Path, kind: int, payload: bytes
) -> None:
    told = [(number, payload if number == kind else data) for number, data in small().frames()]
    capture = load(tmp_path, writer.join(told))
    read_everything(capture)
    assert not capture.complete
    assert capture.sums.total.allocations == 10


def test_sync_marks_that_are_none_do_not_hang_the_reader(tmp_path: Path) -> None:
    capture = load(tmp_path, writer.MAGIC + (b"MSF\x01" * 6 + b"?") * 400_000)
    assert not capture.complete


def test_empty_frames_without_end_stay_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memscope.capture.frames.MAX_FRAMES", 50)
    data = writer.join([(99, b"")] * 200)
    capture = load(tmp_path, data)
    assert len(capture.index.frames) == 50
    assert any("only the first 50 frames" in note for note in capture.notes)


def test_descriptions_of_the_wrong_type_have_their_default_meaning(tmp_path: Path) -> None:
    made = small()
    made.meta.update(command=7, pid=-1, prefixes=[], started="now", sample_bytes=1e99)
    made.end.update(peak_bytes=10**400, waits=True, domains={"obj": 5}, collections=[1, "x"])
    made.end.update(collected=[1, 2], gc_thresholds="no", gc_enabled=1, arenas_made=-1)
    made.exit = {"status": 1.5, "wall_s": float("nan")}
    capture = load(tmp_path, made.build())
    read_everything(capture)
    assert capture.meta.command == ()
    assert capture.exit is not None
    assert capture.exit.status is None
    assert capture.exit.wall_s == 0
