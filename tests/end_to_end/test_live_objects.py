"""What is live stands at the lines that made the objects, and sums up to all that is live."""

from __future__ import annotations

import runpy
import textwrap
import tracemalloc
from collections import Counter

import pytest
from cli.console import call
from end_to_end.side_by_side import Bench

import memscope
from memscope.capture import Capture

# Its dictionaries come from a free list nearly always: line 4 allocates, and line 6 keeps.
PROGRAM = """\
def loop(count):
    kept = []
    for number in range(count):
        scratch = {"number": number}
        scratch = None
        kept.append({"number": number, "next": number})
    return kept

class Order:
    def __init__(self, number):
        self.parts = [number] * 30

kept = loop(COUNT)
orders = [Order(number) for number in range(COUNT)]
del orders[::2]
"""
COUNT = 3000


@pytest.fixture(scope="module", params=[False, True], ids=["", "tracemalloc is on"])
def capture(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Capture:
    place = tmp_path_factory.mktemp("objects")
    script = place / "loop.py"
    script.write_text(textwrap.dedent(PROGRAM))
    output = place / "loop.mscope"
    if request.param:
        tracemalloc.start()
    with memscope.record(output, objects=True):
        names = runpy.run_path(str(script), {"COUNT": COUNT})
    tracemalloc.stop()
    assert len(names["kept"]) == COUNT
    return memscope.load(output)


def live_blocks(capture: Capture) -> Counter[tuple[str, str, int]]:
    """By type's name and kind, and the line of the script."""
    found: Counter[tuple[str, str, int]] = Counter()
    rows, totals = capture.tables.rows, capture.totals
    for stack, number, blocks in zip(rows.stack, rows.type, totals.live_blocks, strict=True):
        frames = capture.tables.stack(stack)
        if frames and frames[-1].file.endswith("loop.py"):
            made = capture.tables.types[number]
            found[made.name, made.kind, frames[-1].line] += int(blocks)
    return found


def test_each_object_is_at_the_line_that_made_it(capture: Capture) -> None:
    live = live_blocks(capture)
    assert live["dict", "object", 4] == 0
    assert live["dict", "object", 6] == COUNT
    assert live["Order", "object", 14] == COUNT // 2
    assert live["list", "object", 11] == COUNT // 2


def test_what_an_object_holds_is_at_its_line(capture: Capture) -> None:
    live = live_blocks(capture)
    assert live["dict", "keys", 4] == 0
    assert live["list", "items", 11] == COUNT // 2


def test_rows_sum_up_to_what_is_live_and_to_the_peak(capture: Capture) -> None:
    assert capture.end is not None
    totals, sums = capture.totals, capture.end.sums
    assert sum(totals.live_bytes) == sums.live_bytes
    assert sum(totals.live_blocks) == sums.live_blocks
    assert sum(totals.peak_bytes) == sums.peak_bytes
    assert sum(totals.peak_blocks) == capture.end.peak_blocks
    assert sum(totals.allocations) == sums.allocations
    assert sum(totals.frees) == sums.frees


def test_windows_sum_up_to_what_is_live(capture: Capture) -> None:
    live = [0.0] * len(capture.tables.rows.stack)
    for window in capture.windows():
        changes = zip(window.row, window.allocated_bytes, window.released_bytes, strict=True)
        for row, more, less in changes:
            live[row - 1] += more - less
    assert live == list(capture.totals.live_bytes)


def test_the_capture_says_that_live_blocks_were_asked_for(capture: Capture) -> None:
    assert capture.meta.objects
    assert capture.end is not None
    assert capture.end.objects is not None
    assert capture.end.objects.types_of_live == "asked"


HELD = """\
import os, sys

def fill(lists):
    for one in lists:
        one.extend(SOME)

SOME = [None] * 100
lists = [[] for _ in range(50)]
fill(lists)
if sys.argv[1] == "before the end":
    lists.clear()
bytes(1) if sys.argv[1] != "not asked" else os._exit(0)
"""


@pytest.mark.parametrize("options", [[], ["--sample", "64"]], ids=["exact", "sampled"])
@pytest.mark.parametrize("when", ["asked", "before the end", "not asked"])
def test_arrays_whose_lists_are_not_known_are_uncertain(
    bench: Bench, when: str, options: list[str]
) -> None:
    """Line 5 asks for the arrays; line 8 makes the lists that hold them."""
    program = bench.write("held.py", HELD)
    ran = bench.recorded(str(program), when, options=("-q", "--objects", *options))
    assert ran.status == 0
    capture = memscope.load(bench.capture)
    rows, totals = capture.tables.rows, capture.totals
    at_line_5 = [
        row
        for row, stack in enumerate(rows.stack)
        if (frames := capture.tables.stack(stack)) and frames[-1].line == 5
        if frames[-1].file == str(program)
    ]
    certain, uncertain, peak = (
        sum(of[row] for row in at_line_5)
        for of in (totals.live_bytes, totals.uncertain_bytes, totals.uncertain_peak_bytes)
    )
    if when == "not asked" or (options and when == "asked"):
        assert uncertain == certain
    else:
        assert uncertain == 0
    if when == "not asked":
        assert certain > 30_000
    if when != "asked":
        assert peak > 30_000
    elif not options:
        assert (certain, peak) == (0, 0)


@pytest.mark.parametrize("when", ["asked", "not asked"])
def test_types_of_a_program_that_left_unasked_are_a_perhaps(bench: Bench, when: str) -> None:
    program = bench.write("held.py", HELD)
    bench.recorded(str(program), when, options=("-q", "--objects"))
    said = call("summary", bench.capture).stdout.splitlines()
    [types] = [line.split() for line in said if line.startswith("types ")]
    assert (types[1] == "perhaps") == (when == "not asked")
