"""At 80 and 90 % of a limit a capture is written, and who was killed there is told why."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from end_to_end.recorded import run_source

import memscope

# Holds 4 MiB more at a time, until a capture is there; at the end it is killed, as for its memory.
PROGRAM = """
import os, signal, time
kept = []

def hold():
    kept.append(b"x" * (4 << 20))

def grow_until(name):
    for _ in range(60):
        if os.path.exists(name):
            return
        if len(kept) < 60:
            hold()
        time.sleep(0.3)

grow_until("main.at-80-percent.mscope")
grow_until("main.at-90-percent.mscope")
while len(kept) < 60:
    hold()
time.sleep(2)
os.kill(os.getpid(), signal.SIGKILL)
"""
HOLDING = PROGRAM.splitlines().index('    kept.append(b"x" * (4 << 20))') + 1


@pytest.mark.slow
def test_captures_are_written_on_the_way_and_the_end_is_explained(tmp_path: Path) -> None:
    done = run_source(tmp_path, PROGRAM, "-q", "--limit", "240MB", check=False)
    said = done.stderr.splitlines()
    assert any("at-80-percent.mscope" in line for line in said), said
    for share in (80, 90):
        with memscope.load(tmp_path / f"main.at-{share}-percent.mscope") as capture:
            assert capture.end is not None
            assert capture.end.reason == "interim"
            assert capture.end.sums.live_bytes > (share - 25) / 100 * (240 << 20)
    place = next(number for number, line in enumerate(said) if "the program was killed" in line)
    assert "of its limit of 240 MiB (given); most was held by:" in said[place]
    assert said[place + 1].endswith(f"hold  {tmp_path}/program.py:{HOLDING}")
    assert sorted(path.name for path in tmp_path.glob("*.mscope")) == [
        "main.at-80-percent.mscope",
        "main.at-90-percent.mscope",
        "main.mscope",
    ]


@pytest.mark.slow
def test_who_is_refused_memory_is_told_what_held_it(tmp_path: Path) -> None:
    source = """
        import resource, time
        resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
        class Shop:
            def __init__(self):
                self.orders = []
            def take(self):
                self.orders.append(bytes(4000))  # the line
        shop = Shop()
        for number in range(100_000):
            shop.take()
            if number % 500 == 0:
                time.sleep(0.01)
    """
    done = run_source(tmp_path, textwrap.dedent(source), "-q", "--snapshot", check=False)
    line = 1 + next(at for at, text in enumerate(source.splitlines()) if "# the line" in text)
    assert done.returncode == 1
    assert "MemoryError" in done.stderr
    said = "\n".join(part for part in done.stderr.splitlines() if part.startswith("memscope: "))
    assert "the program ended with status 1, and had " in said
    assert "of its limit of 300 MiB (RLIMIT_AS); at its peak most was held by:" in said
    assert f"Shop.take  {tmp_path}/program.py:{line}" in said
    assert re.search(r"before its end, most was kept alive by:\nmemscope: .*orders: bytes ", said)
    for share in (80, 90):
        with memscope.load(tmp_path / f"main.at-{share}-percent.mscope") as capture:
            assert capture.snapshot is not None, share


def test_a_program_far_from_its_limit_is_left_alone(tmp_path: Path) -> None:
    done = run_source(
        tmp_path, "import os; os.kill(os.getpid(), 9)", "-q", "--limit", "8GB", check=False
    )
    assert done.stderr == ""
    assert [path.name for path in tmp_path.glob("*.mscope")] == ["main.mscope"]


@pytest.mark.parametrize("size", ["12", "0MB", "much"])
def test_a_limit_is_a_size(tmp_path: Path, size: str) -> None:
    done = run_source(tmp_path, "pass", "--limit", size, check=False)
    assert done.returncode == 2
    assert "Invalid value for '--limit'" in done.stderr
