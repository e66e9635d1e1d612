"""Every allocator that Python can be given: programs run as before, and are recorded as exactly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from end_to_end.side_by_side import ENVIRONMENT, Bench

ALLOCATORS = {
    "malloc": "malloc",
    "malloc_debug": "malloc_debug",
    "pymalloc": "pymalloc",
    "pymalloc_debug": "pymalloc_debug",
    "default": "pymalloc",
    "debug": "pymalloc_debug",
    "mimalloc": "mimalloc",
    "mimalloc_debug": "mimalloc_debug",
}

KNOWN = """\
class Small:
    __slots__ = ("a", "b")
kept = [Small() for _ in range(1000)]
large = [bytearray(9_999) for _ in range(100)]
"""


def skip_unless_supported(allocator: str) -> dict[str, str]:
    environment = {"PYTHONMALLOC": allocator}
    probe = [sys.executable, "-c", ""]
    done = subprocess.run(
        probe, env=ENVIRONMENT | environment, capture_output=True, check=False, timeout=600
    )
    if done.returncode != 0:
        pytest.skip(f"this Python has no {allocator}")
    return environment


@pytest.mark.parametrize("allocator", ALLOCATORS)
@pytest.mark.parametrize("name", ["allocating.py", "threads.py", "fork.py", "tracemalloc_user.py"])
def test_a_program(bench: Bench, program: Callable[[str], str], name: str, allocator: str) -> None:
    ran = bench.same(program(name), environment=skip_unless_supported(allocator))
    assert (ran.status, ran.stderr) == (0, b"")


@pytest.mark.parametrize("allocator", ALLOCATORS)
def test_what_is_recorded(bench: Bench, allocator: str) -> None:
    bench.write("script.py", KNOWN)
    bench.same("script.py", environment=skip_unless_supported(allocator))
    assert bench.json("summary")["capture"]["allocator"] == ALLOCATORS[allocator]
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    lines = {row["line"]: row for row in rows if row["file"].endswith("script.py")}
    # Sizes are those that the program asked for, without what a debugging allocator adds.
    assert lines[4]["allocated_bytes"] >= 100 * 10_000
    # From 3.15 on a bytearray keeps its bytes in another object.
    of_objects = 100 * (112 if sys.version_info >= (3, 15) else 64)
    assert lines[4]["allocated_bytes"] < 100 * 10_000 + of_objects + 5600  # their list
    assert lines[3]["allocations"] >= 1000


@pytest.mark.parametrize("value", ["nonsense", ""])
def test_a_value_that_python_refuses(bench: Bench, value: str) -> None:
    """Python itself does not start; memscope says what Python says."""
    environment = {"PYTHONMALLOC": value}
    native = bench.native("-c", "print('ran')", environment=environment)
    recorded = bench.recorded("-c", "print('ran')", environment=environment)
    assert recorded.status == native.status
    assert recorded.stdout == native.stdout
