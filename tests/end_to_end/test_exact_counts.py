"""Counts and bytes equal what is known beforehand, and what a plain counting hook counts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from end_to_end.side_by_side import PROGRAMS, Bench

COUNTED = Path(__file__).parent / "oracles" / "counted.py"
# Makes the answer, when counting is over.
LAST_COUNTED_LINE = COUNTED.read_text().split("return _testing.count_calls_stop")[0].count("\n") + 1
KNOWN = (PROGRAMS / "known.py").read_text().splitlines()

Row = dict[str, Any]


def row_at(rows: list[Row], comment: str) -> Row:
    """The row of the line of known.py that ends with this comment."""
    line = next(n for n, text in enumerate(KNOWN, 1) if text.endswith(f"# {comment}"))
    found = [row for row in rows if row["file"].endswith("known.py") and row["line"] == line]
    assert len(found) == 1, found
    assert found[0]["function"] == "known"
    return found[0]


@pytest.mark.parametrize(
    ("comment", "allocations", "allocated_bytes", "live_blocks", "live_bytes", "peak_bytes"),
    [
        ("hold raw", 1000, 700_000, 1000, 700_000, 700_000),
        ("hold mem", 300, 14_400, 300, 14_400, 14_400),
        ("hold obj", 200, 102_400, 200, 102_400, 102_400),
        ("hold zeroed", 100, 51_300, 100, 51_300, 51_300),
        ("hold empty", 10, 0, 10, 0, 0),
        ("churn", 5000, 200_000, 0, 0, 0),
        ("before", 100, 10_000, 0, 0, 0),
        ("grow", 100, 1_000_000, 100, 1_000_000, 1_000_000),
        ("huge", 1, 200_000_000, 0, 0, 200_000_000),
    ],
)
@pytest.mark.parametrize(
    "options",
    [["--no-objects"], ["--no-objects", "--events"], ["--objects"]],
    ids=["windows", "events", "objects"],
)
def test_known_allocations(
    bench: Bench,
    program: Callable[[str], str],
    options: list[str],
    comment: str,
    allocations: int,
    allocated_bytes: int,
    live_blocks: int,
    live_bytes: int,
    peak_bytes: int,
) -> None:
    # Left by os._exit: at the end of the run lives what lived at the last line.
    bench.write("known.py", "\n".join([*KNOWN, "import os", "os._exit(0)"]))
    assert bench.recorded("known.py", options=["-q", *options]).status == 0
    row = row_at(bench.json("hotspots", "--group", "line", "-n", "0")["rows"], comment)
    assert row["allocations"] == allocations
    assert row["allocated_bytes"] == allocated_bytes
    assert row["live_blocks"] == live_blocks
    assert row["live_bytes"] == live_bytes
    assert row["peak_bytes"] == peak_bytes
    assert row["frees"] == (0 if comment == "before" else allocations - live_blocks)


def test_sampling_keeps_large_blocks_exact_and_small_ones_unbiased(bench: Bench) -> None:
    bench.write(
        "script.py",
        "from memscope import _testing\n"
        "LARGE, SMALL = ('raw', 500, 4096), ('obj', 2_000_000, 48)\n"
        "large = _testing.allocate(*LARGE)\n"
        "small = _testing.allocate(*SMALL)\n"
        "import os; os._exit(0)\n",
    )
    assert bench.recorded("script.py", options=["-q", "--sample", "4096"]).status == 0
    assert bench.json("summary")["capture"]["mode"] == "sampled"
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    lines = {row["line"]: row for row in rows if row["file"].endswith("script.py")}
    assert (lines[3]["allocations"], lines[3]["live_bytes"]) == (500, 500 * 4096)
    # 23,000 of the small ones are expected in the sample: six deviations are 4 %.
    assert lines[4]["allocations"] == pytest.approx(2_000_000, rel=0.04)
    assert lines[4]["live_bytes"] == pytest.approx(96_000_000, rel=0.04)


def is_counted(row: Row) -> bool:
    """Whether the hook counted too: everything that counted() called, and all of the threads."""
    functions = [frame["function"] for frame in row["stack"]]
    if row["function"] == "<kept by the interpreter for reuse>":
        return False
    if not functions or functions[0].endswith("_bootstrap"):
        return True
    return "counted" in functions and row["stack"][-1]["line"] != LAST_COUNTED_LINE


@pytest.mark.parametrize(
    ("work", "at_most"),
    [
        ("empty_calls", 100),
        ("lookups", 100),
        ("method_calls", None),
        ("json_round_trip", None),
        ("exceptions", None),
        ("growth", None),
        ("threads", None),
        ("known_domains", None),
    ],
)
@pytest.mark.parametrize("objects", [[], ["objects"]], ids=["requests", "objects"])
def test_counts_equal_those_of_a_plain_hook(
    bench: Bench, work: str, at_most: int | None, objects: list[str]
) -> None:
    """Objects change nothing of what was asked for, nor of the lines that asked."""
    ran = bench.native(str(COUNTED), str(bench.capture), work, *objects)
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()
    counts = json.loads(ran.stdout)
    calls = {kind: sum(d[kind] for d in counts.values()) for kind in counts["raw"]}
    rows = bench.json("hotspots", "--group", "stack", "-n", "0")["rows"]
    counted = [row for row in rows if is_counted(row)]
    allocations = sum(row["allocations"] for row in counted)
    assert allocations == calls["malloc"] + calls["calloc"] + calls["realloc"]
    assert sum(row["allocated_bytes"] for row in counted) == calls["bytes"]
    if at_most is not None:
        assert allocations <= at_most
    if work == "known_domains":
        assert counts["raw"]["malloc"] == counts["mem"]["realloc"] == 6 * 50
        assert sum(row["frees"] for row in counted) == calls["free"]
        assert sum(row["live_blocks"] for row in counted) == 0


SCRATCH_AND_KEPT = """\
import gc

