"""`memscope summary` of several captures, from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from capture.captures import FILL, LOAD, MAIN
from capture.writer import CaptureWriter
from cli.console import call

MIB = 1 << 20


def process(pid: int, started: float, live_mib: list[int]) -> CaptureWriter:
    """One that has so much live at the end of each second."""
    made = CaptureWriter(pid=pid, started=started)
    made.site([MAIN, LOAD], size=MIB, count=3, live=1, peak=2)
    for second, mib in enumerate(live_mib, 1):
        made.sample(second * 10**9, (0, 0, mib * MIB))
    return made


@pytest.fixture
def run(tmp_path: Path) -> list[Path]:
    """Three processes; the last one begins when the first one is nearly over."""
    made = {
        "first": process(101, 1000.0, [10, 10, 2]),
        "second": process(102, 1000.5, [3, 30, 3]),
        "third": process(103, 1002.75, [20, 20]),
    }
    made["second"].site([MAIN, FILL], size=7 * MIB, count=1, live=1)
    paths = []
    for name, writer in made.items():
        paths.append(tmp_path / f"{name}.mscope")
        paths[-1].write_bytes(writer.build())
    return paths


def test_sums_are_those_of_each(run: list[Path]) -> None:
    found = json.loads(call("summary", "--json", *reversed(run)).stdout)
    alone = [json.loads(call("summary", "--json", path).stdout) for path in run]
    assert found["schema"] == "memscope.summary/1"
    assert [each["capture"]["file"] for each in found["captures"]] == list(map(str, run))
    for name in ("allocations", "allocated_bytes", "live_bytes"):
        assert found["totals"][name] == sum(each["totals"][name] for each in alone)
    peaks = sum(each["totals"]["peak_bytes"] for each in alone)
    assert found["totals"]["summed_peak_bytes"] == peaks
    rows = {row["line"]: row["peak_bytes"] for row in found["made_peak"]}
    assert rows == {LOAD[2]: 3 * 2 * MIB, FILL[2]: 7 * MIB}


def test_what_was_live_at_one_time_is_no_sum_of_peaks(run: list[Path]) -> None:
    # Between 1001.5 and 1002 the second can have had its 30 MiB, and the first its 10.
    found = json.loads(call("summary", "--json", *run).stdout)
    assert found["totals"]["highest_at_one_time_bytes"] == 40 * MIB


@pytest.mark.parametrize("width", [60, 80])
def test_text(run: list[Path], width: int) -> None:
    done = call("summary", *run, env={"COLUMNS": str(width)})
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert [line.split()[8] for line in lines if ".mscope" in line] == ["101", "102", "103"]
    assert "  3 processes, summed"[:18] in done.stdout
    assert "live at one time: 40 MiB at most" in done.stdout
    assert "load  app.py:10" in done.stdout


def test_the_same_process_twice_is_a_mistake(run: list[Path]) -> None:
    done = call("summary", run[0], run[1], run[0])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"memscope: {run[0]}: is named twice\n"
    done = call("summary", run[0], run[1], "-o", run[1])
    assert (done.returncode, done.stdout) == (1, "")
