"""What a program asks for itself: a capture of now, to be told of its memory limit, a recording."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from end_to_end.recorded import run_source
from end_to_end.side_by_side import ENVIRONMENT

import memscope

BLOCK_BYTES = sys.getsizeof(bytes(1000))


def alone(place: Path, source: str) -> subprocess.CompletedProcess[str]:
    """The same without `memscope run`."""
    (place / "program.py").write_text(source)
    return subprocess.run(
        [sys.executable, "program.py"],
        cwd=place,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def blocks(capture: Path, line: int) -> int:
    """How many blocks of `bytes(1000)` the line of the program has live."""
    with memscope.load(capture) as opened:
        rows, nodes = opened.tables.rows, opened.tables.nodes
        return sum(
            int(opened.totals.live_blocks[row])
            for row, node in enumerate(rows.stack)
            if nodes.line[node] == line
            and opened.totals.live_bytes[row] == opened.totals.live_blocks[row] * BLOCK_BYTES
        )


SNAPSHOT = """
import memscope
kept = [bytes(1000) for _ in range(500)]
path = memscope.snapshot("now.mscope")
print(path.name, path.is_absolute())
more = [bytes(1000) for _ in range(700)]
try:
    memscope.snapshot("now.mscope")
except memscope.MemscopeError as error:
    print(error)
print(memscope.snapshot(force=True).exists())
"""


def test_a_snapshot_is_of_what_was_recorded_by_then(tmp_path: Path) -> None:
    done = run_source(tmp_path, SNAPSHOT, "-q")
    assert done.stdout.splitlines() == [
        "now.mscope True",
        "now.mscope: the file exists already (force=True overwrites it)",
        "True",
    ]
    assert done.stderr == ""
    assert (blocks(tmp_path / "now.mscope", 3), blocks(tmp_path / "now.mscope", 6)) == (500, 0)
    (second,) = tmp_path.glob("memscope-snapshot-*.mscope")
    for capture in (second, tmp_path / "main.mscope"):
        assert (blocks(capture, 3), blocks(capture, 6)) == (500, 700)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "memscope.snapshot('now.mscope')",
            "this process is not being recorded (see memscope run)",
        ),
        (
            "with memscope.record('a.mscope'): memscope.snapshot('now.mscope')",
            "a capture of now takes `memscope run`: record() writes its own at its end",
        ),
        ("memscope.stop()", "no recording is on in this process"),
    ],
)
def test_what_cannot_be_had_is_said_in_a_line(tmp_path: Path, source: str, said: str) -> None:
    done = alone(tmp_path, f"import memscope\n{source}\n")
    assert done.stderr.splitlines()[-1] == f"memscope.errors.MemscopeError: {said}"
    assert not (tmp_path / "now.mscope").exists()


def test_a_recording_is_started_and_stopped(tmp_path: Path) -> None:
    source = """
import memscope
before = [bytes(1000) for _ in range(100)]
memscope.start("part.mscope", user_code=["."])
kept = [bytes(1000) for _ in range(500)]
path = memscope.stop()
after = [bytes(1000) for _ in range(100)]
print(path)
"""
    assert alone(tmp_path, source).stdout == f"{tmp_path / 'part.mscope'}\n"
    assert [blocks(tmp_path / "part.mscope", line) for line in (3, 5, 7)] == [0, 500, 0]
    again = tmp_path / "again"
    again.mkdir()
    assert run_source(again, source, "-q").stdout == "None\n"  # part of the other
    assert [blocks(again / "main.mscope", line) for line in (3, 5, 7)] == [100, 500, 100]


# Fills up to what is near the limit, is told, and lets go; each as often as it is told to.
PRESSURE = """
import threading, time
import memscope
kept = []
told = []
called = threading.Semaphore(0)

@memscope.on_pressure
def fails(limit):
    raise ValueError("in vain")

@memscope.on_pressure
def drop(limit):
    told.append((limit, threading.current_thread().name))
    kept.clear()
    called.release()

for _ in range(2):
    while not called.acquire(timeout=0.1):
        kept.append(b"x" * STEP)
    time.sleep(1.5)
for limit, thread in told:
    print(limit.source, limit.limit_bytes, 0.8 <= limit.share, thread)
"""


@pytest.mark.slow
def test_a_program_is_told_that_it_is_near_its_limit_and_told_again(tmp_path: Path) -> None:
    source = PRESSURE.replace("STEP", str(4 << 20))
    done = run_source(tmp_path, source, "-q", "--limit", "240MB")
    lines = done.stdout.splitlines()
    assert lines[:2] == [f"given {240 << 20} True memscope-pressure"] * 2
    assert done.stderr.count("ValueError: in vain") == len(lines)
    # The capture is of before it let go.
    with memscope.load(tmp_path / "main.at-80-percent.mscope") as capture:
        assert capture.end is not None
        assert capture.end.sums.live_bytes > 0.6 * (240 << 20)


@pytest.mark.slow
def test_without_memscope_run_it_is_told_all_the_same(tmp_path: Path) -> None:
    source = """
import resource
taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (5 * taken + (400 << 20), resource.RLIM_INFINITY))
""" + PRESSURE.replace("STEP", str(8 << 20))
    done = alone(tmp_path, source)
    first = done.stdout.splitlines()[0].split()
    assert (first[0], first[2]) == ("RLIMIT_AS", "True")
    assert done.returncode == 0
