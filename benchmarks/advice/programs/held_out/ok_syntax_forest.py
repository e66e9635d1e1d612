"""Builds one big syntax forest while the collector rests, then walks it again and again."""
# forbid: gc-pressure, compact
import contextlib
import gc


class Node:
    __slots__ = ("kind", "children")

    def __init__(self, kind, children):
        self.kind = kind
        self.children = children


@contextlib.contextmanager
def collector_resting():
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


KINDS = ("call", "name", "binary", "block")


def grow(depth, seed):
    if depth == 0:
        return Node(KINDS[seed % 4], ())
    width = 2 + seed % 3
    children = tuple([grow(depth - 1, seed * 3 + n) for n in range(width)])
    return Node(KINDS[(seed + depth) % 4], children)


def walk(node):
    yield node
    for child in node.children:
        yield from walk(child)


def longest_chain(node, kind):
    best = max((longest_chain(child, kind) for child in node.children), default=0)
    return best + (node.kind == kind)


with collector_resting():
    forest = [grow(8, seed) for seed in range(32)]
counts = dict.fromkeys(KINDS, 0)
for tree in forest:
    for node in walk(tree):
        counts[node.kind] += 1
print(counts)
for kind in KINDS:
    print(kind, [longest_chain(tree, kind) for tree in forest])
