"""Programs of many kinds do under memscope what they do without, and their captures are whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from end_to_end.side_by_side import Bench

PROGRAMS = [
    "threads.py",
    "daemon_threads.py",
    "tasks.py",
    "generators.py",
    "recursion.py",
    "fork.py",
    "children.py",
    "tracing.py",
    "tracemalloc_user.py",
    "allocating.py",
]


def assert_whole(bench: Bench) -> dict[str, Any]:
    """Nothing was dropped or lost, and no sum is negative."""
    summary: dict[str, Any] = bench.json("summary")
    assert summary["capture"]["complete"]
    assert summary["capture"]["mode"] == "exact"
    assert summary["capture"]["dropped_events"] == 0
    totals = summary["totals"]
    assert all(value >= 0 for value in totals.values())
    assert totals["allocations"] >= totals["live_blocks"]
    assert totals["peak_bytes"] >= totals["live_bytes"]
    for name in ("allocations", "allocated_bytes", "live_bytes"):
        assert totals[name] == sum(domain[name] for domain in summary["domains"])
    return summary


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program(bench: Bench, program: Callable[[str], str], name: str) -> None:
    ran = bench.same(program(name))
    assert (ran.status, ran.stderr) == (0, b"")
    assert ran.stdout
    assert_whole(bench)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes(bench: Bench, program: Callable[[str], str], method: str) -> None:
    ran = bench.same(program("processes.py"), method)
    assert ran.stdout.endswith(b"0 7\n")
    assert_whole(bench)


def test_a_program_that_becomes_another(bench: Bench, program: Callable[[str], str]) -> None:
    ran = bench.same(program("children.py"), "execute")
    assert ran.status == 4
    assert_whole(bench)


@pytest.mark.parametrize("options", [["--events"], ["--sample", "4096"]], ids=" ".join)
@pytest.mark.parametrize("name", ["threads.py", "fork.py", "tasks.py", "tracemalloc_user.py"])
def test_ways_of_recording(
    bench: Bench, program: Callable[[str], str], name: str, options: list[str]
) -> None:
    bench.same_with(options, program(name))
    assert bench.json("summary")["capture"]["complete"]


@pytest.mark.slow
@pytest.mark.parametrize("options", [["-X", "dev"], ["-O"], ["-I"]], ids=" ".join)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_with_options(
    bench: Bench, program: Callable[[str], str], name: str, options: list[str]
) -> None:
    bench.same(program(name), python_options=options)
    assert_whole(bench)


def test_a_fork_leaves_the_parent_alone(bench: Bench) -> None:
    """What a child allocates is not the parent's, and its end is not the parent's end."""
    bench.write(
        "script.py",
        "import os\n"
        "def grow():\n"
        "    return [bytearray(500_000) for _ in range(20)]\n"
        "if os.fork() == 0:\n"
        "    grow()\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "kept = [bytearray(100) for _ in range(100)]\n",
    )
    bench.same("script.py")
    assert_whole(bench)
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    lines = {row["line"] for row in rows if row["file"].endswith("script.py")}
    assert 8 in lines
    assert 3 not in lines


@pytest.mark.slow
def test_a_run_ten_times_as_long_makes_hardly_a_larger_capture(bench: Bench) -> None:
    query = "SELECT a, sum(b * (1 - c)) FROM t JOIN u USING (id) WHERE d IN (1, 2) GROUP BY a"
    sizes = []
    for rounds in (300, 3000):
        source = f"import sqlglot\nfor _ in range({rounds}): sqlglot.parse_one({query!r}).sql()\n"
        bench.write("script.py", source)
        assert bench.recorded("script.py").status == 0
        sizes.append(bench.capture.stat().st_size)
    assert sizes[1] <= 1.5 * sizes[0]
