"""Generators, suspended, nested, thrown into, closed late, and collected with a cycle."""

import gc
import itertools


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield [depth] * depth
        yield from tree(depth - 1)


def patient():
    received = []
    while True:
        try:
            received.append((yield len(received)))
        except KeyError as error:
            received = [error.args]
        except GeneratorExit:
            print("closed with", len(received))
            raise


print(sum(len(item) for item in tree(12)))
generator = patient()
next(generator)
for i in range(100):
    generator.send([i])
print(generator.throw(KeyError("again")))
del generator

# Resumed from different places: its callers change while it is suspended.
shared = (bytes(n) for n in itertools.count())


def take(depth, count):
    return take(depth - 1, count) if depth else sum(len(next(shared)) for _ in range(count))


print([take(depth, 20) for depth in (0, 5, 1, 30)])


def cyclic():
    me = yield
    yield me


gc.disable()  # or the collector might come first: its turn depends on all that was allocated before
gc.collect()
knot = cyclic()
next(knot)
knot.send(knot)
del knot
print(gc.collect() > 0)
