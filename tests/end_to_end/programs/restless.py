"""Makes, changes and drops objects in many ways, in several threads, until told to end.

Each way checks what it made: where one is wrong, the program ends by an exception.
"""

import asyncio
import collections
import contextvars
import functools
import importlib
import itertools
import sys
import threading
import weakref

sys.setswitchinterval(1e-5)
over = threading.Event()
rounds: collections.Counter[str] = collections.Counter()
failed = []


class Base:
    __slots__ = ("one", "two")

    def __init__(self, one, two):
        self.one, self.two = one, two


class Late(Base):
    pass


def classes(number):
    made = type(f"Made{number % 7}", (Late,), {"x": number, "__slots__": ("three",)})
    item = made(number, [number])
    item.three = item
    del item.two
    assert made.x == item.three.one == number
    made.later = {number: made}


def exceptions(number):
    def deep(level):
        local = {level: [level]}
        if level == 0:
            raise ValueError(local)
        try:
            deep(level - 1)
        except ValueError as error:
            raise RuntimeError(level) from error

    try:
        deep(10)
    except RuntimeError as error:
        chain = 0
        while error is not None:
            chain, error = chain + 1, error.__cause__
        assert chain == 2


def code(number):
    names = {}
    exec(f"def f{number % 5}(a, b=[{number}]):\n    c = a\n    return lambda: (b, c)\n", names)
    (function,) = (value for name, value in names.items() if name.startswith("f"))
    assert function(3)() == ([number], 3)
    assert eval("[x * 2 for x in range(5)]") == [0, 2, 4, 6, 8]


def imports(number):
    name = ("colorsys", "cmd", "this_is_none", "stringprep", "sched")[number % 5]
    sys.modules.pop(name, None)
    try:
        module = importlib.import_module(name)
    except ImportError:
        assert name == "this_is_none"
    else:
        assert sys.modules.get(name, module) is module


def generators(number):
    def numbers(stop):
        held = [stop]
        for value in range(stop):
            sent = yield value, held
            held.append(sent)

    running = [numbers(n) for n in range(1, 6)]
    for generator in running:
        assert next(generator)[0] == 0
    running.pop().close()
    assert [generator.send(number)[0] for generator in running[1:]] == [1, 1, 1]
    assert list(itertools.pairwise(map(str, range(3)))) == [("0", "1"), ("1", "2")]


def containers(number):
    table = {}
    for key in range(300):
        table[key, str(key)] = [key]
        if key % 3 == 0:
            table.pop((key // 2, str(key // 2)), None)
    assert table[299, "299"] == [299]
    queue = collections.deque(range(200), maxlen=100)
    queue.rotate(7)
    assert len(queue) == 100
    ordered = collections.OrderedDict.fromkeys("abcabc", [])
    ordered.move_to_end("a")
    assert list(ordered) == ["b", "c", "a"]
    kept = sorted({frozenset({n}) for n in range(50)}, key=min)
    assert len(kept) == 50


def weak(number):
    gone = []
    items = [Weak() for _ in range(10)]
    references = [weakref.ref(item, gone.append) for item in items]
    by_value = weakref.WeakValueDictionary(enumerate(items))
    items[0].itself = items[0]
    del items[1:]
    assert (len(gone), len(by_value)) == (9, 1)
    assert references[0]() is items[0]


class Weak:
    def __del__(self):
        rounds["finalized"] += 1


@functools.lru_cache(20)
def cached(number):
    return [number]


variable = contextvars.ContextVar("variable", default=None)


def tasks(number):
    async def work(n):
        variable.set([n])
        await asyncio.sleep(0)
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
        return variable.get()

    async def numbers():
        for n in range(5):
            yield n
            await asyncio.sleep(0)

    async def main():
        found = await asyncio.gather(*(work(n) for n in range(20)))
        never = asyncio.ensure_future(asyncio.sleep(3600))
        await asyncio.sleep(0)
        never.cancel()
        return found, [n async for n in numbers()]

    assert asyncio.run(main()) == ([[n] for n in range(20)], [0, 1, 2, 3, 4])
    assert cached(number % 40) == [number % 40]


def repeat(what):
    try:
        for number in itertools.count():
            what(number)
            rounds[what.__name__] += 1
            if over.is_set():
                break
    except BaseException:
        failed.append(what.__name__)
        raise


WAYS = (classes, exceptions, code, imports, generators, containers, weak, tasks)


def run(meanwhile):
    """Does all of it until `meanwhile` returns."""
    threads = [threading.Thread(target=repeat, args=(what,)) for what in WAYS]
    for thread in threads:
        thread.start()
    try:
        meanwhile()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not failed
    assert all(rounds[what.__name__] for what in WAYS)
