"""Leak suspects: what accumulates under one holder from snapshot to snapshot, and what does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Each grows by blocks of its own size in every round; what follows in the text does not leak.
LEAKS = """\
import collections, functools, logging, sys, threading, types
import memscope

class Service:
    registered = []
    def __init__(self):
        self.cache = {}
        self.listeners = []
        self.settings = [bytes(300_000)]
    @functools.lru_cache(None)
    def cached(self, key):
        return bytes(20_001)

class Node:
    __slots__ = ("kept", "next")

service = Service()
history = collections.deque()
by_name = collections.defaultdict(list)
top = Node()
top.kept, top.next = [], None

def with_default(item, items=[]):
    items.append(item)

def closure():
    seen = {}
    def see(number):
        seen[number] = bytes(20_002)
    return see

see = closure()
module = types.ModuleType("made_up")
module.kept = {}
sys.modules["made_up"] = module
errors = []
def fail():
    held = bytes(20_003)
    raise ValueError
handler = logging.handlers = logging.Handler()
handler.records = []
waiting = []
def generate():
    local = []
    while True:
        local.append((yield))
generator = generate()
next(generator)

filled, shrinks, steady = {}, [bytes(20_004) for _ in range(50)], [bytes(20_005)]
def leak(number):
    service.cached(number)
    service.cache["user", number] = bytes(20_006)
    service.listeners.append(lambda data=bytes(20_007): data)
    Service.registered.append(bytes(20_008))
    history.append(bytes(20_009))
    by_name["x"].append(bytes(20_010))
    top.kept.append(bytes(20_011))
    with_default(bytes(20_012))
    see(number)
    module.kept[number] = bytes(20_013)
    try:
        fail()
    except ValueError as error:
        errors.append(error)
    handler.records.append(bytes(20_014))
    generator.send(bytes(20_015))

def work(recording):
    running = []
    for number in range(4):
        leak(number)
        running.append(bytes(20_016))
        filled[number % 2] = bytes(20_017 + number)
        del shrinks[:5]
        steady[0] = bytes(20_005 + number % 2)
        if number == 3:
            filled["late"] = [bytes(100_000)]
        recording.snapshot()

with memscope.record("main.mscope") as recording:
    work(recording)
"""

WAYS = {
    "__main__.Service.cached.<dict>",
    "__main__.service.cache",
    "__main__.service.listeners",
    "__main__.Service.registered",
    "__main__.history",
    "__main__.by_name[<str of 1>]",
    "__main__.top.kept",
    "__main__.with_default.__defaults__[0]",
    "__main__.see.<closure seen>",
    "made_up.kept",
    "__main__.errors",
    "__main__.handler.records",
    "__main__.generator.<local local>",
    "work().running",
}
MADE_BY = {"__main__.history": 20_009, "__main__.top.kept": 20_011, "work().running": 20_016}


def holders(directory: Path, source: str, *options: str) -> Any:
    (directory / "program.py").write_text(source)
    subprocess.run([sys.executable, "program.py"], cwd=directory, check=True)
    return asked(directory, *options)


def asked(directory: Path, *options: str) -> Any:
    told = subprocess.run(
        [sys.executable, "-m", "memscope", "holders", "main.mscope", "--json", *options],
        cwd=directory, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(told.stdout)


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Where the capture is, and what is said of it."""
    directory = tmp_path_factory.mktemp("leaking")
    return directory, holders(directory, LEAKS, "-n", "0")


def test_what_accumulates_is_named(leaking: tuple[Path, Any]) -> None:
    _, document = leaking
    suspects = {suspect["path"]: suspect for suspect in document["suspects"]}
    assert {path for path in suspects if suspects[path]["growth_bytes"] > 50_000} == WAYS
    lines = LEAKS.splitlines()
    for path, size in MADE_BY.items():
        types = {of["type"]: of["bytes"] for of in suspects[path]["types"]}
        assert types["bytes"] == 3 * sys.getsizeof(bytes(size))
        line = suspects[path]["lines"][0]
        assert f"{size:_}" in lines[line["line"] - 1]
        assert line["bytes"] >= types["bytes"]
        held = suspects[path]["held"]
        assert [of["number"] for of in held] == [1, 2, 3, 4]
        span_s = held[-1]["time_s"] - held[0]["time_s"]
        growth = held[-1]["retained_bytes"] - held[0]["retained_bytes"]
        assert suspects[path]["growth_bytes"] == growth
        assert suspects[path]["bytes_per_s"] == pytest.approx(growth / span_s)


def test_growth_of_holders_is_told_since_the_first_snapshot(leaking: tuple[Path, Any]) -> None:
    directory, document = leaking
    growth = {row["path"]: row["growth_bytes"] for row in document["rows"]}
    assert growth["__main__.steady[0]"] in (0, 1)
    assert growth["__main__.shrinks"] == -15 * sys.getsizeof(bytes(20_004))
    assert growth["work().running"] >= 3 * sys.getsizeof(bytes(20_016))
    late = growth["__main__.filled"]
    assert 120_000 < late < 140_000
    first = asked(directory, "--at", "1")
    assert {row["growth_bytes"] for row in first["rows"]} == {None}
    assert (first["since"], first["suspects"]) == (None, [])


REFILLED = """\
import memscope
class Holder:
    pass
def fill():
    holder = Holder()
    holder.items = [bytes(1000) for _ in range(100)]
    return holder
with memscope.record("main.mscope", force=True) as recording:
    for number in range(3):
        current = fill()
        current.items += [bytes(1000)] * number * number
        recording.snapshot()
        del current.items[:], current
        recording.snapshot()
"""


def test_what_comes_and_goes_is_no_suspect(tmp_path: Path) -> None:
    document = holders(tmp_path, REFILLED)
    assert document["compared"] == [1, 2, 4, 6]
    assert document["suspects"] == []
    told = subprocess.run(
        [sys.executable, "-m", "memscope", "holders", "main.mscope"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "no holder grew in each of the snapshots 1, 2, 4 and 6" in told.stdout


def test_suspects_on_the_terminal(leaking: tuple[Path, Any]) -> None:
    directory, _ = leaking
    told = subprocess.run(
        [sys.executable, "-m", "memscope", "holders", "main.mscope", "-n", "1"],
        cwd=directory, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "leak suspects: what grew in each of the snapshots 1, 2, 3 and 4" in told.stdout
    assert "and 9 more, in --json" in told.stdout
