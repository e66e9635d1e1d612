"""`memscope snapshot PID` and `memscope run --every` write what is known of the program then."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from end_to_end.in_between import (
    AT_THE_END,
    IN_BETWEEN,
    PATIENCE_S,
    PROGRAM,
    figures_of,
    waiting,
)
from end_to_end.side_by_side import ENVIRONMENT

import memscope

SOURCE = PROGRAM.splitlines()


def snapshot(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "memscope", "snapshot", *arguments],
        cwd=place,
        env={**ENVIRONMENT, "XDG_RUNTIME_DIR": str(place / "runtime")},
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE_S,
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "runtime").mkdir(mode=0o700)
    return tmp_path


def environment(place: Path) -> dict[str, str]:
    return {"XDG_RUNTIME_DIR": str(place / "runtime")}


def test_a_program_is_asked_for_by_its_number_or_its_supervisors(place: Path) -> None:
    with waiting(place, environment=environment(place)) as supervisor:
        program = int((place / "ready").read_text())
        sockets = place / "runtime" / "memscope"
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in sockets.iterdir()] == [str(program)]
        for pid, output in ((program, "first.mscope"), (supervisor.pid, "second.mscope")):
            done = snapshot(place, str(pid), "-o", output)
            assert (done.returncode, done.stdout) == (0, ""), done.stderr
            assert done.stderr == f"memscope: the capture is {output}\n"
            assert figures_of(place / output, SOURCE) == IN_BETWEEN
        assert snapshot(place, str(program)).returncode == 0
        assert (place / f"memscope-snapshot-{program}.mscope").exists()
        again = snapshot(place, str(program), "-o", "first.mscope")
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)
        assert "exists already" in again.stderr
    assert list(sockets.iterdir()) == []
    assert figures_of(place / "whole.mscope", SOURCE) == AT_THE_END


def test_a_process_that_is_not_recorded_is_said_to_be_so(place: Path) -> None:
    done = snapshot(place, str(os.getpid()), "-o", "out.mscope")
    assert done.returncode == 1
    assert done.stderr == (
        f"memscope: process {os.getpid()} is not being recorded by `memscope run` of this user\n"
    )
    assert not (place / "out.mscope").exists()


# A child that waits, with what it has made since.
FORKS = """\
import os, time
pid = os.fork()
if pid == 0:
    kept = bytearray(1_000_000)  # child
    with open("pid", "w") as file:
        print(os.getpid(), file=file)
    os.rename("pid", "ready")
    while not os.path.exists("go"):
        time.sleep(0.01)
    os._exit(0)
os.waitpid(pid, 0)
"""


@pytest.mark.parametrize("follow", [True, False])
def test_a_forked_child_is_asked_for_by_its_number(place: Path, follow: bool) -> None:
    options = ["--follow-fork"] if follow else []
    with waiting(place, *options, environment=environment(place), program=FORKS):
        child = int((place / "ready").read_text())
        done = snapshot(place, str(child), "-o", "now.mscope")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1 - follow, "", 1)
        assert (place / "now.mscope").exists() == follow
    if follow:
        with memscope.load(place / "now.mscope") as capture:
            assert capture.meta.pid == child
            assert sum(capture.totals.live_bytes) > 1_000_000
    else:
        assert "--follow-fork records them" in done.stderr


@pytest.mark.slow
def test_where_others_may_enter_nobody_is_answered(place: Path) -> None:
    """The recording is as always."""
    open_to_all = place / "runtime" / "memscope"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with waiting(place, environment=environment(place)) as supervisor:
        assert list(open_to_all.iterdir()) == []
        assert snapshot(place, str(supervisor.pid)).returncode == 1
    assert figures_of(place / "whole.mscope", SOURCE) == AT_THE_END


@pytest.mark.slow
def test_captures_are_written_each_so_often_and_the_newest_are_kept(place: Path) -> None:
    with waiting(place, "--every", "1s", "--keep", "2", environment=environment(place)):
        until = time.monotonic() + PATIENCE_S
        while not (place / "whole.0004.mscope").exists() and time.monotonic() < until:
            time.sleep(0.05)
    left = sorted(place.glob("whole.*.mscope"))
    assert 2 <= len(left) <= 3  # one may have been written when the program ended
    assert not (place / "whole.0001.mscope").exists()
    assert figures_of(left[0], SOURCE) == IN_BETWEEN
    assert figures_of(place / "whole.mscope", SOURCE) == AT_THE_END


@pytest.mark.parametrize("options", [["--every", "10"], ["--every", "0.1s"], ["--keep", "0"]])
def test_a_time_that_is_none_is_wrong_usage(place: Path, options: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "memscope", "run", *options, "program.py"],
        cwd=place,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Error: Invalid value for ")
