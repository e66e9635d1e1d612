# may: compact
"""The tree of managed objects, with get / get-next / walk."""
from oid import parse


class Node:
    __slots__ = ("arc", "value", "children")

    def __init__(self, arc):
        self.arc = arc
        self.value = None
        self.children = {}


class Mib:
    def __init__(self):
        self.root = Node(-1)
        self.size = 0

    def insert(self, oid, value):
        node = self.root
        for arc in oid:
            child = node.children.get(arc)
            if child is None:
                child = node.children[arc] = Node(arc)  # advise: gc-pressure
                self.size += 1
            node = child
        node.value = value

    def get(self, oid):
        node = self.root
        for arc in oid:
            node = node.children.get(arc)
            if node is None:
                return None
        return node.value

    def walk(self, prefix):
        """Yield (oid, value) below prefix in lexicographic order."""
        node = self.root
        for arc in prefix:
            node = node.children.get(arc)
            if node is None:
                return
        stack = [(tuple(prefix), node)]
        while stack:
            oid, node = stack.pop()
            if node.value is not None:
                yield oid, node.value
            for arc in sorted(node.children, reverse=True):
                stack.append((oid + (arc,), node.children[arc]))


def load(lines):
    mib = Mib()
    for number, line in enumerate(lines, 1):
        oid, eq, value = line.partition(" = ")
        if not eq:
            raise SyntaxError(f"line {number}: no value")
        mib.insert(parse(oid), value)
    return mib
