"""What a recording tells of objects, held against objects whose lines and types are known.

Events are read from the segment itself, where nothing takes them away.
"""

from __future__ import annotations

import collections
import contextvars
import ctypes
import dataclasses
import gc
import os
import struct
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import pytest

from memscope import _recorder, _testing

HAS_TRACER = sys.version_info >= (3, 13)
TELLS_ALL_DEATHS = sys.version_info >= (3, 13, 3)
HEADERS = (0, 16, 32)
KINDS = {1: "ALLOC", 2: "FREE", 3: "FROM", 4: "TO", 7: "REUSE", 8: "PARKED", 9: "OWNED"}
PARTS = {1: "", 2: "items of ", 3: "keys of ", 4: "other of "}
with_tracer = pytest.mark.skipif(not HAS_TRACER, reason="from 3.13 on")


class Event(NamedTuple):
    kind: str
    address: int
    size: int
    stack: int


class Tape:
    """Everything that a recording tells the drain."""

    def __init__(self, objects: bool = True) -> None:
        self.objects = objects
        self.fd = _recorder.segment_create()
        _recorder.attach(self.fd)

    def __enter__(self) -> Tape:
        gc.collect()  # nobody reads the tape: what earlier tests left would fill it
        _recorder.start(0, self.objects)
        return self

    def __exit__(self, *_: object) -> None:
        _recorder.stop()
        layout = struct.unpack("<13Q", os.pread(self.fd, 104, 0))
        self._nodes, self._codes, self._types, self._text, ring = layout[6:11]
        (head,) = struct.unpack("<Q", os.pread(self.fd, 8, ring))
        assert head < 1 << 16, "nobody reads it: a full ring ends the recording"
        data = os.pread(self.fd, 16 * head, ring + 256)
        self.events = [
            Event(KINDS.get(word >> 59, ""), word & (1 << 56) - 1, size, stack)
            for word, size, stack in struct.iter_unpack("<QII", data)
        ]
        self.types = {0: ""} | dict(self._read_types())

    def __del__(self) -> None:
        os.close(self.fd)

    def text(self, offset: int, count: int) -> str:
        return os.pread(self.fd, count, self._text + offset).decode()

    def _read_types(self) -> Iterator[tuple[int, str]]:
        number = 1
        while True:
            entry = struct.unpack("<8I", os.pread(self.fd, 32, self._types + 32 * number))
            if entry[5] == 0:
                return
            module, name = self.text(*entry[0:2]), self.text(*entry[2:4])
            yield number, PARTS[entry[4]] + (name if module == "builtins" else f"{module}.{name}")
            number += 1

    def lines(self, stack: int, code: CodeType) -> list[int | None]:
        """The lines at which a function stands in a stack, the innermost first."""
        starts = {at: line for start, end, line in code.co_lines() for at in range(start, end, 2)}
        found = []
        while stack:
            parent, number, position, _ = struct.unpack(
                "<4I", os.pread(self.fd, 16, self._nodes + 16 * stack)
            )
            entry = struct.unpack("<8I", os.pread(self.fd, 32, self._codes + 32 * number))
            if number and self.text(*entry[2:4]) == code.co_qualname:
                found.append(starts.get(2 * position))
            stack = parent
        return found

    def live(self) -> dict[int, Event]:
        """What each block was last told to be, without those that are gone."""
        blocks: dict[int, Event] = {}
        for event in self.events:
            if event.kind in ("FREE", "FROM"):
                blocks.pop(event.address, None)
            elif event.kind:
                blocks[event.address] = event
        return blocks

    def deaths(self) -> collections.Counter[str]:
        """The types of what lay in blocks that were freed or parked."""
        told = [event for event in self.events if event.kind in ("FREE", "PARKED")]
        return collections.Counter(self.types[event.size] for event in told)


def block_of(value: object, live: dict[int, Event]) -> int:
    return next((id(value) - header for header in HEADERS if id(value) - header in live), 0)


def keys_of(value: dict[Any, Any]) -> int:
    return ctypes.c_void_p.from_address(id(value) + 32).value or 0


class Plain:
    def __init__(self) -> None:
        self.first, self.second = 1, 2

    def method(self) -> None: ...


class Slotted:
    __slots__ = ("first",)

    def __init__(self) -> None:
        self.first = 1


class Mapping(dict[str, int]): ...


class Number(int): ...


class Meta(type): ...


class WithMeta(metaclass=Meta): ...


class Pair(NamedTuple):
    left: int
    right: int


@dataclasses.dataclass
class Data:
    left: int


def generate() -> Iterator[int]:
    yield 1


def keywords(**named: int) -> dict[str, int]:
    return named


