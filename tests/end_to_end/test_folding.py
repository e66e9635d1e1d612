"""Rows that fold, against a recording of the same program in which none do."""

from __future__ import annotations

import functools
import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import compress
from pathlib import Path
from random import Random

import pytest

import memscope
from memscope import _recorder
from memscope.capture import Capture
from memscope.reports.folding import folded_line

LEFT_OUT = "<frames left out>"
HERE = __file__
KEPT: list[object] = [None] * 30_100
RANDOM = Random()  # such objects differ in size, by how many attributes earlier ones had
# What is made here is of no type that has a free list, and fills no list: it is the same each time.


def one(left: int, random: Random) -> None:
    go_on(left, random)


def two(left: int, random: Random) -> None:
    go_on(left, random)


def three(left: int, random: Random) -> None:
    KEPT[random.randrange(100)] = (left,) * 30
    go_on(left, random)


def four(left: int, random: Random) -> None:
    KEPT[random.randrange(100)] = bytearray(300 + left)
    go_on(left, random)


CALLS: tuple[Callable[[int, Random], None], ...] = (one, two, three, four)


def go_on(left: int, random: Random) -> None:
    KEPT[random.randrange(100)] = bytes(100 + 7 * left)
    if left:
        random.choice(CALLS)(left - 1, random)


def much() -> None:
    for number in range(30_000):
        KEPT[number + 100] = bytes(number % 100 + 200)


def program(pause_s: float = 0.0) -> None:
    much()  # before anything folds: what is large now stays
    RANDOM.seed(5)
    for number in range(1800):
        if pause_s and number % 300 == 0:
            time.sleep(pause_s)
        one(12, RANDOM)


def record(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    table_bytes: int,
    objects: bool,
    pause_s: float = 0.0,
) -> Capture:
    with monkeypatch.context() as patch:
        drain = functools.partial(_recorder.Drain, table_bytes=table_bytes)
        patch.setattr(_recorder, "Drain", drain)
        gc.collect()  # which also empties free lists: each recording begins with the same
        with memscope.record(path, objects=objects) as recording:
            program(pause_s)
            for number in range(len(KEPT)):  # a new list might come from the free list, or not
                KEPT[number] = None
    assert recording.capture.complete, recording.capture.notes
    return recording.capture


def by_line(capture: Capture) -> dict[tuple[object, ...], list[float]]:
    """What the lines of this file hold, by domain, size class and type."""
    tables, totals = capture.tables, capture.totals
    columns = (
        totals.allocations, totals.allocated_bytes, totals.live_blocks, totals.live_bytes,
        totals.peak_blocks, totals.peak_bytes, totals.frees, totals.reallocations, totals.reused,
    )  # fmt: skip
    sums: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0.0] * len(columns))
    rows = tables.rows
    for place, stack in enumerate(rows.stack):
        frames = tables.stack(stack)
        if not frames or frames[-1].file != HERE:
            continue
        block_type = tables.types[rows.type[place]]
        key = (frames[-1].line, rows.domain[place], rows.size_class[place], block_type)
        for number, column in enumerate(columns):
            sums[key][number] += column[place]
    return {key: values for key, values in sums.items() if any(values)}


def below(capture: Capture, line: int) -> list[float]:
    """What a line of this file holds with all that it calls."""
    tables, totals = capture.tables, capture.totals
    inside = {
        stack
        for stack in set(tables.rows.stack)
        if any(frame.line == line and frame.file == HERE for frame in tables.stack(stack))
    }
    chosen = [place for place, stack in enumerate(tables.rows.stack) if stack in inside]
    columns = (totals.allocations, totals.allocated_bytes, totals.peak_bytes, totals.live_bytes)
    return [sum(column[place] for place in chosen) for column in columns]


def leaves_out(capture: Capture) -> int:
    """Of the rows that hold anything, those of stacks with frames left out."""
    tables, totals = capture.tables, capture.totals
    return sum(
        any(frame.function == LEFT_OUT for frame in tables.stack(stack))
        for stack, allocations in zip(tables.rows.stack, totals.allocations, strict=True)
        if allocations
    )


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    """Finalizers of what other tests left behind would run, and allocate, at any line."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("objects", [pytest.param(False, marks=pytest.mark.slow), True])
def test_lines_and_large_stacks_hold_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, objects: bool
) -> None:
    for _ in range(3):  # what is made once is there
        program()
    whole = record(tmp_path / "whole.mscope", monkeypatch, 1 << 40, objects)
    folded = record(tmp_path / "folded.mscope", monkeypatch, 200_000, objects)
    assert leaves_out(whole) == 0
    assert leaves_out(folded) > 100
    # By how many depends on when it was time to fold.
    assert sum(map(bool, folded.totals.allocations)) < sum(map(bool, whole.totals.allocations))
    assert by_line(folded) == by_line(whole)
    first = program.__code__.co_firstlineno
    for line in (first + 1, first + 6):  # the two that call what allocates much
        assert below(whole, line)[0] > 10_000
        assert below(folded, line) == below(whole, line)


def test_windows_take_back_what_has_folded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # It waits now and then, so that several windows end while it makes rows.
    capture = record(tmp_path / "folded.mscope", monkeypatch, 200_000, False, pause_s=0.1)
    totals = capture.totals
    sums = [[0.0] * 4 for _ in totals.allocations]
    for window in capture.windows():
        for row, *changes in window.changes():
            sums[row - 1] = [a + b for a, b in zip(sums[row - 1], changes, strict=True)]
    columns = (
        totals.allocations,
        totals.allocated_bytes,
        totals.released,
        totals.released_bytes,
    )
    assert sums == [list(row) for row in zip(*columns, strict=True)]
    assert any(not any(row) for row in sums)


def test_how_much_has_folded_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = record(tmp_path / "folded.mscope", monkeypatch, 200_000, False)
    assert capture.end is not None
    folded = capture.end.folded
    assert folded is not None
    assert folded.rows > 1000
    assert 0 < folded.allocated_bytes < capture.end.sums.allocated_bytes
    assert folded.peak_bytes < capture.end.sums.peak_bytes / 2
    tables, totals = capture.tables, capture.totals
    stacks = [tables.stack(stack) for stack in tables.rows.stack]
    chosen = [any(frame.function == LEFT_OUT for frame in stack) for stack in stacks]
    assert folded.allocated_bytes == sum(compress(totals.allocated_bytes, chosen))
    assert folded.peak_bytes == sum(compress(totals.peak_bytes, chosen))
    assert folded.live_bytes == sum(compress(totals.live_bytes, chosen))
    line = folded_line(capture.end)
    assert line is not None
    assert "frames" in line
    whole = record(tmp_path / "whole.mscope", monkeypatch, 1 << 40, False)
    assert whole.end is not None
    assert whole.end.folded is None
    assert folded_line(whole.end) is None
