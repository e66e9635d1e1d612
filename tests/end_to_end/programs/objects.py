"""Known objects, made at known lines: what is kept, and what dies at once in the same loop.

Each line with `# keep NAME` makes ROUNDS objects of the form NAME, and what they alone hold. Each
with `# scratch` makes as many that die, whose blocks the interpreter keeps for the next ones. At
the end the program says, for each form, the types of the objects that it really holds.
"""

import asyncio
import collections
import contextvars
import ctypes
import dataclasses
import gc
import json
import sys
import threading

ROUNDS = tuple(range(100))  # small integers: none of these is made anew
PLACES = [None] * len(ROUNDS)
KEPT = {}

SOURCES = [tuple("x" * length) for length in range(22)]
LISTS = [list(source) for source in SOURCES]
SMALL = {"one": 1, "two": 2}
HALF, BIG = 0.5, 10**10
TEXT, BLOB = "some text of several letters", b"some bytes"
EMPTY = ()


def places(name):
    return KEPT.setdefault(name, PLACES.copy())


def dictionaries():
    literal, called, merged = places("dict literal"), places("dict called"), places("dict merged")
    comprehended, empty, copied = places("dict comp"), places("dict empty"), places("dict copied")
    for i in ROUNDS:
        {"scratch": i}  # scratch
        literal[i] = {"kept": i}  # keep dict literal
        {}  # scratch
        called[i] = dict(kept=i)  # keep dict called
        {"scratch": i, "more": i}  # scratch
        merged[i] = {**SMALL, "kept": i}  # keep dict merged
        {"scratch": i}  # scratch
        comprehended[i] = {name: i for name in SMALL}  # keep dict comp
        {"scratch": i}  # scratch
        empty[i] = {}  # keep dict empty
        {"scratch": i}  # scratch
        copied[i] = SMALL.copy()  # keep dict copied


def filled_elsewhere():
    dicts, lists = places("dict filled"), places("list filled")
    for i in ROUNDS:
        {"scratch": i}  # scratch
        dicts[i] = filled = {}  # keep dict filled
        filled["later"] = i  # scratch
        [i]  # scratch
        lists[i] = filled = []  # keep list filled
        filled.append(i)  # scratch
        filled.extend(SOURCES[9])  # scratch


def lists():
    literal, called, sliced = places("list literal"), places("list called"), places("list sliced")
    comprehended, unpacked = places("list comp"), places("list unpacked")
    rest, ordered = places("list rest"), places("list sorted")
    for i in ROUNDS:
        [i]  # scratch
        literal[i] = [i]  # keep list literal
        [i, i]  # scratch
        called[i] = list(SOURCES[3])  # keep list called
        [i, i]  # scratch
        sliced[i] = LISTS[9][2:]  # keep list sliced
        [i, i]  # scratch
        comprehended[i] = [letter for letter in TEXT]  # keep list comp
        [i, i]  # scratch
        unpacked[i] = [*SMALL, *SOURCES[2]]  # keep list unpacked
        [i, i]  # scratch
        _, *rest[i] = SOURCES[5]  # keep list rest
        [i, i]  # scratch
        ordered[i] = sorted(SOURCES[7])  # keep list sorted


def tuples():
    """Of each length that has a free list, and one more; the empty one is always the same."""
    kept = KEPT.setdefault("tuple", len(LISTS[1:]) * PLACES)
    for source in LISTS[1:]:
        at = len(ROUNDS) * (len(source) - 1)
        for i in ROUNDS:
            tuple(source)  # scratch
            kept[at + i] = tuple(source)  # keep tuple


def more_tuples():
    literal, unpacked, added = (
        places("tuple literal"),
        places("tuple unpacked"),
        places("tuple added"),
    )
    for i in ROUNDS:
        (i, i)  # scratch
        literal[i] = (i, i)  # keep tuple literal
        (i, i, i)  # scratch
        unpacked[i] = (*SMALL, i)  # keep tuple unpacked
        (i, i, i)  # scratch
        added[i] = SOURCES[2] + SOURCES[3]  # keep tuple added


def numbers():
    floats, ints, sums = places("float"), places("int"), places("float sum")
    half, big = HALF, BIG
    for i in ROUNDS:
        half * i  # scratch
        floats[i] = half + i  # keep float
        big * i  # scratch
        ints[i] = big + i  # keep int
        half * i * half + half  # scratch
        sums[i] = half * i * half + half  # keep float sum


