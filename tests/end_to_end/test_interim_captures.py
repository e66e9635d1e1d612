"""A capture of a moment of a run is exact, and the one of the whole run is none the wiser."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from end_to_end.in_between import AT_THE_END, IN_BETWEEN, KNOWN_LINES, PROGRAM, WAITING, figures_of
from end_to_end.side_by_side import ENVIRONMENT

import memscope

RECORDING = Path(__file__).with_name("interim.py")


@dataclass(frozen=True, slots=True)
class Recorded:
    source: list[str]
    interim: Path
    whole: Path

    def figures(self, capture: Path) -> dict[str, tuple[int, ...]]:
        return figures_of(capture, self.source)


def record(place: Path, interim: str, *options: str, source: str = "") -> Recorded:
    source = source or PROGRAM
    (place / "known.py").write_text(source)
    names = ["whole.mscope", interim, "ready", "go", "known.py"]
    subprocess.run(
        [sys.executable, str(RECORDING), *names, *options],
        cwd=place,
        env=ENVIRONMENT,
        check=True,
        timeout=600,
    )
    return Recorded(source.splitlines(), place / "interim.mscope", place / "whole.mscope")


@pytest.fixture(scope="module", params=[["--no-objects"], []], ids=["requests", "objects"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(tmp_path_factory.mktemp("interim"), "interim.mscope", *request.param)


def test_an_interim_capture_has_the_figures_of_its_moment(recorded: Recorded) -> None:
    assert recorded.figures(recorded.interim) == IN_BETWEEN


def test_the_capture_of_the_whole_run_has_those_of_the_end(recorded: Recorded) -> None:
    assert recorded.figures(recorded.whole) == AT_THE_END


def test_an_interim_capture_is_whole_and_says_what_it_is(recorded: Recorded) -> None:
    with memscope.load(recorded.interim) as capture:
        assert capture.end is not None
        assert (capture.end.reason, capture.end.complete) == ("interim", True)
        assert capture.exit is None
        assert capture.notes == ()
        totals, sums = capture.totals, capture.end.sums
        assert sum(totals.live_bytes) == sums.live_bytes
        assert sum(totals.live_blocks) == sums.live_blocks
        assert sum(totals.peak_bytes) == sums.peak_bytes
        assert sum(totals.allocations) == sums.allocations
        assert capture.end.objects is None or capture.end.objects.types_of_live == "not asked"


def test_windows_of_both_sum_up_to_what_is_live(recorded: Recorded) -> None:
    for path in (recorded.interim, recorded.whole):
        with memscope.load(path) as capture:
            live = [0.0] * len(capture.tables.rows.stack)
            for window in capture.windows():
                changes = zip(
                    window.row, window.allocated_bytes, window.released_bytes, strict=True
                )
                for row, more, less in changes:
                    live[row - 1] += more - less
            assert live == list(capture.totals.live_bytes)


def rows_of(path: Path) -> dict[Any, tuple[float, ...]]:
    """The rows of a capture at lines of the script, but for those of the waiting.

    By stack, domain, size class and type. What the compiler frees differs from run to run.
    """
    waiting = {
        number
        for number, text in enumerate(WAITING.splitlines(), KNOWN_LINES)
        if "while" in text or "sleep" in text
    }
    found = {}
    with memscope.load(path) as capture:
        rows, totals, tables = capture.tables.rows, capture.totals, capture.tables
        keys = zip(rows.stack, rows.domain, rows.size_class, rows.type, strict=True)
        values = zip(
            totals.allocations,
            totals.allocated_bytes,
            totals.frees,
            totals.live_blocks,
            totals.live_bytes,
            totals.peak_bytes,
            strict=True,
        )
        for (stack, domain, size_class, of), counted in zip(keys, values, strict=True):
            frames = tables.stack(stack)
            lines = {frame.line for frame in frames if frame.file.endswith("known.py")}
            ours = lines and frames[-1].file.endswith("known.py")
            if ours and frames[-1].function != "<compile>" and not lines & waiting:
                found[frames, domain, size_class, tables.types[of]] = counted
    return found


def test_the_whole_capture_is_as_if_there_had_been_no_other(tmp_path: Path) -> None:
    """Row by row, with stacks and counters."""
    told = []
    for name, interim in {"one": "interim.mscope", "two": ""}.items():
        place = tmp_path / "directory"
        place.mkdir()
        told.append(rows_of(record(place, interim, "--no-objects").whole))
        place.rename(tmp_path / name)
    assert len(told[0]) > 12
    assert told[0] == told[1]


# 2^14 stacks of which nothing stays, again and again, until their rows leave the ledger.
SPILLING = """
import os, time
from memscope import _testing
ONE = ("obj", 1, 3000)
walks = 0

def left(number, depth):
    return leaf() if depth == 0 else go_on(number, depth)

def right(number, depth):
    return leaf() if depth == 0 else go_on(number, depth)

def go_on(number, depth):
    if number >> depth & 1:
        left(number, depth - 1)
    else:
        right(number, depth - 1)

def leaf():
    block = _testing.allocate(*ONE)  # leaf
    _testing.release(block)

def walk():
    global walks
    walks += 1
    for number in range(1 << 14):
        go_on(number, 14)

def has_spilled():
    files = f"/proc/{os.getppid()}/fd"
    for number in os.listdir(files):
        try:
            if "/#" in os.readlink(f"{files}/{number}"):
                return True
        except OSError:
            pass
    return False

kept = _testing.allocate(*ONE)  # kept
while not has_spilled():
    walk()
walk()
with open("walks", "w") as file:
    print(walks, file=file)
os.close(os.open("ready", os.O_CREAT))
while not os.path.exists("go"):
    time.sleep(0.01)
walk()
os._exit(0)
"""


def test_rows_that_have_spilled_are_in_both(tmp_path: Path) -> None:
    """How often the program went through its stacks it counts itself."""
    spilled = record(tmp_path, "interim.mscope", source=SPILLING)
    walks = int((tmp_path / "walks").read_text())
    each = 1 << 14
    in_between, at_the_end = (spilled.figures(path) for path in (spilled.interim, spilled.whole))
    assert in_between["leaf"][:4] == (each * walks, each * walks * 3000, 0, 0)
    assert at_the_end["leaf"][:4] == (each * (walks + 1), each * (walks + 1) * 3000, 0, 0)
    assert in_between["kept"][:4] == at_the_end["kept"][:4] == (1, 3000, 1, 3000)
    with memscope.load(spilled.interim) as capture:
        assert capture.end is not None
        assert sum(capture.totals.allocations) == capture.end.sums.allocations
        assert sum(capture.totals.peak_bytes) == capture.end.sums.peak_bytes
