"""A section comes to what a recording of its own comes to, whatever other sections came before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = '''
import gc, sys, threading
import memscope
from memscope.pytest_plugin.sections import Sections

kept = []

def work(count):
    rows = [{"number": str(n), "half": n / 2} for n in range(1000, 1000 + count)]
    text = ""
    for row in rows:
        text += row["number"]
    del rows[count // 2:]
    kept.append(bytearray(100_000))
    blob = bytearray()
    for n in range(200):
        blob += b"x" * n
    return sorted(row["half"] for row in rows)

def deep(depth):
    return deep(depth - 1) if depth else work(20)

def in_thread():
    thread = threading.Thread(target=work, args=(50,), name="worker")
    thread.start()
    thread.join()

def freed_by_the_next():
    while kept:
        kept.pop()
    return [bytes(100) for _ in range(200)]  # more than record() itself takes

def many():
    for n in range(70):
        work(300)

CASES = [lambda: work(300), lambda: deep(60), freed_by_the_next, many, lambda: None]

def section(sections, case):
    sections.begin()
    gc.collect()  # within: beginning a recording fills free lists, a section does not
    case()
    figures = sections.end()
    return figures

folder = sys.argv[1]
sections = Sections(objects=False)  # what free lists have would lend it a block more or less
for case in CASES:
    case()
seen = [[section(sections, case) for case in CASES] for _ in range(2)]
assert section(sections, in_thread).allocations > 400  # how a thread ends is not the same each time
seen.append([section(sections, case) for case in CASES])
assert seen[1] == seen[2], (seen[1], seen[2])
assert None not in seen[0]
sections.begin(); work(300); figures = sections.end()
by_line, by_function = sections.lines(), sections.functions()
sections.write(folder + "/section")
from memscope.capture import load
from memscope.pytest_plugin.roles import Role, Roles

def own_stacks(capture):
    """By node of a capture: whether the stack is the test's own."""
    known = Roles(capture.meta)
    codes, nodes = capture.tables.codes, capture.tables.nodes
    own, watched = [False] * len(nodes.code), [False] * len(nodes.code)
    for node, code in enumerate(nodes.code):
        if code and (role := known[codes.file[code]]) is not Role.RUNNER:
            parent = nodes.parent[node]
            watched[node] = role is Role.WATCHER or watched[parent]
            own[node] = (role is Role.TEST or own[parent]) and not watched[node]
    return own

with load(folder + "/section.mscope") as capture:
    own = own_stacks(capture)
    totals, stacks = capture.totals, capture.tables.rows.stack
    sums = lambda column: round(sum(value for value, s in zip(column, stacks) if own[s]))
    assert capture.complete
    came = map(sum, zip(totals.allocations, totals.taken_in))
    assert all(came)  # nothing that only other sections came by
    codes = capture.tables.codes
    assert {"work", "<module>"} <= set(codes.function)
    assert not {"deep", "in_thread", "freed_by_the_next"} & set(codes.function)
    assert sums(totals.peak_bytes) == figures.peak_bytes
    assert sums(totals.allocated_bytes) == figures.allocated_bytes
    assert sums(totals.allocations) == figures.allocations
    # By line, the oracle is what reads captures.
    from memscope.analysis.measures import Measures
    measures = Measures(capture)
    stacks, lines = measures.stacks, {}
    for name in ("peak_bytes", "allocated_bytes", "allocations", "live_bytes"):
        for stack, value in zip(measures.row_stacks, measures.values(name)):
            if own[stack] and value > 0:
                node = stacks.own[stack]
                frame = stacks.frame(node if node and own[node] else stack)
                of_line = lines.setdefault(frame, dict.fromkeys(
                    ("peak_bytes", "allocated_bytes", "allocations", "live_bytes"), 0))
                of_line[name] += round(value)
    from memscope.capture.model import CodeFrame
    told = {CodeFrame(line.function, line.file, line.line): line.figures for line in by_line}
    for frame, of_line in lines.items():
        figures_told = told.pop(frame)
        assert {name: getattr(figures_told, name) for name in of_line} == of_line, frame
    assert not any(left.allocations for left in told.values())
    assert len(lines) > 5
    functions = {}
    for frame, of_line in lines.items():
        functions[frame.function] = functions.get(frame.function, 0) + of_line["allocated_bytes"]
    assert functions == {function: allocated for (_, function), (_, allocated, _)
                         in by_function.items() if allocated}