def small_objects():
    slices, ranges, byte = places("slice"), places("range"), places("byte")
    iterators, cells = places("list iterator"), places("closure")
    for i in ROUNDS:
        slice(i)  # scratch
        slices[i] = slice(i, 9)  # keep slice
        range(i)  # scratch
        ranges[i] = range(i, 200)  # keep range
        BLOB[1:2]  # scratch
        byte[i] = BLOB[1:2] + BLOB[2:3]  # keep byte
        iter(SOURCES)  # scratch
        iterators[i] = iter(SOURCES)  # keep list iterator
        cells[i] = closing(i)  # keep cell


def closing(number):
    return lambda: number  # keep closure


class Meter:
    def read(self):
        return self


def methods():
    bound, builtin, meter = places("method"), places("builtin method"), Meter()
    for i in ROUNDS:
        meter.read  # scratch
        bound[i] = meter.read  # keep method
        TEXT.upper  # scratch
        builtin[i] = TEXT.upper  # keep builtin method


def counting():
    yield 1
    yield 2


async def waiting():
    return 1


async def counting_slowly():
    yield 1


def frame_of_its_own():
    return sys._getframe()  # keep frame


def running_things():
    fresh, begun, frames = places("generator"), places("generator begun"), places("frame")
    expressions, coroutines = places("generator expression"), places("coroutine")
    slow, sending, contexts = places("async generator"), places("asend"), places("context")
    own = sys._getframe()  # keep frame of the loop
    KEPT["frame of the loop"] = [own]
    for i in ROUNDS:
        counting()  # scratch
        fresh[i] = counting()  # keep generator
        next(counting())  # scratch
        begun[i] = counting()  # keep generator begun
        next(begun[i])  # scratch
        expressions[i] = (letter for letter in TEXT)  # keep generator expression
        counting_slowly()  # scratch
        slow[i] = counting_slowly()  # keep async generator
        sending[i] = slow[i].asend(None)  # keep asend
        coroutines[i] = waiting()  # keep coroutine
        contextvars.Context()  # scratch
        contexts[i] = contextvars.copy_context()  # keep context
        frame_of_its_own()  # scratch
        frames[i] = frame_of_its_own()  # scratch


def sets_and_exceptions():
    literal, large, frozen = places("set"), places("set large"), places("frozenset")
    errors, plain, caught = places("exception"), places("exception plain"), places("MemoryError")
    for i in ROUNDS:
        {i}  # scratch
        literal[i] = {i}  # keep set
        set(TEXT)  # scratch
        large[i] = set(TEXT)  # keep set large
        frozenset(SMALL)  # scratch
        frozen[i] = frozenset(SMALL)  # keep frozenset
        ValueError(i)  # scratch
        errors[i] = ValueError(i)  # keep exception
        plain[i] = KeyError()  # keep exception plain
        MemoryError()  # scratch
        caught[i] = MemoryError()  # keep MemoryError


def given(*arguments, **named):
    return arguments, named


def keep_arguments(at, *arguments):
    at[0] = arguments


def keep_named(at, **named):
    at[0] = named


def arguments():
    star, named = places("star arguments"), places("named arguments")
    box = [None]
    for i in ROUNDS:
        given(i, name=i)  # scratch
        keep_arguments(box, i, i)  # keep star arguments
        star[i] = box[0]
        given(i, name=i)  # scratch
        keep_named(box, name=i, other=i)  # keep named arguments
        named[i] = box[0]


class Plain:
    def __init__(self, x):
        self.x = x
        self.y = x


class Bare:
    pass


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x):
        self.x = self.y = x


class OfDict(dict):
    pass


class OfList(list):
    __slots__ = ()


class Text(str):
    __slots__ = ()


class Number(int):
    __slots__ = ()


@dataclasses.dataclass
class Point:
    x: int
    y: int


@dataclasses.dataclass(slots=True)
class SlottedPoint:
    x: int
    y: int


Pair = collections.namedtuple("Pair", "left right")