def stars(*values: int) -> tuple[int, ...]:
    return values


plain = Plain()
count = 1000.5


def make(i: int) -> Iterator[object]:
    """An object of each kind, each made at its own line."""
    yield {"key": i}
    yield {}
    yield {**{"key": i}}
    yield dict(key=i)  # noqa: C408
    yield {"key": i}.copy()
    yield dict.fromkeys("ab", i)
    yield keywords(left=i, right=i)
    yield [i]
    yield []
    yield [x + 1 for x in (1, 2, i)]
    yield [*(1, 2, i)]
    yield (i,)
    yield (i, 2)
    yield tuple(range(5))
    yield tuple(range(20))
    yield tuple(range(21))
    yield stars(i, i, i)
    yield i * 1.5
    yield complex(i, 1)
    yield i + 100_000
    yield 10**20 + i
    yield slice(i, i + 1)
    yield range(i)
    yield iter([i])
    yield iter((i,))
    yield iter(range(i))
    yield plain.method
    yield [].append
    yield generate()
    yield contextvars.Context()
    yield {i}
    yield frozenset((i,))
    yield Exception(i)
    yield MemoryError()
    yield Plain()
    yield Slotted()
    yield Mapping(key=i)
    yield Number(i + 5000)
    yield WithMeta()
    yield Pair(i, i)
    yield Data(i)
    yield str(i) + "x"
    yield bytes([i % 256, 1])
    yield bytearray(5)
    yield lambda: i
    yield type("Made", (), {})
    yield collections.OrderedDict(key=i)
    yield collections.deque([1])
    yield object()


def make_scratch_and_keep(rounds: int) -> list[tuple[object, int]]:
    kept: list[tuple[object, int]] = []
    for i in range(rounds):
        for _ in make(i):
            pass
        maker = make(i)
        for value in maker:
            kept.append((value, maker.gi_frame.f_lineno))
        del value
    return kept


def test_each_object_stands_at_the_line_that_made_it() -> None:
    make_scratch_and_keep(2)
    with Tape() as tape:
        kept = make_scratch_and_keep(40)
    live = tape.live()
    reused = collections.Counter[str]()
    for value, line in kept:
        event = live[block_of(value, live)]
        assert tape.lines(event.stack, make.__code__)[:1] == [line], type(value)
        reused[type(value).__name__] += event.kind == "REUSE"
        if type(value) is dict and value:
            event = live[keys_of(value)]
            assert tape.lines(event.stack, make.__code__)[:1] == [line], f"keys at {line}"
    # Or nothing was tried.
    assert {"dict", "list", "tuple", "float", "slice"} <= {name for name, n in reused.items() if n}


def loop(rounds: int) -> list[dict[str, int]]:
    kept = []
    for i in range(rounds):
        {"scratch": i}  # noqa: B018
        kept.append({"kept": i})
    return kept


def test_none_of_what_lives_stands_at_the_line_of_scratch_objects() -> None:
    with Tape() as tape:
        kept = loop(8_000)
    live = tape.live()
    first = loop.__code__.co_firstlineno
    for value in kept:
        for block in (block_of(value, live), keys_of(value)):
            assert tape.lines(live[block].stack, loop.__code__)[:1] == [first + 4]


def test_frees_tell_the_type_of_what_died() -> None:
    with Tape() as tape:
        for i in range(300):
            Plain(), {i}, bytes([i % 256, 1]), Data(1), f"x{i}", Number(5000)
    deaths = tape.deaths()
    here = __name__
    expected = [f"{here}.Plain", "set", "bytes", f"{here}.Data", "str", f"{here}.Number"]
    assert all(deaths[name] >= 299 for name in expected), deaths


def test_two_classes_of_one_name_are_two_types() -> None:
    def made() -> type:
        class Same: ...

        return Same

    with Tape() as tape:
        for _ in range(50):
            made()()
            gc.collect()
    name = f"{__name__}.{made.__qualname__}.<locals>.Same"
    assert list(tape.types.values()).count(name) == 50
    assert tape.deaths()[name] == 50


def test_a_class_at_the_address_of_a_dead_one_is_told_by_its_own_name() -> None:
    with Tape() as tape:
        for number in range(30):
            type(f"Made{number}", (), {"__slots__": ()})()
            gc.collect()
    deaths = tape.deaths()
    assert all(deaths[f"{__name__}.Made{number}"] == 1 for number in range(30))


