"""Forked children have snapshots of their own: at their end, and when they ask."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from end_to_end.recorded import run_source

# Whoever ends by os._exit, as the processes of multiprocessing do, has no end that could be told.
PROGRAM = """\
import os, sys
import memscope

class Job:
    def __init__(self, number):
        self.text = "job %d" % number

kept = [Job(number) for number in range(10)]

def child(count, ends):
    pid = os.fork()
    if pid != 0:
        os.waitpid(pid, 0)
        return pid
    kept.extend(Job(number) for number in range(count))  # child
    if ends:
        sys.exit(0)
    with memscope.record() as recording:
        taken = recording.snapshot()
    kept.clear()
    os._exit(0 if taken else 1)

print(child(500, True), child(700, False))
kept.append(Job(0))
"""


def why(directory: Path, capture: str, *words: str) -> Any:
    told = subprocess.run(
        [sys.executable, "-m", "memscope", "why", capture, *words, "--json"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(told.stdout)


def test_children_at_their_end_and_when_they_ask(tmp_path: Path) -> None:
    told = run_source(tmp_path, PROGRAM, "-q", "--snapshot", "--follow-fork")
    ends, asks = told.stdout.split()
    line = str(PROGRAM[: PROGRAM.index("  # child")].count("\n") + 1)
    # What its parent made the child holds, too; the line of it is not known to the child.
    for capture, objects, moment in (
        ("main.mscope", 11, "end"),
        (f"main-{ends}.mscope", 510, "end"),
        (f"main-{asks}.mscope", 710, "asked"),
    ):
        found = why(tmp_path, capture, "Job")
        assert [(of["path"], of["objects"]) for of in found["paths"]] == [
            ("__main__.kept[…]", objects)
        ]
        assert found["snapshot"]["moment"] == moment
        if objects > 11:
            made = why(tmp_path, capture, f"program.py:{line}")
            (jobs,) = [of for of in made["paths"] if of["path"] == "__main__.kept[…]"]
            assert jobs["objects"] == objects - 10


def test_without_the_option_there_are_those_that_are_asked_for(tmp_path: Path) -> None:
    told = run_source(tmp_path, PROGRAM, "-q", "--follow-fork")
    ends, asks = told.stdout.split()
    assert why(tmp_path, f"main-{asks}.mscope", "Job")["snapshot"]["moment"] == "asked"
    for name in ("main", f"main-{ends}"):
        refused = subprocess.run(
            [sys.executable, "-m", "memscope", "holders", f"{name}.mscope"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert refused.returncode == 1
        assert "has no snapshot" in refused.stderr


def test_who_ends_by_exit_says_why_there_is_none(tmp_path: Path) -> None:
    source = "import os\npid = os.fork() or os._exit(0)\nos.waitpid(pid, 0)\nprint(pid)\n"
    child = run_source(tmp_path, source, "-q", "--snapshot", "--follow-fork").stdout.strip()
    told = subprocess.run(
        [sys.executable, "-m", "memscope", "holders", f"main-{child}.mscope"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "it ended unasked, as by os._exit; " in told.stderr
    assert "recording.snapshot()" in told.stderr
