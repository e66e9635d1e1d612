"""At 80 and 90 % of a limit a capture is written, and who was killed there is told why."""

from __future__ import annotations

import re
import signal
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


# Both come to the limit; one is killed there, as for its memory, and one is refused more.
CHILDREN = """
import os, resource, signal, time

class Cache:
    def __init__(self):
        self.pages = []
    def hold(self):
        self.pages.append(b"x" * (1 << 20))  # the line

def work(is_killed):
    resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))
    cache = Cache()
    while True:
        try:
            cache.hold()
        except MemoryError:
            time.sleep(0.7)
            if is_killed:
                os.kill(os.getpid(), signal.SIGKILL)
            raise
        time.sleep(0.003)

def leave():
    time.sleep(0.5)
    os._exit(0)

for end in (lambda: work(True), lambda: work(False), leave):
    if os.fork() == 0:
        end()
for _ in range(3):
    print(*os.wait())
"""


@pytest.mark.slow
def test_children_that_end_at_their_limit_are_told_with_what_held_it(tmp_path: Path) -> None:
    done = run_source(tmp_path, CHILDREN, "-q", "--follow-fork")
    ended = {int(status): int(pid) for pid, status in map(str.split, done.stdout.splitlines())}
    said = [part.removeprefix("memscope: ") for part in done.stderr.splitlines()]
    line = 1 + next(at for at, text in enumerate(CHILDREN.splitlines()) if "# the line" in text)
    for status, how, moment in (
        (signal.SIGKILL, r"was killed while it had", "most was held by:"),
        (1 << 8, r"ended with status 1, and had", "at its peak most was held by:"),
    ):
        start = rf"child {ended[status]} \(forked\) {how} 2\d\d MiB of its limit of 256 MiB"
        whole = re.compile(rf"{start} \(RLIMIT_AS\); its capture is main-{ended[status]}.mscope; ")
        [place] = [at for at, text in enumerate(said) if whole.match(text)]
        assert said[place].endswith(moment)
        assert said[place + 1].endswith(f" Cache.hold  {tmp_path}/program.py:{line}")
    assert not any(f"child {ended[0]}" in text for text in said)
    for status, expected in ((signal.SIGKILL, (None, 9)), (1 << 8, (1, None)), (0, (0, None))):
        with memscope.load(tmp_path / f"main-{ended[status]}.mscope") as capture:
            assert capture.exit is not None
            assert (capture.exit.status, capture.exit.signal) == expected