def test_names_that_are_no_text_or_not_there() -> None:
    class Odd:
        __module__ = property(lambda self: "never asked")  # type: ignore[assignment]

    bare = eval("type('Bare', (), {})", {"__builtins__": {"type": type}})
    with Tape() as tape:
        odd, other = Odd(), bare()
        del odd, other
    deaths = tape.deaths()
    assert deaths[f".{Odd.__qualname__}"] == 1
    assert deaths[".Bare"] + deaths["Bare"] == 1


def test_the_class_at_death_counts() -> None:
    class Before: ...

    class After: ...

    with Tape() as tape:
        for _ in range(10):
            value = Before()
            value.__class__ = After  # type: ignore[assignment]
            del value
    deaths = tape.deaths()
    assert deaths[f"{__name__}.{After.__qualname__}"] == (10 if TELLS_ALL_DEATHS else 0)
    assert deaths[f"{__name__}.{Before.__qualname__}"] == 0


def test_a_table_of_keys_is_no_object_of_the_class_whose_address_is_a_key() -> None:
    class Known: ...

    with Tape() as tape:
        Known()
        for _ in range(50):
            numbers = {id(Known): 1}
            numbers.update(enumerate(range(20)))  # the small table is freed, or kept
            del numbers
    assert tape.deaths()[f"{__name__}.{Known.__qualname__}"] == 1


def test_a_hundred_thousand_classes(tmp_path: Path) -> None:
    program = """
        import memscope
        with memscope.record("classes.mscope", objects=True):
            kept = [type(f"C{i}", (), {"__slots__": ()}) for i in range(100_000)]
            made = [cls() for cls in kept]
        print(len(made))
    """
    assert run_apart(program, tmp_path).split() == ["100000"]


def test_nothing_is_told_of_objects_unless_asked() -> None:
    with Tape(objects=False) as tape:
        loop(1000)
    assert not {"REUSE", "PARKED", "OWNED"} & {event.kind for event in tape.events}
    assert set(tape.deaths()) == {""}


@with_tracer
@pytest.mark.parametrize("chains", [False, True])
@pytest.mark.parametrize("when", ["before", "during"])
def test_another_tracer_is_told_of_each_object(when: str, chains: bool) -> None:
    def work() -> None:
        for i in range(1000):
            [i], {"key": i}  # noqa: B018

    _testing.count_objects_start()
    work()
    expected = _testing.count_objects_stop()
    if when == "before":
        _testing.count_objects_start(chains)
    with Tape() as tape:
        if when == "during":
            _testing.count_objects_start(chains)
        work()
        kept = loop(200)
        if when == "during":
            created, destroyed = _testing.count_objects_stop()
            kept += loop(200)
    if when == "before":
        created, destroyed = _testing.count_objects_stop()
    assert created >= expected[0] + 400
    assert destroyed >= expected[1]
    live = tape.live()
    first = loop.__code__.co_firstlineno
    # The newcomer is noticed at the next allocation.
    for value in kept[2:200] + kept[202:]:
        assert tape.lines(live[block_of(value, live)].stack, loop.__code__)[:1] == [first + 4]


@with_tracer
def test_a_tracer_left_on_top_of_ours_may_go_on_calling_it() -> None:
    """Also in the next recording, which may be one without objects."""
    with Tape():
        _testing.count_objects_start(True)
        loop(10)
    with Tape(objects=False) as tape:
        loop(1000)
    _testing.count_objects_stop()
    assert {event.kind for event in tape.events} <= {"ALLOC", "FREE", "FROM", "TO", ""}


def test_a_forked_child_is_as_without_a_recording(tmp_path: Path) -> None:
    program = """
        import os, memscope
        with memscope.record("parent.mscope", objects=True):
            kept = [{"key": i} for i in range(1000)]
            child = os.fork()
            if child == 0:
                kept += [[i] for i in range(100_000)]
                os._exit(0 if len(kept) == 101_000 else 1)
            print(os.waitpid(child, 0)[1])
    """
    assert run_apart(program, tmp_path).split() == ["0"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="from 3.12 on")
def test_an_interpreter_with_a_gil_of_its_own(tmp_path: Path) -> None:
    interpreters = "_interpreters" if HAS_TRACER else "_xxsubinterpreters"
    program = f"""
        import threading, memscope, {interpreters} as interpreters
        with memscope.record("interpreters.mscope", objects=True):
            other = interpreters.create()
            text = "kept = [dict(key=i) for i in range(100_000)]; [[i] for i in range(100_000)]"
            thread = threading.Thread(target=interpreters.run_string, args=(other, text))
            thread.start()
            mine = [dict(key=i) for i in range(100_000)]
            thread.join()
            interpreters.destroy(other)
        print(len(mine))
    """
    assert run_apart(program, tmp_path).split() == ["100000"]


def run_apart(program: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
