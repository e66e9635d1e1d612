"""Snapshots that a program asks for while it runs: several in one capture, each of its moment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from end_to_end.recorded import CAPTURE, run_source

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings

KEEPER = """\
import gc, json, os, sys, threading
import memscope

class Entry:
    def __init__(self, n):
        self.text = "entry %d" % n

kept = []
recording = memscope.record("main.mscope")
"""


def run(directory: Path, source: str) -> subprocess.CompletedProcess[str]:
    """As a program that records itself."""
    (directory / "program.py").write_text(KEEPER + source)
    return subprocess.run(
        [sys.executable, "program.py"], cwd=directory, capture_output=True, text=True, check=True
    )


def entries(directory: Path, number: int | None) -> tuple[int, str, str]:
    """Of one snapshot: how many entries there were, the way to them, and why it was taken."""
    found = Holdings(Measures(memscope.load(directory / CAPTURE)), number)
    why = found.why("Entry", 0)
    return why.objects, why.paths[0].way.path, found.moment.cause


WORKS = """\
class Manager:
    def __enter__(self):
        return self
    def __exit__(self, *raised):
        return recording.snapshot()

kept.append(Entry(0))
with recording:
    for _ in [1, 2]:
        for _ in (3, 4):
            print(recording.snapshot())
    with Manager():
        raise ValueError
"""


def test_values_that_the_interpreter_works_with_may_be_numbers(tmp_path: Path) -> None:
    """Loops over lists keep their place among them, and `with` the place to go on at."""
    assert run(tmp_path, WORKS).stdout.split() == ["True"] * 4
    for number in range(1, 6):
        assert entries(tmp_path, number)[:2] == (1, "__main__.kept[…]")


GROWS = """\
with recording:
    for round in range(3):
        kept += [Entry(n) for n in range(100 + round)]
        print(recording.snapshot())
"""


def test_each_is_as_of_its_moment(tmp_path: Path) -> None:
    assert run(tmp_path, GROWS).stdout.split() == ["True"] * 3
    for number, objects in ((1, 100), (2, 201), (3, 303), (None, 303)):
        assert entries(tmp_path, number) == (objects, "__main__.kept[…]", "asked")
    capture = memscope.load(tmp_path / CAPTURE)
    assert capture.complete
    times = [moment.time_ns for moment in capture.moments]
    assert times == sorted(set(times))


def test_under_memscope_run_they_are_part_of_its_capture(tmp_path: Path) -> None:
    source = KEEPER.replace("main.mscope", "other.mscope") + GROWS + "del kept[50:]\n"
    told = run_source(tmp_path, source, "-q", "--snapshot")
    assert told.stdout.split() == ["True"] * 3
    found = [entries(tmp_path, number) for number in (1, 2, 3, 4, None)]
    assert [objects for objects, _, _ in found] == [100, 201, 303, 50, 50]
    assert [cause for _, _, cause in found] == ["asked", "asked", "asked", "end", "end"]


def test_the_line_that_made_what_was_freed_since(tmp_path: Path) -> None:
    run(tmp_path, GROWS + "    kept.clear()\n    gc.collect()\n")
    found = Holdings(Measures(memscope.load(tmp_path / CAPTURE)), 2)
    why = found.why("program.py:6", 0)
    assert why.objects == 201
    assert [kept.way.path for kept in why.paths] == ["__main__.kept[…].text"]


RUNNING = """\
def work(rows):
    local = [Entry(n) for n in range(10)]
    def inner():
        return recording.snapshot(), local
    return inner()

with recording:
    thread = threading.Thread(target=work, args=([],))
    thread.start()
    thread.join()
    work([])
"""


def test_variables_of_functions_that_run(tmp_path: Path) -> None:
    """Whichever thread asks."""
    run(tmp_path, RUNNING)
    for number in (1, 2):
        objects, path, _ = entries(tmp_path, number)
        assert objects == 10
        assert path in ("work().local[…]", "work.<locals>.inner().local[…]")


UNSAFE = """\
taken = []
def on_collection(phase, info):
    if phase == "start" and not taken:
        taken.append(recording.snapshot())

with recording:
    gc.callbacks.append(on_collection)
    gc.collect()
    gc.callbacks.clear()
    print(taken, recording.snapshot())
"""


def test_it_is_left_out_where_it_is_not_safe(tmp_path: Path) -> None:
    told = run(tmp_path, UNSAFE)
    capture = memscope.load(tmp_path / CAPTURE)
    why = [moment.why for moment in capture.moments]
    assert told.stdout == "[False] True\n"
    assert why == ["the collector was running", ""]
    with pytest.raises(memscope.MemscopeError, match="has no snapshot 1: the collector"):
        Holdings(Measures(capture), 1)
    assert Holdings(Measures(capture)).moment.number == 2


NOWHERE = """\
print(recording.snapshot())
with recording:
    if os.fork() == 0:
        print(recording.snapshot(), flush=True)
        os._exit(0)
    os.wait()
print(recording.snapshot(), recording.problem)
with memscope.record("without.mscope", objects=False) as other:
    print(other.snapshot())
"""


def test_where_nothing_is_recorded_there_is_none(tmp_path: Path) -> None:
    told = run(tmp_path, "sys.stdout.reconfigure(line_buffering=True)\n" + NOWHERE)
    assert told.stdout.split() == ["False", "False", "False", "None", "False"]
    said = told.stderr.splitlines()
    assert "memscope: no snapshot: the recording is not on" in said
    assert memscope.load(tmp_path / CAPTURE).moments == ()


def answer(directory: Path, *words: str) -> Any:
    told = subprocess.run(
        [sys.executable, "-m", "memscope", *words, CAPTURE, "--json"],
        cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return json.loads(told.stdout) if told.returncode == 0 else told.stderr


def test_the_commands_show_one_of_them(tmp_path: Path) -> None:
    run(tmp_path, GROWS)
    document = answer(tmp_path, "holders", "-n", "0", "--at", "2")
    assert document["snapshot"]["number"] == 2
    assert [of["moment"] for of in document["snapshots"]] == ["asked"] * 3
    (row,) = [row for row in document["rows"] if row["path"] == "__main__.kept"]
    assert row["retained_objects"] >= 1 + 2 * 201
    last = answer(tmp_path, "holders", "--at", "last")
    assert last == answer(tmp_path, "holders")
    assert last["snapshot"]["number"] == 3
    assert "has no snapshot 4 (it has 3, counted from 1)" in answer(
        tmp_path, "holders", "--at", "4"
    )
    assert "neither a number nor 'last'" in answer(tmp_path, "holders", "--at", "-1")


HEAVY = """\
def shared_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[2]) * 4096

with recording:
    kept = [[] for _ in range(100_000)]
    before = shared_bytes()
    recording.snapshot()
    for _ in range(200):  # until it is written
        if shared_bytes() - before < 3_000_000:
            break
        __import__("time").sleep(0.05)
    print(shared_bytes() - before)
"""


def test_its_memory_is_given_back(tmp_path: Path) -> None:
    """A hundred thousand objects take 32 bytes each, and 8 for each reference."""
    assert int(run(tmp_path, HEAVY).stdout) < 3_000_000
