"""Live blocks and bytes of every line equal tracemalloc's, in the same run, with no tolerance."""

from __future__ import annotations

import marshal
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from end_to_end.side_by_side import Bench

ORACLES = Path(__file__).parent / "oracles"
ORACLE = ORACLES / "same_run.py"
PACKAGES = ["json_round_trip", "sql_parser", "html_parser", "template_engine"]
OTHERS = ["syntax_trees", "threads", "growth", "recursion"]

Lines = dict[tuple[str, int], tuple[int, int]]


def is_of_the_measuring(file: str) -> bool:
    own = (str(ORACLE), "allocation_tracer.py", f"{os.sep}tracemalloc.py")
    return file.endswith(own) or f"{os.sep}memscope{os.sep}" in file


def add_up(blocks: Iterable[tuple[str, int, int, int]], left_out: set[str]) -> Lines:
    counts: Counter[tuple[str, int]] = Counter()
    sizes: Counter[tuple[str, int]] = Counter()
    for file, line, count, size_bytes in blocks:
        if count and file not in left_out and not is_of_the_measuring(file):
            counts[file, line] += count
            sizes[file, line] += size_bytes
    return {place: (counts[place], sizes[place]) for place in counts}


def row_as_blocks(row: dict[str, Any]) -> tuple[str, int, int, int]:
    file = "<unknown>" if row["function"] == "<no Python frame>" else row["file"]
    return file, row["line"], row["live_blocks"], row["live_bytes"]


def assert_equal_lines(bench: Bench, answer: Path) -> None:
    lines, files_before = marshal.loads(answer.read_bytes())
    left_out = set(files_before)
    rows = bench.json("hotspots", "--group", "line", "--by", "live_bytes", "-n", "0")["rows"]
    ours = add_up(map(row_as_blocks, rows), left_out)
    theirs = add_up(((file, line, 1, size) for file, line, size in lines), left_out)
    assert len(theirs) > 5
    assert sum(count for count, _ in theirs.values()) > 100
    assert [
        f"{file}:{line}: memscope {ours.get((file, line))}, tracemalloc {theirs.get((file, line))}"
        for file, line in sorted(ours.keys() | theirs.keys())
        if ours.get((file, line)) != theirs.get((file, line))
    ] == []


@pytest.mark.parametrize("workload", [*PACKAGES, *OTHERS])
def test_recorded_within_the_program(bench: Bench, workload: str) -> None:
    answer = bench.captures / "answer.json"
    ran = bench.native(str(ORACLE), "record", workload, str(answer), str(bench.capture))
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()
    assert_equal_lines(bench, answer)


@pytest.mark.parametrize(
    "workload", [*PACKAGES, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
)
def test_recorded_from_outside(bench: Bench, workload: str) -> None:
    """tracemalloc is there first: memscope sees each request before it, and none of its own."""
    answer = bench.captures / "answer.json"
    tracing = ["-X", "tracemalloc=7"]
    ran = bench.recorded(
        str(ORACLE), "run", workload, str(answer),
        options=["-q", "--no-objects"], python_options=tracing,
    )  # fmt: skip
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()
    assert_equal_lines(bench, answer)
