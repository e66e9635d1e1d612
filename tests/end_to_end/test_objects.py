"""A live object stands at the line that made it, whether its block was asked for or lay around."""

from __future__ import annotations

import json
import re

import pytest
from end_to_end.side_by_side import PROGRAMS, Bench
from end_to_end.typed_lines import WAYS, Way, live_by_line, numbered, record, rows_of, total

import memscope
from memscope.capture.format import FrameKind

OBJECTS = PROGRAMS / "objects.py"
SOURCE = OBJECTS.read_text()
MADE_ELSEWHERE = {"namedtuple"}  # in a function that collections generates


@WAYS
@pytest.mark.parametrize("where", ["main", "thread", "task"])
def test_known_objects_of_many_forms(bench: Bench, way: Way, where: str) -> None:
    told = json.loads(way(bench, OBJECTS, where))
    found = live_by_line(bench, OBJECTS)
    forms = {name: lines[0] for name in told if (lines := numbered(SOURCE, f"# keep {name}"))}
    assert len(forms) > 50
    assert [
        f"{name}, line {line}: made {told[name]}, memscope says {found.get(line)}"
        for name, line in forms.items()
        if name not in MADE_ELSEWHERE and found.get(line) != told[name]
    ] == []
    assert {line: found[line] for line in numbered(SOURCE, "# scratch") if line in found} == {}
    for name in MADE_ELSEWHERE:
        assert {of: total(bench, of) for of in told[name]} == told[name]
    assert {row["uncertain_bytes"] for row in rows_of(bench, OBJECTS)} == {0}


FROM_A_FREE_LIST = """\
def visit(number):
    return (number, number)

kept = [visit(number) for number in range(1000)]
for number in range(50_000):
    visit(number)
    [number]
"""


def test_a_recording_that_was_cut_off_says_that_its_requests_are_an_upper_bound(
    bench: Bench,
) -> None:
    """Windows count a block again each time that a free list gives it; only the totals know."""
    bench.write("script.py", FROM_A_FREE_LIST)
    assert bench.recorded("script.py", options=["-q"]).status == 0
    with memscope.load(bench.capture) as whole:
        frames = whole.index.frames
        place = next(at for at, frame in enumerate(frames) if frame.kind == FrameKind.TOTALS)
        before = frames[place - 1]
        asked, live = whole.sums.total.allocations, whole.sums.total.live_bytes
    path = bench.capture.with_name("cut.mscope")
    path.write_bytes(bench.capture.read_bytes()[: before.offset + before.length])
    with memscope.load(path) as cut:
        assert cut.sums.total.live_bytes == live
        assert cut.sums.total.allocations > asked + 50_000
        assert cut.requests_at_most
    said = bench.memscope("summary", str(path)).stdout.decode()
    head = said.split("\n")[0]
    assert "partial" in head
    assert "exact" not in head
    assert re.search(r"^requested +up to ", said, re.MULTILINE), said


SUBCLASSES = """\
import collections, gc

class Attributes(dict):
    pass

def fill(one):
    one["name"] = one

def make(count):
    kept = []
    for number in range(count):
        scratch = {"number": number}
        scratch = None
        kept.append(Attributes())
        fill(kept[-1])
    return kept

gc.disable()
gc.collect()  # no table of before the recording lies on a free list
kept = make(1000)
"""


@WAYS
def test_tables_of_subclasses_that_a_free_list_served(bench: Bench, way: Way) -> None:
    """Line 7 asks for a table, line 14 makes the dictionary that has it in the end."""
    program = bench.write("subclasses.py", SUBCLASSES)
    way(bench, program)
    found = live_by_line(bench, program)
    assert found[14]["__main__.Attributes"] == 1000
    assert found[14]["keys of __main__.Attributes"] == 1000
    assert not {7, 12} & found.keys()
    assert bench.json("types")["kept_for_reuse"]["live_blocks"] < 200


EIGHT_LINES = """\
def loop(kept):
    for i in range(200_000):
        scratch = {"number": i}
        scratch = None
        kept.append({"number": i, "name": "x"})
    return kept

kept = loop([])
print(len(kept), {type(one) for one in kept})
"""


