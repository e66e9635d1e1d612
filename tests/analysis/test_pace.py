"""What a program holds now and how fast that changes: rows are the same by their names."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures

from memscope.analysis.hotspots import find_hotspots, responsible_lines
from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin, Origins
from memscope.analysis.pace import (
    PACE_GROUPS,
    HeldNow,
    Moment,
    PaceGroup,
    moment_of,
    paces,
    whole_pace,
)
from memscope.analysis.types import find_types
from memscope.capture import Capture
from memscope.capture.model import CodeFrame


@pytest.fixture
def loop(tmp_path: Path) -> Capture:
    return captures.load(captures.loop(), tmp_path)


def figures(held: HeldNow) -> tuple[float, ...]:
    return (held.live_bytes, held.live_blocks, held.allocations, held.allocated_bytes)


def test_lines_hold_what_hotspots_say(loop: Capture) -> None:
    rows = moment_of(loop, "line").rows
    hotspots = find_hotspots(Measures(loop), group="line", limit=0).rows
    said = {
        (row.file, row.line, ""): (
            row.live_bytes,
            row.live_blocks,
            row.allocations,
            row.allocated_bytes,
        )
        for row in hotspots
        if not row.function.startswith("<kept")
    }
    assert {key: figures(held) for key, held in rows.items()} == said


def test_own_lines_hold_what_the_lines_that_are_responsible_do(tmp_path: Path) -> None:
    shop = captures.load(captures.shop(), tmp_path)
    (said,) = responsible_lines(Measures(shop), ["live_bytes"], 0)
    rows = moment_of(shop, "own").rows
    assert {key[:2]: held.live_bytes for key, held in rows.items()} == {
        (row.file, row.line): row.live_bytes for row in said.rows
    }


def test_types_hold_what_the_list_of_types_says(loop: Capture) -> None:
    rows = moment_of(loop, "type").rows
    said = {
        (row.type.module, row.type.name): row.live_bytes
        for row in find_types(Measures(loop), limit=0).rows
        if row.type.kind == "object"
    }
    held = {
        (held.type.module, held.type.name): held.live_bytes
        for held in rows.values()
        if held.type is not None and held.type.kind == "object"
    }
    assert held == said


@pytest.mark.parametrize("group", PACE_GROUPS)
def test_what_is_nobodys_is_in_no_row(loop: Capture, group: PaceGroup) -> None:
    parked = find_types(Measures(loop)).parked
    assert parked is not None
    assert parked.live_bytes > 0
    moment = moment_of(loop, group)
    rows = sum(held.live_bytes for held in moment.rows.values())
    assert rows == moment.whole.live_bytes - parked.live_bytes


def line(number: int, live: float, allocations: float) -> HeldNow:
    frame = CodeFrame("f", "app.py", number)
    return HeldNow(frame, None, Origin.OWN, live, 1, allocations, 10 * allocations)


def moment(time_s: float, *rows: HeldNow, origins: Origins) -> Moment:
    whole = HeldNow(
        None,
        None,
        Origin.LIBRARY,
        sum(row.live_bytes for row in rows),
        len(rows),
        sum(row.allocations for row in rows),
        sum(row.allocated_bytes for row in rows),
    )
    keyed = {("app.py", row.frame.line, ""): row for row in rows if row.frame}
    return Moment(time_s, keyed, whole, 0, 0, False, True, ("app",), origins)


def test_rates_are_of_the_recordings_own_time(loop: Capture) -> None:
    origins = Measures(loop).stacks.origins
    before = moment(10.0, line(1, 1000, 5), line(2, 300, 1), origins=origins)
    now = moment(14.0, line(1, 3000, 45), line(3, 800, 8), origins=origins)
    rates = {
        pace.now.frame.line: (pace.now.live_bytes, pace.growth_bytes_s, pace.allocations_s)
        for pace in paces(now, before)
        if pace.now.frame
    }
    # What is gone is a row that has become smaller; what is new began with nothing.
    assert rates == {1: (3000, 500, 10), 2: (0, -75, 0), 3: (800, 200, 2)}
    assert whole_pace(now, before).growth_bytes_s == 625


@pytest.mark.parametrize("before_s", [None, 14.0, 15.0])
def test_without_time_in_between_there_is_no_rate(loop: Capture, before_s: float | None) -> None:
    origins = Measures(loop).stacks.origins
    now = moment(14.0, line(1, 3000, 45), origins=origins)
    before = None if before_s is None else moment(before_s, line(1, 1000, 5), origins=origins)
    (pace,) = paces(now, before)
    assert (pace.growth_bytes_s, pace.allocations_s, pace.allocated_bytes_s) == (None, None, None)
    assert (pace.share, pace.weight("growth"), pace.weight("live")) == (1.0, 0.0, 3000)
