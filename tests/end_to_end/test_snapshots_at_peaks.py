"""Snapshots at new peaks of live memory: made within a budget, left out beyond it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from end_to_end.recorded import CAPTURE, run_source

# Makes no objects but one, so that a snapshot costs little, and then runs for a while.
HOLDS = """\
import time
class Keeper:
    pass
keeper = Keeper()
def wait(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.002)
        for number in range(200):
            [number]
keeper.first = bytearray(20_000_000)
wait(1)
keeper.second = bytearray(20_000_000)
wait(2)
{rest}
"""


def recorded(directory: Path, rest: str, *options: str) -> tuple[Any, str]:
    run_source(directory, HOLDS.replace("{rest}", rest), "-q", *options)
    words = [sys.executable, "-m", "memscope", "holders", CAPTURE, "-n", "50"]
    told = subprocess.run(
        [*words, "--json"], cwd=directory, capture_output=True, text=True, check=True
    )
    shown = subprocess.run(words, cwd=directory, capture_output=True, text=True, check=True)
    return json.loads(told.stdout), shown.stdout


def test_a_new_peak_has_a_snapshot_of_its_own(tmp_path: Path) -> None:
    document, shown = recorded(tmp_path, "del keeper.first", "--snapshot-budget", "100%")
    peaks = [of for of in document["snapshots"] if of["moment"] == "peak"]
    assert len(peaks) == document["at_peaks"]["made"] == 2
    assert [of["left_out"] for of in document["snapshots"]] == [None] * 3
    pause_s = sum(of["pause_s"] for of in peaks)
    assert document["at_peaks"]["pause_s"] == pytest.approx(pause_s)
    growth = {row["path"]: row["growth_bytes"] for row in document["rows"]}
    size = sys.getsizeof(bytearray(20_000_000))
    assert growth["__main__.keeper.second"] == size
    assert "snapshots at peaks: 2, which took" in shown
    # Of the highest peak both are there, also what is gone at the end.
    told = subprocess.run(
        [sys.executable, "-m", "memscope", "why", CAPTURE, "bytearray", "--at", "2", "--json"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    ways = {of["path"]: of["bytes"] for of in json.loads(told.stdout)["paths"]}
    assert ways["__main__.keeper.first"] == ways["__main__.keeper.second"] == size


@pytest.mark.slow
def test_what_the_budget_has_no_room_for_is_skipped_and_told(tmp_path: Path) -> None:
    document, shown = recorded(tmp_path, "", "--snapshot-budget", "0.001%")
    assert [of["moment"] for of in document["snapshots"]] == ["end"]
    assert (document["at_peaks"]["made"], document["at_peaks"]["skipped"]) == (0, 1)
    assert "peaks left out to stay within --snapshot-budget: 1" in " ".join(shown.split())


@pytest.mark.slow
def test_without_a_budget_there_are_none(tmp_path: Path) -> None:
    document, _ = recorded(tmp_path, "", "--snapshot-budget", "0%")
    assert [of["moment"] for of in document["snapshots"]] == ["end"]
    assert document["at_peaks"] is None


IN_COLLECTION = """\
import gc
class Waits:
    def __del__(self):
        keeper.third = bytearray(80_000_000)
        wait(2)
waits = Waits()
waits.itself = waits
del waits
gc.collect()
del keeper.third
"""


@pytest.mark.slow
def test_no_peak_is_taken_while_the_collector_runs(tmp_path: Path) -> None:
    document, shown = recorded(tmp_path, IN_COLLECTION, "--snapshot-budget", "100%")
    left_out = [of for of in document["snapshots"] if of["left_out"]]
    assert [of["left_out"] for of in left_out] == ["the collector was running"]
    assert document["at_peaks"]["unanswered"] == 1
    assert "peaks at which no snapshot could be taken: 1" in " ".join(shown.split())


BLOCKED = """\
import threading
def work():
    keeper.third = bytearray(80_000_000)
    wait(8)
    del keeper.third
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.slow
def test_a_wish_that_is_not_heard_is_taken_back(tmp_path: Path) -> None:
    """The main thread, which would take the snapshot, waits for the others all the time."""
    document, _ = recorded(tmp_path, BLOCKED, "--snapshot-budget", "100%")
    assert [of["moment"] for of in document["snapshots"]] == ["peak", "peak", "end"]
    assert (document["at_peaks"]["made"], document["at_peaks"]["unanswered"]) == (2, 1)


@pytest.mark.parametrize("share", ["2", "101%", "nan%"])
def test_a_budget_that_is_none(tmp_path: Path, share: str) -> None:
    told = run_source(tmp_path, "", "--snapshot-budget", share, check=False)
    assert told.returncode == 2
    assert f"{share!r} is not a share" in told.stderr