def instances():
    plain, bare, slotted = places("instance"), places("instance bare"), places("instance slots")
    points, small, pairs = places("dataclass"), places("dataclass slots"), places("namedtuple")
    of_list, of_dict, numbers = (
        places("list subclass"),
        places("dict subclass"),
        places("int subclass"),
    )
    owners, dicts = places("owner"), places("instance dict")
    for i in ROUNDS:
        Plain(i)  # scratch
        plain[i] = Plain(i)  # keep instance
        Bare()  # scratch
        bare[i] = Bare()  # keep instance bare
        Slotted(i)  # scratch
        slotted[i] = Slotted(i)  # keep instance slots
        Point(i, i)  # scratch
        points[i] = Point(i, i)  # keep dataclass
        SlottedPoint(i, i)  # scratch
        small[i] = SlottedPoint(i, i)  # keep dataclass slots
        Pair(i, i)  # scratch
        pairs[i] = Pair(i, i)  # keep namedtuple
        OfList()  # scratch
        of_list[i] = OfList(SOURCES[3])  # keep list subclass
        OfDict(SMALL)  # scratch
        of_dict[i] = OfDict(SMALL)  # keep dict subclass
        Number(i)  # scratch
        numbers[i] = Number(i)  # keep int subclass
        owners[i] = Point(i, i)  # keep owner
        vars(owners[i])  # keep instance dict
        dicts[i] = vars(owners[i])  # scratch


def text_subclasses():
    texts = places("str subclass")
    for i in ROUNDS:
        texts[i] = Text(TEXT)  # keep str subclass


FORMS = (
    dictionaries,
    filled_elsewhere,
    lists,
    tuples,
    more_tuples,
    numbers,
    small_objects,
    methods,
    running_things,
    sets_and_exceptions,
    arguments,
    instances,
    text_subclasses,
)


def companions(name, kept):
    """What was made with it, at the same line."""
    if name == "closure":
        return [kept.__closure__]
    if name == "exception":
        return [kept.args]
    if name == "generator expression":  # its function; before 3.15 an iterator over the text, too
        return [
            held for held in gc.get_referents(kept) if type(held).__name__ not in ("str", "code")
        ]
    return []


def make_all():
    contextvars.copy_context()  # makes the thread's own
    for form in FORMS:
        form()


async def make_in_task():
    make_all()


def make_in_thread():
    thread = threading.Thread(target=make_all)
    thread.start()
    thread.join()


def name_of(of):
    return f"{of.__module__}.{of.__qualname__}"


def parts_of(kept):
    """What only this object holds: told by its size, which counts that."""
    of = type(kept)
    if isinstance(kept, dict) and dict.__sizeof__(kept) > dict.__sizeof__({}):
        yield f"keys of {name_of(of)}"
    if isinstance(kept, list) and list.__sizeof__(kept) > list.__sizeof__([]):
        yield f"items of {name_of(of)}"
    if isinstance(kept, set | frozenset) and of.__sizeof__(kept) > of.__sizeof__(of()):
        yield f"keys of {name_of(of)}"
    if isinstance(kept, Text):
        yield f"other of {name_of(of)}"
    if has_values(kept):
        yield f"other of {name_of(of)}"


def has_values(kept):
    """Before 3.13, an object's attributes may lie in a block of their own, until it has a dict."""
    if sys.version_info >= (3, 13) or not type(kept).__flags__ & 1 << 4:
        return False
    if sys.version_info >= (3, 12):
        return ctypes.c_size_t.from_address(id(kept) - 24).value & 1 == 1
    return ctypes.c_size_t.from_address(id(kept) - 32).value != 0


def parts_of_dict_of_instance():
    """Its keys are its class's, and its values are its own, or since 3.13 lie in the instance."""
    return [] if sys.version_info >= (3, 13) else ["other of builtins.dict"]


def told_of(name, objects):
    told = collections.Counter()
    for kept in objects:
        told.update(name_of(type(made)) for made in [kept, *companions(name, kept)])
        told.update(parts_of_dict_of_instance() if name == "instance dict" else parts_of(kept))
    return told


if sys.argv[1] == "main":
    make_all()
elif sys.argv[1] == "thread":
    make_in_thread()
else:
    asyncio.run(make_in_task())
KEPT["cell"] = [closure.__closure__[0] for closure in KEPT["closure"]]
print(json.dumps({name: told_of(name, objects) for name, objects in KEPT.items()}))


def after():
    for left in KEPT["coroutine"] + KEPT["asend"]:
        left.close()  # or the interpreter warns of it
