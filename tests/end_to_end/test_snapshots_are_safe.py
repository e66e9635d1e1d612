"""Snapshots of a program that is never at rest: it goes on as if there were none."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from end_to_end.side_by_side import PROGRAMS

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings

FROM_A_THREAD = """\
import sys
import memscope, restless

def take():
    taken = 0
    while taken < int(sys.argv[1]):
        taken += recording.snapshot()
    print(taken)

with memscope.record("main.mscope") as recording:
    restless.run(take)
"""
# Between two of them something happens, in the thread that asks as well.
WHEREVER = """\
import collections, ctypes, functools, itertools, json, pickle, re, sqlite3, sys
import memscope, restless

taken = 0
def take():
    global taken
    taken += recording.snapshot()

class OnDeath:
    def __del__(self):
        take()

class Odd:
    def __hash__(self):
        take()
        return 7
    def __eq__(self, other):
        take()
        return self is other

class Fails:
    def __init__(self):
        take()
        raise ValueError

class Meta(type):
    def __new__(meta, *args):
        take()
        made = super().__new__(meta, *args)
        take()
        return made

class Named:
    def __set_name__(self, owner, name):
        take()

class OnPickle:
    def __reduce__(self):
        take()
        return OnPickle, (), {"state": [take()]}

Point = collections.namedtuple("Point", "x y")
database = sqlite3.connect(":memory:")
database.create_function("planted", 1, lambda number: take() or number)

def yields():
    try:
        take()
        yield [1]
    finally:
        take()

# What C code makes is there for the collector before it is whole: a list that is sorted has no
# items, a tuple has not all of its own.
def in_c():
    def items(count):
        for number in range(count):
            take()
            yield [number]
    made = [tuple(items(2)), list(items(2)), collections.deque(items(2)), {*map(id, items(2))}]
    made.append(dict(zip("ab", items(2))))
    made.append(collections.OrderedDict.fromkeys(map(str, range(2)), [take()]))
    made.append(Point._make(items(2)))
    made.extend(items(2))
    made.append(json.loads('[{"a": [1, {"b": []}]}]', object_hook=lambda found: take() or found))
    made.append(re.sub("a", lambda match: take() or "b", "banana"))
    made.append(pickle.loads(pickle.dumps([OnPickle(), [OnPickle()]])))
    made.append([*itertools.groupby("aab", lambda letter: take() or letter)])
    made.append(functools.reduce(lambda one, other: [one, other, take()], range(3)))
    made.append(database.execute("select planted(1), planted(2)").fetchall())
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.py_object)(lambda given: take() or 0)
    assert callback(made) == 0
    made.sort(key=lambda item: take() or id(item))
    assert len(made) == 15

def all_of_it():
    kept = [OnDeath(), (OnDeath(), [OnDeath()])]
    kept.clear()
    table = {Odd(): [Odd()], Odd(): 2}
    table[Odd()] = table
    try:
        Fails()
    except ValueError as error:
        take()
    made = Meta("Made", (), {"attribute": Named(), "__slots__": ("x",)})
    made().x = made
    sorted([3, 1, 2], key=lambda item: take() or item)
    unfinished = yields()
    next(unfinished)
    del unfinished
    exec("def f(a=[]):\\n    take()\\n    return locals()\\nf()", {"take": take})
    [*map(lambda _: take(), range(2))]
    list(yields())

with memscope.record("main.mscope") as recording:
    while taken < int(sys.argv[1]):
        all_of_it()
print(taken)
"""


IN_C = WHEREVER.replace("        all_of_it()", "        in_c()")

# An object of these programs, with its references, before the capture is packed.
MOST_BYTES = 50


def check(directory: Path, source: str, count: int) -> None:
    (directory / "program.py").write_text(source)
    (directory / "restless.py").write_text((PROGRAMS / "restless.py").read_text())
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", "program.py", str(count)],
        cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    taken = int(ran.stdout)
    with memscope.load(directory / "main.mscope") as capture:
        assert capture.complete
        moments = capture.moments
        why = Counter(moment.why for moment in moments)
        assert why.keys() <= {"", "the collector was running"}
        assert why[""] == taken >= count
        for moment in moments[:: max(1, len(moments) // 5)]:
            if not moment.why:
                found = Holdings(Measures(capture), moment.number)
                assert found.snapshot.objects > 10_000
                size = sum(frame.length for frame in moment.frames)
                assert size < MOST_BYTES * found.snapshot.objects
                roots = found.snapshot.roots
                assert found.graph.retained_objects[0] == found.snapshot.objects
                assert found.graph.retained_bytes[0] == sum(found.snapshot.size_bytes[1 + roots :])


def test_while_other_threads_are_at_work(tmp_path: Path) -> None:
    check(tmp_path, FROM_A_THREAD, 25)


def test_in_the_midst_of_what_the_interpreter_does(tmp_path: Path) -> None:
    check(tmp_path, WHEREVER, 25)


@pytest.mark.slow
@pytest.mark.parametrize(
    "source", [FROM_A_THREAD, WHEREVER, IN_C], ids=["threads", "wherever", "in C"]
)
@pytest.mark.parametrize("turn", range(5))
def test_a_thousand_times(tmp_path: Path, source: str, turn: int) -> None:
    check(tmp_path, source, 100)
    (tmp_path / "main.mscope").unlink()  # 200 MB
