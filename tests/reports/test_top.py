"""The screen of `memscope top` fits, whatever the terminal and whatever is asked for."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from capture import captures
from rich.console import Console

from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origins
from memscope.analysis.pace import (
    PACE_BYS,
    PACE_GROUPS,
    PaceBy,
    PaceGroup,
    moment_of,
    paces,
    whole_pace,
)
from memscope.reports.terminal.top import Screen, TopLimit, screen_lines


def screen_of(place: Path, group: PaceGroup = "line") -> tuple[Screen, Origins]:
    capture = captures.load(captures.shop(), place)
    moment = moment_of(capture, group)
    before = replace(moment, time_s=moment.time_s - 2.0)
    screen = Screen(
        pid=4711,
        command=("python", "a program \x1b[31m.py", *["word"] * 20),
        time_s=3725.0,
        over_s=2.0,
        whole=whole_pace(moment, before),
        peak_bytes=9e9,
        uncertain_bytes=5 << 20,
        resident_bytes=220 << 20,
        limit=TopLimit(240 << 20, "cgroup"),
        history=[1, 5, 3, 8],
        paces=paces(moment, before),
        first=0,
        by="live",
        group=group,
        filter="",
        every_s=2.0,
        sampled=False,
        complete=True,
        held=False,
        said="",
        keys=True,
    )
    return screen, Measures(capture).stacks.origins


def drawn(
    screen: Screen, origins: Origins, width: int = 80, height: int = 24, encoding: str = "utf-8"
) -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding)
    console = Console(file=file, width=width, highlight=False, markup=False)
    lines = screen_lines(console, origins, screen, height)
    for line in lines:
        line.plain.encode(encoding)
    assert max(line.cell_len for line in lines) <= width
    assert len(lines) <= max(height, 7)
    return [line.plain for line in lines]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 200])
@pytest.mark.parametrize("by", PACE_BYS)
def test_no_line_is_wider_than_the_terminal(tmp_path: Path, width: int, by: PaceBy) -> None:
    for group in PACE_GROUPS:
        screen, origins = screen_of(tmp_path, group)
        drawn(replace(screen, by=by), origins, width)
        drawn(replace(screen, by=by), origins, width, encoding="ascii")


def test_at_80_columns_all_is_there(tmp_path: Path) -> None:
    screen, origins = screen_of(tmp_path)
    text = "\n".join(drawn(screen, origins))
    for word in ("live▼", "growth/s", "allocs/s", "asked/s", "where", "1 h 2 min", "exact"):
        assert word in text
    assert "92% of 240 MiB" in text
    assert "up to 5.0 MiB uncertain" in text
    assert "\x1b" not in text


def test_what_is_sorted_by_is_shown_however_narrow(tmp_path: Path) -> None:
    screen, origins = screen_of(tmp_path)
    for by, name in (("live", "live"), ("allocated", "asked/s")):
        shown = drawn(replace(screen, by=by), origins, 40)  # type: ignore[arg-type]
        assert f"{name}▼" in shown[3]


@pytest.mark.parametrize("height", [3, 8, 12])
def test_rows_scroll_where_there_are_more(tmp_path: Path, height: int) -> None:
    screen, origins = screen_of(tmp_path)
    shown = drawn(replace(screen, first=1), origins, height=height)
    assert not any(line in shown[4:-2] for line in drawn(screen, origins)[4:5])


def test_what_could_not_be_seen_is_said(tmp_path: Path) -> None:
    screen, origins = screen_of(tmp_path)
    shown = drawn(replace(screen, paces=[], sampled=True, complete=False, filter="x"), origins)
    assert "sampled, estimates, partial" in shown[0]
    assert "nothing that matches" in shown
