"""Forked children: unrecorded by default, each with a capture of its own under --follow-fork."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
    script = tmp_path / "forks.py"
    script.write_text(PROGRAM)
    command = [sys.executable, "-m", "memscope", "run", "--no-summary", *options]
    return subprocess.run(
        [*command, "-o", str(tmp_path / "main.mscope"), str(script)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,  # not the checkout, where `memscope` is only a source directory
        timeout=600,
    )


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
    script = tmp_path / "pool.py"
    script.write_text(
        "import multiprocessing\n"
        "def work(n):\n    return len([0] * n)\n"
        "if __name__ == '__main__':\n"
        f"    with multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        "        print(pool.map(work, [10, 20, 30]))\n"
    )
    command = [sys.executable, "-m", "memscope", "run", "-q", "--follow-fork"]
    outcome = subprocess.run(
        [*command, "-o", str(tmp_path / "pool.mscope"), str(script)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,  # not the checkout, where `memscope` is only a source directory
        timeout=600,
    )
    assert outcome.stdout == "[10, 20, 30]\n"
    assert len(list(tmp_path.glob("pool-*.mscope"))) == 2