@WAYS
def test_a_loop_that_keeps_every_second_dictionary(bench: Bench, way: Way) -> None:
    """Without the tables of keys, too, that the first one leaves on a free list."""
    program = bench.write("eight.py", EIGHT_LINES)
    assert way(bench, program) == "200000 {<class 'dict'>}\n"
    found = live_by_line(bench, program)
    assert found.get(3) is None
    assert found[5] == {"builtins.dict": 200_000, "keys of builtins.dict": 200_000}


TRACING = """\
import tracemalloc
tracemalloc.start()

def make(count):
    kept, others = [], []
    for _ in range(count):
        scratch = []
        others.append(object())
        scratch = None
        kept.append([])  # in the block of the first one
    return kept, others

kept = make(1000)
tracemalloc.stop()
"""


def test_a_program_that_traces_itself(bench: Bench) -> None:
    """Its hooks ask about each block that it allocates, as each object that is made does."""
    program = bench.write("tracing.py", TRACING)
    record(bench, program)
    found = live_by_line(bench, program)
    assert found[10]["builtins.list"] == 1000
    assert "builtins.list" not in found.get(7, {})


AGAIN_AND_AGAIN = """\
import itertools

def make(count):
    kept = []
    for number in range(3):
        for _ in itertools.repeat(None, count):
            scratch = []  # made
            scratch = []  # made
        kept.append(scratch)
        other = [number, scratch]
        del scratch[:], other
        for _ in itertools.repeat(None, count):
            scratch = []  # made
    return kept

kept = make(100_000)
"""


@WAYS
def test_loops_that_make_lists_and_allocate_nothing(bench: Bench, way: Way) -> None:
    program = bench.write("again.py", AGAIN_AND_AGAIN)
    way(bench, program)
    created = {
        line: sum(row["created"] for row in rows_of(bench, program) if row["line"] == line)
        for line in numbered(AGAIN_AND_AGAIN, "# made")
    }
    assert created == dict.fromkeys(numbered(AGAIN_AND_AGAIN, "# made"), 300_000)
    assert live_by_line(bench, program)[8]["builtins.list"] == 3


# On 3.11 the collector runs between an allocation and its object, which then counts as reused.
IN_BETWEEN = """\
import gc, itertools

gc.disable()

def make(count):
    kept = []
    for number in itertools.repeat(None, count):
        scratch = [number]  # short
        scratch = None
    for number in itertools.repeat(None, count):
        scratch = [number]  # long
        filler = bytes(1000)
        filler = scratch = None
    for number in range(count):
        scratch = [number]  # kept
        other = [number]  # dropped
        if number % 10 == 0:
            kept.append(scratch)
        scratch = other = None
    return kept

kept = make(100_000)
"""


@WAYS
def test_lists_that_are_made_in_the_same_blocks(bench: Bench, way: Way) -> None:
    """What is allocated between two of them changes nothing but how long they live."""
    program = bench.write("between.py", IN_BETWEEN)
    way(bench, program)
    places = [numbered(IN_BETWEEN, f"# {name}")[0] for name in ("short", "long", "kept", "dropped")]
    created = {
        line: sum(row["created"] for row in rows_of(bench, program) if row["line"] == line)
        for line in places
    }
    assert created == dict.fromkeys(places, 100_000)
    short, long, kept, dropped = places
    found = live_by_line(bench, program)
    assert found[kept]["builtins.list"] == 10_000
    assert "builtins.list" not in found.get(dropped, {})
    ages = {
        row["line"]: {step["from"]: step["count"] for step in row["bytes_histogram"]}
        for row in bench.json("lifetimes")["rows"]
        if row["file"].endswith("between.py")
    }
    # Lists and their arrays; of the few first ones the blocks were asked for.
    assert sum(ages[short].values()) == sum(ages[long].values()) == 200_000
    assert ages[short][16] >= 199_990
    assert ages[long][1024] >= 199_990
