"""What snapshots say keeps objects alive, against oracles in the recorded program itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from end_to_end.recorded import CAPTURE, run_source
from end_to_end.side_by_side import PROGRAMS

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings
from memscope.capture.snapshots import KIND_BITS, Kind, Seen
from memscope.errors import MemscopeError

# Attributes lie behind the object or in a block of their own: sys.getsizeof() leaves them out.
APART = {"Plain", "Both", "Link", "Items", "Table", "Counter"}
MOST_APART = 40 + 30 * 8
NOT_KNOWN = {"OrderedDict"}  # it holds a list of its own, which snapshots know nothing of


def record(directory: Path, program: str, *options: str) -> str:
    source = (PROGRAMS / program).read_text()
    return run_source(directory, source, "-q", *(options or ("--snapshot",))).stdout


def holdings(directory: Path) -> Holdings:
    return Holdings(Measures(memscope.load(directory / CAPTURE)))


def named(found: Holdings) -> dict[str, int]:
    """The objects that are variables of the program."""
    snapshot, names = found.snapshot, {}
    (modules,) = (at for at, flag in enumerate(snapshot.flags) if flag & Seen.MODULES)
    for key, module in pairs(found, modules):
        if found.namer.name_of(key) != "__main__":
            continue
        for at in range(snapshot.starts[module], snapshot.starts[module + 1]):
            if found.namer.snapshot.names[snapshot.labels[at] >> KIND_BITS] == "__dict__":
                variables = pairs(found, snapshot.targets[at])
                names |= {found.namer.name_of(name): value for name, value in variables}
    return names


def pairs(found: Holdings, dictionary: int) -> list[tuple[int, int]]:
    snapshot = found.snapshot
    places = range(snapshot.starts[dictionary], snapshot.starts[dictionary + 1])
    return [
        (snapshot.targets[at - 1], snapshot.targets[at])
        for at in places
        if snapshot.labels[at] == Kind.VALUE
    ]


def retained(found: Holdings, top: int) -> dict[str, Any]:
    snapshot, graph = found.snapshot, found.graph
    marked = bytearray(graph.count)
    marked[top] = 1
    sizes: Counter[str] = Counter()
    for at, above in enumerate(graph.below(bytes(marked))):
        if above == top:
            name = found.types[snapshot.type[at]].name.rpartition(".")[2]
            sizes[name] += snapshot.size_bytes[at]
    return {"objects": graph.retained_objects[top], "types": dict(sizes)}


def test_what_a_structure_retains_is_what_goes_with_it(tmp_path: Path) -> None:
    """Objects and bytes by type, of 27 structures; without tolerance where the size is known."""
    oracle = json.loads(record(tmp_path, "held.py"))
    found = holdings(tmp_path)
    variables = named(found)
    assert len(oracle) == 27
    for name, wanted in oracle.items():
        told = retained(found, variables[name])
        assert told["objects"] == wanted["objects"], name
        assert told["types"].keys() == wanted["types"].keys(), name
        for of, size in wanted["types"].items():
            if of in APART or (name, of) == ("s_both", "dict"):
                most = size + MOST_APART * wanted["objects"]
                assert size <= told["types"][of] <= most, (name, of)
            elif of not in NOT_KNOWN:
                assert told["types"][of] == size, (name, of)


def test_retained_bytes_of_all_holders_are_all_bytes(tmp_path: Path) -> None:
    record(tmp_path, "held.py")
    found = holdings(tmp_path)
    roots = found.snapshot.roots
    assert found.graph.retained_bytes[0] == sum(found.snapshot.size_bytes[1 + roots :])
    assert found.graph.retained_objects[0] == found.snapshot.objects


# The way to what each line of the program leaks; keys are data, and not told.
WAYS = {
    "InAttributeCache": "__main__.service._cache[<str of 6>][0]",
    "InClassAttribute": "__main__.Service.registered[0]",
    "InMethodCache": "__main__.Service.cached.<dict>[<tuple of 2>]",
    "InRegistry": "__main__.registry[<tuple of 2>][<str of 5>]",
    "InListener": "__main__.service.listeners[0].__self__.heavy",
    "InClosure": "__main__.callbacks[0].<closure captured>[0]",
    "InDefault": "__main__.with_default.__defaults__[0][0]",
    "InKeywordDefault": "__main__.with_keyword.__kwdefaults__[<str of 4>][<int>]",
    "InTraceback": "__main__.errors[0].__traceback__.tb_next.tb_frame.<local local>",
    "InThreadLocal": "__main__.local",
    "InWeakDictionary": "__main__.by_object.data[<weakref.ReferenceType>]",
    "InHandler": "__main__.buffering.records[0]",
    "InFunctionCache": "__main__.lookup.<dict>[<int>]",
    "InGenerator": "__main__.pending.<local held>",
    "InCoroutine": "__main__.coroutine.<local argument>",
    "InTask": "__main__.task.<coroutine>.<local argument>",
    "InCycle": "<__main__.Cyclic in a cycle>.heavy",
    "InContext": "<main thread>.<context>",
    "InDeque": "__main__.history[1]",
    "InDefaultDict": "__main__.grouped[<str of 1>][0]",
    "InOrderedDict": "__main__.ordered[<str of 1>]",
    "InSet": "__main__.members.<__main__.InSet>",
    "InPartial": "__main__.bound.args[0]",
    "InNested": "__main__.nested[0][0][1][<str of 1>]",
    "InSlot": "__main__.slotted.kept",
    "InModuleMadeUp": "made_up.kept",
    "InMetaclass": "__main__.Meta.instances[0]",
    "InClassAddedLater": "__main__.OfMeta.later",
    "InFunctionAttribute": "__main__.with_default.cache[<str of 1>]",
    "InTree": "__main__.top.child.data",
    "InAskedForDict": "__main__.asked.data",
    "InRunningThread": "runs_in_thread().on_the_stack",
    # What C code keeps begins with what it keeps.
    "InExtension": "<function>.<closure kept>",
    "InSignalHandler": "<function>.<closure kept>",
    "InNothingButC": "<__main__.InNothingButC>",
    "InCodecs": "<codec search path>[",
    "InExitFunction": "<atexit>.",
}
ROOTS = {
    "InCycle": "garbage",
    "InContext": "thread",
    "InRunningThread": "local",
    "InExtension": "c",
    "InSignalHandler": "c",
    "InNothingButC": "c",
    "InCodecs": "interpreter",
    "InExitFunction": "atexit",
}
# What may follow differs between versions: how they keep it is not Python's.
OPEN_ENDED = {"InThreadLocal", "InContext", "InCodecs", "InExitFunction"}


def test_ways_to_what_is_leaked(tmp_path: Path) -> None:
    record(tmp_path, "planted.py")
    found = holdings(tmp_path)
    ways = {}
    for at, of in enumerate(found.snapshot.type):
        if at > found.snapshot.roots and found.types[of].name in WAYS:
            ways[found.types[of].name] = found.namer.way_to(at)
    assert ways.keys() == WAYS.keys()
    told = {name: way.path for name, way in ways.items() if name not in OPEN_ENDED}
    assert told == {name: path for name, path in WAYS.items() if name not in OPEN_ENDED}
    for name in OPEN_ENDED:
        assert ways[name].path.startswith(WAYS[name])
    roots = {name: way.root.kind for name, way in ways.items() if way.root.kind != "module"}
    assert roots == ROOTS


SECRET = """\
class Box:
    pass

