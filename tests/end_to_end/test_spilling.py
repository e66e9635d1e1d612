"""Rows that spill, against a recording of the same program in which none do."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from pathlib import Path
from random import Random
from threading import Thread

import pytest

import memscope
from memscope import _recorder
from memscope.capture import Capture

HERE = __file__
KEPT: list[object] = [None] * 3000
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


CALLS = (one, two, three, four)


def go_on(left: int, random: Random) -> None:
    KEPT[random.randrange(100)] = bytes(100 + 7 * left)
    if left:
        random.choice(CALLS)(left - 1, random)


def grow(turn: int) -> None:
    """The highest peak is in the fourth of seven turns."""
    for place in range(1, 3000):
        KEPT[place] = bytes(400 - 10 * abs(turn - 3))


def program(pause_s: float = 0.0) -> None:
    RANDOM.seed(5)
    for turn in range(7):
        grow(turn)
        for _ in range(120):
            one(9, RANDOM)
        time.sleep(pause_s)


PROGRAM = {line for _, _, line in program.__code__.co_lines()}


def record(
    path: Path, monkeypatch: pytest.MonkeyPatch, objects: bool, pause_s: float = 0.02, **room: int
) -> Capture:
    with monkeypatch.context() as patch:
        drain = functools.partial(_recorder.Drain, **room)
        patch.setattr(_recorder, "Drain", drain)
        with memscope.record(path, objects=objects) as recording:
            thread = Thread(target=program, args=(pause_s,))  # its stacks are short
            thread.start()
            thread.join()
            KEPT[:] = [None] * len(KEPT)
    assert recording.capture.complete, recording.capture.notes
    return recording.capture


def lines_of_stacks(capture: Capture) -> list[tuple[int, ...]]:
    """Of each stack its lines of this file: what these call is theirs."""
    nodes, codes = capture.tables.nodes, capture.tables.codes
    lines: list[tuple[int, ...]] = [()]
    for parent, code, line in list(zip(nodes.parent, nodes.code, nodes.line, strict=True))[1:]:
        lines.append((*lines[parent], line) if codes.file[code] == HERE else lines[parent])
    return lines


def by_stack(capture: Capture) -> dict[tuple[object, ...], list[float]]:
    """What the stacks of `program` hold, by domain, size class and type."""
    tables, totals = capture.tables, capture.totals
    columns = (
        totals.allocations, totals.allocated_bytes, totals.live_blocks, totals.live_bytes,
        totals.peak_blocks, totals.peak_bytes, totals.frees, totals.reallocations, totals.reused,
        totals.taken_in, totals.handed_over,
    )  # fmt: skip
    lines = lines_of_stacks(capture)
    rows = tables.rows
    sums: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0.0] * len(columns))
    for place, stack in enumerate(rows.stack):
        if not lines[stack] or lines[stack][0] not in PROGRAM:
            continue
        block_type = tables.types[rows.type[place]]
        key = (lines[stack], rows.domain[place], rows.size_class[place], block_type)
        for number, column in enumerate(columns):
            sums[key][number] += column[place]
    return {key: values for key, values in sums.items() if any(values)}


def differing(
    left: dict[tuple[object, ...], list[float]], right: dict[tuple[object, ...], list[float]]
) -> list[tuple[object, ...]]:
    """A few of the keys that differ: all are more than a page."""
    assert len(left) > 1000
    return [key for key in {**left, **right} if left.get(key) != right.get(key)][:5]


def lifetimes(capture: Capture) -> dict[tuple[int, int], float]:
    """How many blocks of this file's lines lived how long, in bytes allocated meanwhile."""
    tables, counts = capture.tables, capture.lifetimes
    assert counts is not None
    lines = lines_of_stacks(capture)
    found: dict[tuple[int, int], float] = defaultdict(float)
    for row, scale, bucket, count in zip(
        counts.row, counts.scale, counts.bucket, counts.count, strict=True
    ):
        stack = lines[tables.rows.stack[row - 1]]
        if scale == 0 and len(stack) > 3:
            found[stack[-1], bucket] += count
    return dict(found)


def assert_same_lifetimes(
    left: dict[tuple[int, int], float], right: dict[tuple[int, int], float]
) -> None:
    """No death is lost. On which side of a bucket's edge a few of them fall, differs from run to
    run: a lifetime is what was allocated meanwhile, by other threads too."""
    sums: list[dict[int, float]] = []
    for found in (left, right):
        sums.append(defaultdict(float))
        for (line, _), count in found.items():
            sums[-1][line] += count
    assert sums[0] == sums[1]
    apart = {key: abs(left.get(key, 0) - right.get(key, 0)) for key in {**left, **right}}
    assert all(count <= 0.01 * sums[0][line] for (line, _), count in apart.items())


@pytest.mark.parametrize("objects", [False, True])
def test_each_stack_holds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, objects: bool
) -> None:
    for _ in range(2):  # what is made once is there
        program()
    whole = record(tmp_path / "whole.mscope", monkeypatch, objects)
    spilled = record(tmp_path / "spilled.mscope", monkeypatch, objects, spill_bytes=200_000)
    assert whole.end is not None
    assert spilled.end is not None
    assert len(spilled.totals.allocations) > 1.1 * len(whole.totals.allocations)
    assert differing(by_stack(spilled), by_stack(whole)) == []
    assert_same_lifetimes(lifetimes(spilled), lifetimes(whole))
    for capture in (whole, spilled):  # what END says, which never looks at rows that are gone
        totals, end = capture.totals, capture.end
        assert end is not None
        assert sum(totals.allocations) == end.sums.allocations
        assert sum(totals.allocated_bytes) == end.sums.allocated_bytes
        assert sum(totals.frees) == end.sums.frees
        assert sum(totals.peak_bytes) == end.sums.peak_bytes
        assert sum(totals.peak_blocks) == end.peak_blocks


def test_windows_tell_all_that_rows_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = record(tmp_path / "spilled.mscope", monkeypatch, False, spill_bytes=200_000)
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


def test_rows_spill_and_fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = {"spill_bytes": 300_000, "table_bytes": 400_000}
    capture = record(tmp_path / "both.mscope", monkeypatch, True, **room)
    end, totals = capture.end, capture.totals
    assert end is not None
    assert sum(totals.allocated_bytes) == end.sums.allocated_bytes
    assert sum(totals.peak_bytes) == end.sums.peak_bytes
    assert sum(totals.live_bytes) == end.sums.live_bytes
