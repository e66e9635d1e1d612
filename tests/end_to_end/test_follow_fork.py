"""Forked children: unrecorded by default, each with a capture of its own under --follow-fork."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from end_to_end.recorded import run_source

import memscope

PROGRAM = """
import os, sys
def child(number):
    kept = [bytes(1000) for _ in range(number * 1000)]
    os._exit(number)
for number in (1, 2):
    pid = os.fork()
    if pid == 0:
        child(number)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def run(tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run_source(tmp_path, PROGRAM, "--no-summary", *options)


def test_children_are_left_alone_by_default(tmp_path: Path) -> None:
    assert run(tmp_path).stdout == "1\n2\n"
    assert [path.name for path in tmp_path.glob("*.mscope")] == ["main.mscope"]


def test_each_child_has_its_own_exact_capture(tmp_path: Path) -> None:
    outcome = run(tmp_path, "--follow-fork")
    assert outcome.stdout == "1\n2\n"
    children = sorted(tmp_path.glob("main-*.mscope"), key=lambda path: path.stat().st_mtime)
    assert len(children) == 2
    for path in children:
        assert path.name in outcome.stderr
    # They end by os._exit: all that they had is still live, up to the last block.
    live = []
    for path in children:
        with memscope.load(path) as capture:
            assert capture.complete
            blocks = [size for size in capture_live_sizes(capture) if size == 1033]
            live.append(len(blocks))
    assert sorted(live) == [1000, 2000]


def capture_live_sizes(capture: memscope.Capture) -> list[int]:
    """Requested size of each live block of the rows that hold blocks of one size."""
    sizes: list[int] = []
    totals = capture.totals
    for count, allocated, released, released_bytes in zip(
        totals.allocations,
        totals.allocated_bytes,
        totals.released,
        totals.released_bytes,
        strict=True,
    ):
        blocks = int(count - released)
        if blocks and (allocated - released_bytes) % blocks == 0:
            sizes += [int(allocated - released_bytes) // blocks] * blocks
    return sizes


@pytest.mark.parametrize("method", ["fork"])
def test_pools_are_followed(tmp_path: Path, method: str) -> None:
    source = (
        "import multiprocessing\n"
        "def work(n):\n    return len([0] * n)\n"
        "if __name__ == '__main__':\n"
        f"    with multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        "        print(pool.map(work, [10, 20, 30]))\n"
        "        pool.close()\n"  # the end of the block would kill one that has not begun
        "        pool.join()\n"
    )
    outcome = run_source(tmp_path, source, "-q", "--follow-fork")
    assert outcome.stdout == "[10, 20, 30]\n"
    assert len(list(tmp_path.glob("main-*.mscope"))) == 2


# ---- children that outlive the program -----------------------------------------------------------

# The child waits for a file, and then has 2,000 blocks of its own.
OUTLIVING = """
import os, sys, time
if os.fork() == 0:
    with open("child.part", "w") as file:
        file.write(str(os.getpid()))
    os.rename("child.part", "child")
    {before}
    while not os.path.exists("go"):
        time.sleep(0.01)
    kept = [bytes(1000) for _ in range(2000)]
    os._exit(0)
while not os.path.exists("child"):
    time.sleep(0.01)
print("launched")
sys.exit(3)
"""
LET_GO = "os.setsid(); [os.close(fd) for fd in range(3)]"


@contextmanager
def outlived(
    tmp_path: Path, before: str = LET_GO
) -> Iterator[tuple[subprocess.CompletedProcess[str], int]]:
    """A run that is over, and the pid of its child that is not."""
    source = OUTLIVING.replace("{before}", before)
    options = ("--follow-fork", "--no-summary")
    try:
        outcome = run_source(
            tmp_path, source, *options, check=False, timeout=60, start_new_session=True
        )
        yield outcome, int((tmp_path / "child").read_text())
    finally:
        (tmp_path / "go").touch()
        with suppress(OSError, ValueError):
            pid = int((tmp_path / "child").read_text())
            wait_until(lambda: not is_running(pid))


def wait_until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def recorders_of(tmp_path: Path) -> list[int]:
    """The processes of memscope that work in a directory."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if b"memscope" in words and (entry / "cwd").readlink() == tmp_path:
                found.append(int(entry.name))
    return found


def test_recording_goes_on_while_a_child_lives(tmp_path: Path) -> None:
    with outlived(tmp_path) as (outcome, pid):
        assert (outcome.returncode, outcome.stdout) == (3, "launched\n")
        told = f"still recorded, each with a capture when it ends: forked children {pid}\n"
        assert told in outcome.stderr
        assert "unrecorded" not in outcome.stderr
        assert is_running(pid)
        assert len(recorders_of(tmp_path)) == 1
    wait_until(lambda: not recorders_of(tmp_path))
    with memscope.load(tmp_path / f"main-{pid}.mscope") as capture:
        assert capture.complete
        assert capture_live_sizes(capture).count(1033) == 2000


def test_the_recorder_holds_nothing_of_the_programs_surroundings(tmp_path: Path) -> None:
    with outlived(tmp_path):
        (recorder,) = recorders_of(tmp_path)
        files = [
            os.readlink(f"/proc/{recorder}/fd/{fd}") for fd in os.listdir(f"/proc/{recorder}/fd")
        ]
        assert not [name for name in files if name.startswith(("pipe:", "/dev/pts", "/dev/tty"))]
        assert os.getsid(recorder) == recorder
        terminal = Path(f"/proc/{recorder}/stat").read_text().rpartition(")")[2].split()[4]
        assert terminal == "0"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_the_recorder_outlives_what_ends_a_session(tmp_path: Path, number: int) -> None:
    with outlived(tmp_path) as (_, pid):
        (recorder,) = recorders_of(tmp_path)
        os.kill(recorder, number)
    wait_until(lambda: not recorders_of(tmp_path))
    with memscope.load(tmp_path / f"main-{pid}.mscope") as capture:
        assert capture.complete


def test_a_child_that_holds_a_pipe_holds_it_as_without_memscope(tmp_path: Path) -> None:
    """`| cat` waits for the child, which has the pipe, and for nobody else."""
    script = tmp_path / "holds.py"
    script.write_text(
        "import os, time\nif os.fork() == 0:\n    time.sleep(0.5)\n"
        "    os.write(1, b'last words')\n    os._exit(0)\n"
    )
    command = [sys.executable, "-m", "memscope", "run", "--follow-fork", "-q", "-o", "m.mscope"]
    outcome = subprocess.run(
        [*command, str(script)], stdout=subprocess.PIPE, cwd=tmp_path, check=True, timeout=60
    )
    assert outcome.stdout == b"last words"
    wait_until(lambda: not recorders_of(tmp_path))
    assert len(list(tmp_path.glob("m-*.mscope"))) == 1


def test_a_child_that_is_killed_later_is_recorded_to_its_end(tmp_path: Path) -> None:
    keeps = "kept = [bytes(1000) for _ in range(1000)]; open('ready', 'w').close()"
    with outlived(tmp_path, f"{LET_GO}; {keeps}") as (_, pid):
        wait_until((tmp_path / "ready").exists)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not recorders_of(tmp_path))
        with memscope.load(tmp_path / f"main-{pid}.mscope") as capture:
            assert capture.complete
            assert capture_live_sizes(capture).count(1033) == 1000


def test_a_child_forked_after_the_programs_end_is_recorded(tmp_path: Path) -> None:
    forks = (
        "while not os.path.exists('fork'): time.sleep(0.01)\n    inner = os.fork()\n"
        "    if inner == 0: late = [bytes(3000) for _ in range(50)]; os._exit(0)\n"
        "    os.waitpid(inner, 0)"
    )
    with outlived(tmp_path, f"{LET_GO}\n    {forks}") as (_, pid):
        (tmp_path / "fork").touch()
    wait_until(lambda: not recorders_of(tmp_path))
    (late,) = set(tmp_path.glob("main-*.mscope")) - {tmp_path / f"main-{pid}.mscope"}
    with memscope.load(late) as capture:
        assert capture_live_sizes(capture).count(3033) == 50


# ---- many children -------------------------------------------------------------------------------


def follow(tmp_path: Path, source: str) -> subprocess.CompletedProcess[str]:
    return run_source(tmp_path, source, "--follow-fork", "--no-summary")


def test_places_are_used_again(tmp_path: Path) -> None:
    outcome = follow(
        tmp_path,
        "import os\nfor number in range(300):\n    pid = os.fork()\n"
        "    if pid == 0: kept = [bytes(1000) for _ in range(number)]; os._exit(0)\n"
        "    os.waitpid(pid, 0)\n",
    )
    assert "unrecorded" not in outcome.stderr
    captures = list(tmp_path.glob("main-*.mscope"))
    assert len(captures) == 300
    counts = []
    for path in captures[::30]:
        with memscope.load(path) as capture:
            assert capture.complete
            counts.append(capture_live_sizes(capture).count(1033))
    assert len(set(counts)) == len(counts), "each child has its own"


def test_children_beyond_the_limit_are_counted_and_said(tmp_path: Path) -> None:
    outcome = follow(
        tmp_path,
        "import glob, os, time\nread, write = os.pipe()\npids = []\n"
        "for _ in range(70):\n    pid = os.fork()\n"
        "    if pid == 0: os.close(write); os.read(read, 1); os._exit(0)\n    pids.append(pid)\n"
        "while len(glob.glob('main-*.mscope')) < 64: time.sleep(0.01)\n"
        "time.sleep(2)\nos.close(write)\n"
        "for pid in pids: os.waitpid(pid, 0)\n"
        "time.sleep(4)\n"
        "pid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)\n",
    )
    assert "unrecorded: 6 forked processes: too many at once to be followed" in outcome.stderr
    assert len(list(tmp_path.glob("main-*.mscope"))) == 65
    with memscope.load(tmp_path / "main.mscope") as capture:
        assert capture.exit is not None
        assert capture.exit.refused == 6
        assert capture.end is not None
        assert capture.end.processes is not None
        assert (capture.end.processes.forked, capture.end.processes.followed) == (71, 71)


def test_a_child_has_its_own_figures(tmp_path: Path) -> None:
    follow(
        tmp_path,
        "import json, os, resource, time\npid = os.fork()\nif pid == 0:\n"
        "    busy = sum(range(5_000_000)); kept = bytearray(80_000_000); time.sleep(0.5)\n"
        "    usage = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    peak = open('/proc/self/status').read().split('VmHWM:')[1].split()[0]\n"
        "    json.dump([usage.ru_utime + usage.ru_stime, int(peak) * 1024], open('told', 'w'))\n"
        "    time.sleep(0.5); os._exit(0)\n"
        "os.waitpid(pid, 0)\n",
    )
    cpu_s, peak_bytes = json.loads((tmp_path / "told").read_text())
    (path,) = tmp_path.glob("main-*.mscope")
    with memscope.load(path) as capture:
        assert capture.exit is not None
        assert abs(capture.exit.cpu_s - cpu_s) < 0.1
        assert abs(capture.exit.peak_resident_bytes - peak_bytes) < 2 << 20


def test_what_is_spawned_is_said_to_be_unrecorded_all_the_same(tmp_path: Path) -> None:
    outcome = follow(
        tmp_path,
        "import multiprocessing\nif __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(2) as pool: pool.map(abs, range(3))\n",
    )
    assert re.search(r"unrecorded: 3 spawned processes .*multiprocessing\.spawn", outcome.stderr)