held = {"my secret": [Box()], b"other secret": [Box()]}
box = Box()
box.attribute = [Box()]
"""


def test_texts_of_keys_are_not_in_the_capture(tmp_path: Path) -> None:
    run_source(tmp_path, SECRET, "-q", "--snapshot")
    snapshot = memscope.load(tmp_path / CAPTURE).snapshot
    assert snapshot is not None
    assert "attribute" in snapshot.names
    assert "my secret" not in snapshot.names


def test_texts_of_keys_on_request(tmp_path: Path) -> None:
    run_source(tmp_path, SECRET, "-q", "--snapshot-values")
    found = holdings(tmp_path)
    paths = {kept.way.path for kept in found.why("Box", 0).paths}
    assert paths == {"__main__.held[…][…]", "__main__.box", "__main__.box.attribute[…]"}
    boxes = [at for at, of in enumerate(found.snapshot.type) if found.types[of].name == "Box"]
    assert "__main__.held['my secret'][0]" in {found.namer.way_to(at).path for at in boxes}


CACHE = """\
class Cache:
    def __init__(self):
        self.entries = {}

class Entry:
    def __init__(self, n):
        self.text = "entry %d" % n

cache = Cache()
for n in range(1000):
    cache.entries[n] = [Entry(n)]
"""


def answers(directory: Path, *words: str) -> Any:
    told = subprocess.run(
        [sys.executable, "-m", "memscope", *words, "--json"],
        cwd=directory, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(told.stdout)


def test_the_commands(tmp_path: Path) -> None:
    run_source(tmp_path, CACHE, "-q", "--snapshot")
    rows = answers(tmp_path, "holders", CAPTURE)["rows"]
    (row,) = [row for row in rows if row["path"] == "__main__.cache.entries"]
    assert row["root"] == {"kind": "module", "name": "__main__"}
    assert row["retained_objects"] >= 1 + 3 * 1000  # and what numbers there are
    assert {share["type"] for share in row["types"]} >= {"__main__.Entry", "str", "list", "dict"}
    lines = {share["line"]: share["bytes"] for share in row["lines"]}
    assert lines[7] >= 1000 * len("entry 0")
    assert sum(lines.values()) == row["retained_bytes"]
    (way,) = answers(tmp_path, "why", CAPTURE, "Entry")["paths"]
    assert (way["path"], way["objects"]) == ("__main__.cache.entries[…][…]", 1000)
    texts = answers(tmp_path, "why", CAPTURE, "program.py:7")["paths"]
    assert (texts[0]["path"], texts[0]["objects"]) == ("__main__.cache.entries[…][…].text", 1000)


def test_a_capture_without_a_snapshot(tmp_path: Path) -> None:
    run_source(tmp_path, "x = 1", "-q")
    with pytest.raises(MemscopeError, match="record with --snapshot"):
        holdings(tmp_path)
    told = subprocess.run(
        [sys.executable, "-m", "memscope", "holders", CAPTURE],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (1, "")
    assert len(told.stderr.splitlines()) == 1


def test_the_program_is_as_without(tmp_path: Path) -> None:
    """Objects that refer to each other in unusual ways, and one that ends by an exception."""
    source = (PROGRAMS / "classes.py").read_text() + "\nraise SystemExit(3)\n"
    alone = subprocess.run(
        [sys.executable, "-c", source],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    recorded = run_source(tmp_path, source, "-q", "--snapshot", check=False)
    assert (recorded.returncode, recorded.stderr) == (alone.returncode, alone.stderr)
    found = holdings(tmp_path)
    assert found.snapshot.objects > 1000


STATIC = """\
import ctypes, mmap
kind = type(iter(range(0)))
size = type.__sizeof__(kind)
memory = mmap.mmap(-1, 2 * mmap.PAGESIZE)
end = ctypes.addressof(ctypes.c_char.from_buffer(memory)) + mmap.PAGESIZE
ctypes.pythonapi.Py_IncRef(ctypes.py_object(memory))  # for ever
assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(end), mmap.PAGESIZE, 0) == 0
ctypes.memmove(end - size, id(kind), size)
last = ctypes.cast(end - size, ctypes.py_object).value
instance = iter(range(10))
ctypes.c_void_p.from_address(id(instance) + object.__basicsize__ - 8).value = end - size
"""


def test_a_static_class_that_is_the_last_in_its_memory(tmp_path: Path) -> None:
    """It is shorter than those that Python makes."""
    run_source(tmp_path, STATIC, "-q", "--snapshot")
    found = holdings(tmp_path)
    variables = named(found)
    assert found.snapshot.flags[variables["last"]] & Seen.CLASS
    assert found.namer.type_of(variables["instance"]) == "range_iterator"