sections.close()
for number, case in enumerate(CASES[:-1]):  # the last has no peak but that of what records it
    path = f"{folder}/alone-{number}.mscope"
    gc.collect()  # of what reading captures leaves: its end would count as the case's
    with memscope.record(path, objects=False):
        gc.collect()
        case()
    with load(path) as capture:
        own = own_stacks(capture)
        totals, stacks = capture.totals, capture.tables.rows.stack
        found = (sums(totals.peak_bytes), sums(totals.allocated_bytes), sums(totals.allocations))
    figures = seen[2][number]
    expected = (figures.peak_bytes, figures.allocated_bytes, figures.allocations)
    assert found == expected, (number, found, expected)
print("equal")
'''


def assert_says_equal(tmp_path: Path, source: str) -> None:
    """Runs a program that may write to a directory, and says so when all that it checks holds."""
    program = tmp_path / "program.py"
    program.write_text(source)
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.stdout == "equal\n", done.stderr


def test_a_section_is_like_a_recording_of_its_own(tmp_path: Path) -> None:
    assert_says_equal(tmp_path, PROGRAM)


NAMES = """
import gc, sys
from memscope.pytest_plugin.sections import Sections

NAME = "an attribute with a name of some length, made at run time, number %d"
SIZE = sys.getsizeof(NAME % 1000)

class Node:
    pass

def look_up(keep):
    node, kept = Node(), [None] * 1000
    for n in range(1000, 2000):
        name = NAME % n
        getattr(node, name, None)
        if keep:
            kept[n - 1000] = name
    return kept

def set_names(first):
    nodes = [Node() for _ in range(1000)]
    for n, node in enumerate(nodes, first):
        setattr(node, NAME % n, None)

sections = Sections()

gc.disable()  # it runs in one section and not in the next, as imports have it

def section(case, *arguments):
    sections.begin()
    kept = case(*arguments)
    return sections.end()

dropped, kept = section(look_up, False), section(look_up, True)
assert dropped.peak_bytes < 100 * SIZE, dropped  # 1,000 if the interpreter's cache counted
assert dropped.allocations >= 1000, dropped
assert kept.peak_bytes >= 1000 * SIZE, kept  # what the program holds counts
assert kept.live_bytes >= 1000 * SIZE, kept
# The table of interned strings grows now, and so in no section: how many are in it is the imports'.
[sys.intern(f"{n} interned") for n in range(100_000)]
section(set_names, 1000)
if sys.version_info[:2] == (3, 12):
    section(set_names, 3000)  # 3.12 keeps names that were interned for good
fresh = section(set_names, 3000)
again = section(set_names, 3000)
assert again == fresh, (fresh, again)  # no name of the section before is found in the cache
big = 5 << 30
assert section(lambda: [len(bytes(big)) for n in range(100)]).allocated_bytes > 100 * big
print("equal")
"""


def test_names_that_only_the_cache_of_attributes_holds_do_not_count(tmp_path: Path) -> None:
    assert_says_equal(tmp_path, NAMES)


FREE_LISTS = '''
import gc
from memscope.pytest_plugin.sections import Sections

def floats():
    return [float(n) + 0.5 for n in range(60)]

def objects():
    return [{"number": n} for n in range(70)], floats(), [(n, n) for n in range(15)]

def leave():
    """What the section made stays, and dies when no section is on."""
    kept.append(objects())

kept = []
sections = Sections()
seen = []
for _ in range(8):
    gc.collect()
    objects()  # free lists are full
    sections.begin()
    leave()
    seen.append(sections.end())
    kept.clear()
    sections.begin()
    objects()
    seen.append(sections.end())
sections.close()
for figures in seen:
    assert 0 <= figures.live_bytes < 1 << 20, seen
    assert 0 <= figures.peak_bytes < 1 << 20, seen
assert len({figures.live_bytes for figures in seen[6::2]}) == 1, seen
assert {figures.live_bytes for figures in seen[7::2]} == {0}, seen
print("equal")
'''


def test_blocks_of_free_lists_that_were_of_an_earlier_section(tmp_path: Path) -> None:
    assert_says_equal(tmp_path, FREE_LISTS)
