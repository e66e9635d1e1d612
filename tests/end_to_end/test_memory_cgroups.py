"""A real memory cgroup: who is killed for it is told why, and who lets go in time is not killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from end_to_end.side_by_side import ENVIRONMENT

import memscope

pytestmark = pytest.mark.slow
PATIENCE_S = 300.0
LIMIT_V1 = "memory.limit_in_bytes"
LIMIT_BYTES = 160 << 20
# Blocks that the C library serves from its heap, where much of what is freed stays.
PROGRAM = """
import time
import memscope
cache = {}

def remember(number):
    cache[number] = b"x" * 20_000

DROP
for number in range(20_000):
    remember(number)
    if number % 50 == 0:
        time.sleep(0.04)
print("through")
"""
DROP = """
@memscope.on_pressure
def drop(limit):
    print(limit.source, limit.limit_bytes)
    cache.clear()
"""
HOLDING = PROGRAM.splitlines().index('    cache[number] = b"x" * 20_000') + 2


@dataclass(frozen=True, slots=True)
class Group:
    """A cgroup of version 1 or 2, with a limit of its memory."""

    place: Path

    def run(self, source: str, directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """The program joins the group, and the supervisor does not: while the memory of who was
        killed is taken back, the kernel may kill others of the group.
        """
        file = str(self.place / "cgroup.procs")
        joins = f"import os; open({file!r}, 'w').write(str(os.getpid()))"
        (directory / "program.py").write_text(f"{joins}\n{source}")
        words = ["run", "-q", *options, "-o", "main.mscope", "program.py"]
        return subprocess.run(
            [sys.executable, "-m", "memscope", *words],
            cwd=directory,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )


@pytest.fixture
def group() -> Iterator[Group]:
    for base, file in (("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", LIMIT_V1)):
        place = Path(base) / f"memscope-test-{os.getpid()}"
        with contextlib.suppress(OSError):
            place.mkdir()
            try:
                if not (place / file).exists():
                    continue
                (place / file).write_text(str(LIMIT_BYTES))
                yield Group(place)
                return
            finally:
                _remove(place)
    pytest.skip("no memory cgroup can be made here")


def _remove(place: Path) -> None:
    """Whoever packs a capture may still be ending."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            place.rmdir()
        except OSError:
            time.sleep(0.1)
        else:
            return


def test_who_is_killed_is_told_what_held_the_memory(group: Group, tmp_path: Path) -> None:
    done = group.run(PROGRAM.replace("DROP", ""), tmp_path)
    assert done.returncode == -9
    said = done.stderr.splitlines()
    place = next(number for number, line in enumerate(said) if "the program was killed" in line)
    assert said[place].endswith("of its limit of 160 MiB (cgroup); most was held by:")
    assert f"remember  {tmp_path}/program.py:{HOLDING}" in said[place + 1]
    with memscope.load(tmp_path / "main.mscope") as capture:
        assert capture.complete


@pytest.mark.parametrize("kept", ['b"x" * 20_000', "[(number, n) for n in range(300)]"])
def test_who_holds_it_and_what_it_is_is_told_with_snapshots(
    group: Group, tmp_path: Path, kept: str
) -> None:
    """Of large blocks, and of small objects, which are so many that there is no room at 80 %."""
    source = PROGRAM.replace("DROP", "").replace('b"x" * 20_000', kept)
    done = group.run(source, tmp_path, "--snapshot")
    assert done.returncode == -9
    said = done.stderr.splitlines()
    killed = next(number for number, line in enumerate(said) if "the program was killed" in line)
    assert f"program.py:{HOLDING}" in said[killed + 1]
    then = next(number for number, line in enumerate(said) if "most was kept alive by:" in line)
    way, _, types = said[then + 1].partition(": ")[2].partition(": ")
    assert way.endswith(("remember().cache", "__main__.cache"))
    assert types.startswith(("bytes ", "tuple "))


def test_a_forked_child_that_is_killed_has_its_holder_in_its_capture(
    group: Group, tmp_path: Path
) -> None:
    source = PROGRAM.replace("DROP", "").replace(
        "for number in range(20_000)",
        "import os\nif (child := os.fork()):\n"
        "    print(child, os.waitpid(child, 0)[1])\n    raise SystemExit\n"
        "for number in range(20_000)",
    )
    done = group.run(source, tmp_path, "--snapshot", "--follow-fork")
    child, status = done.stdout.split()
    assert status == "9"
    with memscope.load(tmp_path / f"main-{child}.mscope") as capture:
        asked = [moment for moment in capture.moments if moment.cause == "asked" and not moment.why]
    assert asked
    told = subprocess.run(
        [sys.executable, "-m", "memscope", "holders", f"main-{child}.mscope"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "remember().cache" in told or "__main__.cache" in told


def test_who_lets_go_when_it_is_told_to_is_not_killed(group: Group, tmp_path: Path) -> None:
    """It asks for 400 MB in all."""
    done = group.run(PROGRAM.replace("DROP", DROP), tmp_path)
    assert done.returncode == 0, done.stderr
    *told, last = done.stdout.splitlines()
    assert last == "through"
    assert len(told) >= 2
    assert set(told) == {f"cgroup {LIMIT_BYTES}"}
