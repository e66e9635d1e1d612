"""A program that changes stacks in every way that could deceive a walk that stops early.

Run it under a build made with MEMSCOPE_CHECK_WALKS=1: that build says "0 wrong" or how many.
"""

import asyncio
import functools
import gc
import sys
import threading
import traceback


def recurse(depth):
    here = [depth, depth]
    if depth:
        return recurse(depth - 1) + here[:0]
    return here


def deep_and_back(depth):
    """Unwinds to different depths, then grows again over the same addresses."""
    pieces = [str(depth) * 3]
    if depth > 0:
        for step in (1, 2, 3):
            if depth >= step and step <= 1 + depth % 3:
                pieces.append(deep_and_back(depth - step * 4) if depth > 12 else "")
    return "".join(pieces[:2])


def numbers(limit):
    for number in range(limit):
        yield [number]


def nested_numbers(limit):
    yield from numbers(limit)
    for number in map(lambda n: (n, n, n), range(limit)):
        yield list(number)


def same_generator_from_two_places(limit):
    source = nested_numbers(limit)
    total = 0
    for item in source:
        total += len(item)
        item = next(source, [0])
        total += helper(source)
    return total


def helper(source):
    def inner():
        return len(next(source, [0, 1]))

    return inner()


class Dunders:
    def __init__(self, value):
        self.value = [value]

    def __eq__(self, other):
        return [self.value] == [other.value]

    def __hash__(self):
        return hash(str(self.value))

    def __lt__(self, other):
        return str(self.value) < str(other.value)

    def __getattr__(self, name):
        return name + "!"

    def __del__(self):
        self.value = [list(self.value)]

    @property
    def doubled(self):
        return self.value * 2


def callbacks(count):
    items = [Dunders(n % 7) for n in range(count)]
    items.sort(key=functools.cmp_to_key(lambda a, b: len([a]) - len([b])))
    items.sort()
    table = {item: item.doubled for item in items}
    return len(table), [item.missing for item in items][:1]


def fail(depth):
    trail = [depth]
    if depth == 0:
        raise ValueError(str(trail))
    try:
        fail(depth - 1)
    finally:
        trail.append(trail[:])


def exceptions(depth):
    try:
        fail(depth)
    except ValueError as error:
        return len(traceback.format_exception(error))


def looks_at_frames(depth):
    if depth:
        result = looks_at_frames(depth - 1)
        return [*result, len(locals())]
    frame = sys._getframe()
    names = []
    while frame:
        names.append(frame.f_code.co_name + str(frame.f_lineno))
        names.append(str(len(frame.f_locals)))
        frame = frame.f_back
    return names


def makes_code(count):
    for n in range(count):
        space = {}
        exec(
            f"def made(x):\n    y = [x, {n}]\n    return [y, other(y)]\n"
            "def other(z):\n    return [z]\n",
            space,
        )
        space["made"](n)
        space["made"](n)


async def waits(depth):
    data = [depth]
    if depth:
        await asyncio.sleep(0)
        data += await waits(depth - 1)
    return data


async def many(tasks, depth):
    return await asyncio.gather(*(waits(depth + n % 3) for n in range(tasks)))


async def streams(limit):
    async def source():
        for n in range(limit):
            await asyncio.sleep(0)
            yield [n]

    return [item async for item in source()]


def tracing(depth):
    seen = []

    def trace(frame, event, arg):
        seen.append([event])
        return trace

    sys.settrace(trace)
    try:
        recurse(depth)
        callbacks(5)
    finally:
        sys.settrace(None)
    return len(seen)


def jumps():
    def trace(frame, event, arg):
        if frame.f_code is target.__code__ and event == "line" and frame.f_lineno == first + 2:
            frame.f_lineno = first + 4
        return trace

    def target():
        a = [1]
        a = [2]
        a = [3]
        a = [4]
        return a

    first = target.__code__.co_firstlineno
    sys.settrace(trace)
    try:
        target()
    finally:
        sys.settrace(None)


def cycles(count):
    for _ in range(count):
        a, b = Dunders(1), Dunders(2)
        a.other, b.other = b, a
    return gc.collect()


def closures(depth):
    cell = [depth]

    def inner(x=depth):
        cell.append([x])
        return closures(x - 1) if x else cell

    return inner()


def everything(scale):
    for _ in range(scale):
        recurse(60)
        deep_and_back(40)
        same_generator_from_two_places(20)
        callbacks(20)
        exceptions(40)
        looks_at_frames(30)
        makes_code(3)
        asyncio.run(many(6, 5))
        asyncio.run(streams(5))
        tracing(10)
        jumps()
        cycles(3)
        closures(30)
        recurse(400)
        [recurse(n) for n in (3, 300, 7, 200)]


def main():
    scale = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    threads = [threading.Thread(target=everything_in_thread, args=(scale,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    everything(scale)
    for thread in threads:
        thread.join()
    print("done")


def everything_in_thread(scale):
    for _ in range(scale):
        recurse(60)
        deep_and_back(40)
        same_generator_from_two_places(20)
        callbacks(20)
        exceptions(40)
        closures(30)


if __name__ == "__main__":
    main()