def loop(count):
    kept = [None] * count
    for number in range(count):
        scratch = {"number": number}
        scratch = None
        kept[number] = {"number": number}
    return kept

gc.disable()
gc.collect()  # nothing lies on a free list
kept = loop(COUNT)
"""


@pytest.mark.parametrize("objects", [False, True])
def test_lines_that_ask_and_lines_that_make(bench: Bench, objects: bool) -> None:
    """Line 8 makes its dictionaries where those of line 6 were; without objects nobody knows."""
    count = 2000
    program = bench.write("kept.py", SCRATCH_AND_KEPT.replace("COUNT", str(count)))
    options = ("-q", "--objects" if objects else "--no-objects")
    assert bench.recorded(str(program), options=options).status == 0
    found = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    rows = {row["line"]: row for row in found if row["file"] == str(program)}
    dict_bytes, keys_bytes = dict.__sizeof__({}) + 16, sys.getsizeof({"": 1}) - sys.getsizeof({})
    assert rows[6]["allocations"] == 2 * count
    assert rows[6]["allocated_bytes"] == count * (dict_bytes + keys_bytes)
    assert rows[6]["live_blocks"] == (0 if objects else 2 * count)
    assert 8 not in rows or rows[8]["allocations"] == 0
    if objects:
        assert rows[8]["live_blocks"] == 2 * count
        assert rows[8]["live_bytes"] == rows[6]["allocated_bytes"]
    else:
        assert 8 not in rows
        assert {(row["created"], row["reused"]) for row in found} == {(0, 0)}
        assert bench.json("types")["objects"]["recorded"] is False


def test_sampling_tells_objects_and_tables_of_keys_unbiased(bench: Bench) -> None:
    """A table goes to its dictionary's line, whether that one's block is sampled or not."""
    count = 200_000
    program = bench.write("kept.py", SCRATCH_AND_KEPT.replace("COUNT", str(count)))
    options = ("-q", "--objects", "--sample", "2048")
    assert bench.recorded(str(program), options=options).status == 0
    found = bench.json("hotspots", "--group", "line", "--by-type", "-n", "0")["rows"]
    live = {
        (row["line"], row["type"]["name"], row["type"]["kind"]): row["live_blocks"]
        for row in found
        if row["file"] == str(program) and row["type"]
    }
    # Of the dictionaries 6,200 are expected in the sample, of the tables 8,000 or more: six
    # deviations are 8 %.
    assert live[8, "dict", "object"] == pytest.approx(count, rel=0.08)
    assert live[8, "dict", "keys"] == pytest.approx(count, rel=0.08)
    assert sum(row["live_blocks"] for row in found if row["line"] == 6) < count / 1000


STORM = """\
import sys
import memscope
from memscope import _testing

threads, rounds, size = map(int, sys.argv[2:])
_testing.storm(threads, 100, size)  # whatever a first thread leaves behind
with memscope.record(sys.argv[1]):
    _testing.storm(threads, rounds, size)
"""


@pytest.mark.parametrize("size", [64, 4000])
def test_threads_that_free_each_others_blocks(bench: Bench, size: int) -> None:
    """A million blocks without the GIL: nothing lost, nothing doubled, nothing left over."""
    threads, rounds = 4, 250_000
    bench.write("storm.py", STORM)
    arguments = [str(bench.capture), str(threads), str(rounds), str(size)]
    assert bench.native("storm.py", *arguments).status == 0
    rows = bench.json("hotspots", "--group", "stack", "-n", "0")["rows"]
    outside = [row for row in rows if row["function"] == "<no Python frame>"]
    assert len(outside) == 1
    row = outside[0]
    resized = threads * len(range(0, rounds, 8))
    assert row["allocations"] == threads * rounds + resized
    assert row["allocated_bytes"] == threads * rounds * size + resized * 2 * size
    assert row["frees"] == threads * rounds
    assert (row["live_blocks"], row["live_bytes"]) == (0, 0)


def test_python_threads_that_free_each_others_blocks(bench: Bench) -> None:
    bench.write(
        "script.py",
        "import threading\n"
        "shelf, sizes = [None] * 64, list(range(1000, 1009))\n"
        "def work():\n"
        "    for n in range(50_000):\n"
        "        shelf[n & 63] = bytes(sizes[n % 9])\n"
        "workers = [threading.Thread(target=work) for _ in range(4)]\n"
        "for worker in workers: worker.start()\n"
        "for worker in workers: worker.join()\n"
        "shelf.clear()\n"
        "import os; os._exit(0)\n",
    )
    assert bench.recorded("script.py").status == 0
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    row = next(r for r in rows if r["file"].endswith("script.py") and r["line"] == 5)
    assert row["allocations"] == 200_000
    assert row["allocated_bytes"] == 4 * sum(1000 + n % 9 + 33 for n in range(50_000))
    assert (row["frees"], row["live_blocks"], row["live_bytes"]) == (200_000, 0, 0)
