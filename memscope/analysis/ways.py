"""Ways to objects, as one would write them in Python: `service.cache._entries[…].orders[3]`.

Keys are data. Without `--snapshot-values` a key is told by its type and length. What stands in
angle brackets cannot be written in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from memscope.analysis.objectgraph import ENTRY_OF_C, GARBAGE, ObjectGraph
from memscope.analysis.types import type_name
from memscope.capture.model import BlockType
from memscope.capture.snapshots import KIND_BITS, Kind, RootKind, Seen
from memscope.plain import dataclass

RootName = Literal[
    "module", "local", "thread", "interpreter", "atexit", "c", "immortal", "garbage", "none"
]
_MASK = (1 << KIND_BITS) - 1
_MOST_ALIKE = 3  # steps in a row that are told one by one
_LONGEST = 400  # characters of a pattern
_AND_SO_ON = " and so on"

_NAMED = {
    Kind.ATTRIBUTE: ".{}",
    Kind.LOCAL: ".<local {}>",
    Kind.CELL: ".<closure {}>",
    Kind.OTHER: ".<{}>",
}


@dataclass(frozen=True, slots=True)
class Root:
    """What keeps an object alive in the end: its kind and its name."""

    kind: RootName
    name: str


@dataclass(frozen=True, slots=True)
class RootPath:
    """From a root to an object."""

    path: str
    root: Root


class Namer:
    """Names the ways of one graph."""

    def __init__(self, graph: ObjectGraph, types: Sequence[BlockType]) -> None:
        self.graph = graph
        self.snapshot = graph.snapshot
        self.types = types
        self._patterns: dict[int, tuple[str, Root, str, int]] = {}

    def type_of(self, number: int) -> str:
        return type_name(self.types[self.snapshot.type[number]])

    def name_of(self, number: int) -> str:
        """What an object that is a name says; empty: it is none, or is not told."""
        return self.snapshot.names[self.snapshot.name[number]]

    def way_to(self, number: int) -> RootPath:
        steps = self.graph.way_to(number)
        path, root = self._start(steps[0][0])
        before = steps[0][0]
        for target, reference in steps[1:]:
            path, root = self._further(path, root, before, target, reference, exact=True)
            before = target
        return RootPath(path or f"<{self.type_of(number)}>", root)

    def pattern_of(self, number: int) -> RootPath:
        """The same for all objects that are reached alike: indices and keys are left out."""
        path, root, _, _ = self._patterned(number)
        return RootPath(path, root)

    def _patterned(self, number: int) -> tuple[str, Root, str, int]:
        """The pattern, its root, its last step, and how often in a row that was taken."""
        steps = []
        at = number
        while at not in self._patterns:
            source, reference = self.graph.step_to(at)
            steps.append((source, at, reference))
            if reference < 0:
                path, root = self._start(at)
                self._patterns[at] = path, root, "", 0
                steps.pop()
                break
            at = source
        for source, target, reference in reversed(steps):
            path, root, last, times = self._patterns[source]
            further, root = self._further(path, root, source, target, reference, exact=False)
            step = further[len(path) :] if further.startswith(path) else further
            times = times + 1 if step == last else 1
            # A chain of a million alike steps is one pattern.
            if step and (times > _MOST_ALIKE or len(path) > _LONGEST):
                further = path if path.endswith(_AND_SO_ON) else f"{path}{_AND_SO_ON}"
            self._patterns[target] = further, root, step or last, times
        return self._patterns[number]

    def _start(self, number: int) -> tuple[str, Root]:
        """How the way begins that has an object for its first."""
        snapshot = self.snapshot
        name = self.name_of(number)
        if snapshot.flags[number] & Seen.ROOT:
            return {
                RootKind.FRAME: (f"{name}()", Root("local", name)),
                RootKind.THREAD: (f"<{name}>", Root("thread", name)),
                RootKind.ATEXIT: ("<atexit>", Root("atexit", "")),
            }.get(RootKind(snapshot.type[number]), ("", Root("interpreter", "")))
        entry = self.graph.entries[number]
        if entry == GARBAGE:
            return f"<{self.type_of(number)} in a cycle>", Root("garbage", "")
        if entry != ENTRY_OF_C:
            return f"<{self.type_of(number)}>", Root("none", "")
        immortal = bool(snapshot.flags[number] & Seen.IMMORTAL)
        return f"<{name or self.type_of(number)}>", Root("immortal" if immortal else "c", "")

    def _further(
        self, path: str, root: Root, source: int, target: int, reference: int, *, exact: bool
    ) -> tuple[str, Root]:
        label = self.snapshot.labels[reference]
        kind, what = label & _MASK, label >> KIND_BITS
        flags = self.snapshot.flags[source]
        if flags & Seen.MODULES and kind == Kind.VALUE:
            name = self.name_of(self.snapshot.targets[reference - 1])
            return name, Root("module", name)
        if flags & Seen.ROOT:
            return self._from_root(path, root, kind, what)
        if kind == Kind.FIELD and self.snapshot.names[what] == "__dict__":
            return path, root
        return path + self._step(source, target, reference, exact=exact), root

    def _from_root(self, path: str, root: Root, kind: int, what: int) -> tuple[str, Root]:
        if kind == Kind.LOCAL:
            return f"{path}.{self.name_of(what)}", root
        name = self.snapshot.names[what] if kind == Kind.FIELD else ""
        if root.kind == "interpreter":
            return f"<{name}>", Root("interpreter", name)
        return (f"{path}.<{name}>" if name else f"{path}.<working value>"), root

    def _step(self, source: int, target: int, reference: int, *, exact: bool) -> str:
        snapshot = self.snapshot
        label = snapshot.labels[reference]
        kind, what = label & _MASK, label >> KIND_BITS
        if kind == Kind.ITEM:
            return f"[{what}]" if exact else "[…]"
        if kind in (Kind.VALUE, Kind.KEY):
            return self._by_key(source, target, reference, kind, exact=exact)
        if kind == Kind.FIELD:
            name = snapshot.names[what]
            return "" if name == "cell_contents" else f".{name}"
        name = self.name_of(what) if kind != Kind.OTHER else self.type_of(target)
        return _NAMED[Kind(kind)].format(name)

    def _by_key(self, source: int, target: int, reference: int, kind: int, *, exact: bool) -> str:
        if kind == Kind.KEY:
            return f".<key {self.type_of(target)}>"
        snapshot = self.snapshot
        key = snapshot.targets[reference - 1]
        name = self.name_of(key)
        if snapshot.flags[source] & Seen.NAMESPACE and name:
            return f".{name}"
        if not exact:
            return "[…]"
        if snapshot.moment.values and name:
            return f"[{name!r}]"
        length = snapshot.labels[reference - 1] >> KIND_BITS
        return f"[<{self.type_of(key)}{f' of {length}' if length else ''}>]"
