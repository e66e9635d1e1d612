"""What a snapshot takes in the program is memscope's, wherever resident memory is told.

The oracle is the same program without snapshots.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from end_to_end.recorded import CAPTURE, run_source

MIB = 1 << 20
# What two runs of one program differ by, and what is told late.
NEAR = 4 * MIB

HOLDS = "kept = [[number] for number in range(1000, 500_000)]\n"
# The program stands still while it waits for the snapshot, and needs less afterwards. Without one
# it holds all of it for a moment only: it sleeps, so that its memory is looked at then.
ASKS = """\
import time
import memscope
with memscope.record("inner.mscope") as recording:
    kept = [[number] for number in range(1000, 500_000)]
    time.sleep(0.5)
    recording.snapshot()
    del kept
"""
GROWS_ON = """\
more = [bytes(1 << 20).replace(b"\\0", b"x") for _ in range(200)]
"""


def told(directory: Path, *words: str) -> Any:
    shown = subprocess.run(
        [sys.executable, "-m", "memscope", *words, "--json"],
        cwd=directory, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(shown.stdout)


def peak(directory: Path, capture: str = CAPTURE) -> int:
    summary = told(directory, "summary", capture)
    found: int = summary["rss"]["peak_bytes"]
    return found


@pytest.mark.parametrize(
    "source",
    [
        HOLDS,
        pytest.param(HOLDS + GROWS_ON + "del more\n", marks=pytest.mark.slow),
        pytest.param(GROWS_ON + HOLDS, marks=pytest.mark.slow),
    ],
)
def test_the_last_snapshot_is_not_the_programs_peak(tmp_path: Path, source: str) -> None:
    run_source(tmp_path, source, "-q")
    expected = peak(tmp_path)
    run_source(tmp_path, source, "-q", "--snapshot")
    assert peak(tmp_path) == pytest.approx(expected, abs=NEAR)


@pytest.mark.slow
def test_nor_is_one_that_was_asked_for(tmp_path: Path) -> None:
    run_source(tmp_path, ASKS.replace("recording.snapshot()", "pass"), "-q")
    expected = peak(tmp_path)
    run_source(tmp_path, ASKS, "-q", "--snapshot")
    assert peak(tmp_path) == pytest.approx(expected, abs=NEAR)


@pytest.mark.slow
def test_what_grows_after_a_snapshot_is_the_programs(tmp_path: Path) -> None:
    for call in ("pass", "recording.snapshot()"):
        source = ASKS.replace("recording.snapshot()", call) + GROWS_ON
        run_source(tmp_path, source, "-q", "--snapshot")
        if call == "pass":
            expected = peak(tmp_path)
    assert peak(tmp_path) == pytest.approx(expected, abs=NEAR)


@pytest.mark.slow
def test_a_process_that_records_itself_leaves_it_out_too(tmp_path: Path) -> None:
    peaks = []
    for call in ("pass", "recording.snapshot()"):
        (tmp_path / "program.py").write_text(ASKS.replace("recording.snapshot()", call))
        subprocess.run([sys.executable, "program.py"], cwd=tmp_path, check=True)
        peaks.append(peak(tmp_path, "inner.mscope"))
        (tmp_path / "inner.mscope").unlink()
    # The recorder's tables are in this process, too: two runs differ by up to 8 MB.
    assert peaks[1] == pytest.approx(peaks[0], abs=4 * NEAR)


@pytest.mark.slow
def test_a_limit_is_held_against_the_program_alone(tmp_path: Path) -> None:
    run_source(tmp_path, HOLDS, "-q")
    limit = f"{peak(tmp_path) // MIB + 24}MiB"
    run_source(tmp_path, HOLDS, "-q", "--snapshot")
    found = told(tmp_path, "fits", CAPTURE, limit)
    assert found["fits"] is True


def test_no_part_of_it_is_unexplained(tmp_path: Path) -> None:
    run_source(tmp_path, HOLDS, "-q")
    before = parts(tmp_path)
    run_source(tmp_path, HOLDS, "-q", "--snapshot", "--snapshot-budget", "100%")
    after = parts(tmp_path)
    for origin in ("unexplained", "objects"):
        assert after.get(origin, 0) == pytest.approx(before.get(origin, 0), abs=NEAR)


def parts(directory: Path) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in told(directory, "rss", CAPTURE)["parts"]:
        sums[part["origin"]] = sums.get(part["origin"], 0) + part["bytes"]
    return sums
