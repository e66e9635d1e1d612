"""What memscope leaves in frames to know them again changes nothing that a program can see."""

from __future__ import annotations

import pytest
from end_to_end.side_by_side import Bench

# Calls `work` at 16 depths, after each frame has waited below many others that allocate.
AT_MANY_DEPTHS = """
def deep(n):
    kept = [n, str(n) * 3]
    return deep(n - 1) if n else [[str(i)] for i in range(50)]

def busy():
    for _ in range(5):
        deep(30)

def at(depth, work):
    return at(depth - 1, work) if depth else work()

def at_all(work):
    return [at(depth, work) for depth in range(16)]
"""

NAMES = """
import collections, enum, typing

def work():
    busy()
    kinds = [collections.namedtuple("Pair", "a b"), typing.NamedTuple("Two", [("a", int)])]
    kinds += [enum.Enum("Colour", "RED"), typing.NewType("Id", int), typing.TypeVar("T")]
    return [kind.__module__ for kind in kinds]
"""

CYCLES = """
import gc, weakref

class Thing:
    pass

def work():
    error = None
    thing = Thing()
    def inner():
        nonlocal error
        thing
        busy()
        try:
            raise ValueError
        except ValueError as caught:
            error = caught
    inner()
    return weakref.ref(thing)

def left():
    gc.disable()
    things = at_all(work)
    gc.collect()
    return [depth for depth, thing in enumerate(things) if thing() is not None]
"""


def test_classes_made_by_a_call_know_their_module(bench: Bench) -> None:
    bench.write("library.py", AT_MANY_DEPTHS + NAMES)
    ran = bench.same(
        "-c", "import library\nfor names in library.at_all(library.work): print(names)"
    )
    assert ran.stdout.count(b"library") == 16 * 5


@pytest.mark.parametrize("options", [("-q",), ("-q", "--sample", "4096")], ids=["exact", "sampled"])
def test_the_collector_sees_through_frames_that_an_exception_keeps(
    bench: Bench, options: tuple[str, ...]
) -> None:
    script = str(bench.write("script.py", AT_MANY_DEPTHS + CYCLES + "print(left())"))
    ran = bench.recorded(script, options=options)
    assert (ran.status, ran.stdout, ran.stderr) == (0, b"[]\n", b"")


def test_frames_are_as_they_were_once_a_recording_has_ended(bench: Bench) -> None:
    source = """
import memscope, sys
recording = memscope.record(sys.argv[1])
busy_alone = busy
def busy():
    if not calls:
        recording.start()
    busy_alone()
    if len(calls) == 15:
        recording.stop()
    calls.append(1)
calls = []
"""
    end = (
        "\nhere = [0]\ndef around(n):\n    return around(n - 1) if n else left()\nprint(around(9))"
    )
    script = bench.write("script.py", AT_MANY_DEPTHS + source + CYCLES + end)
    ran = bench.native(str(script), str(bench.capture))
    assert (ran.status, ran.stdout, ran.stderr) == (0, b"[]\n", b"")
