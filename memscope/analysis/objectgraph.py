"""Who keeps what alive: the dominators of a snapshot's objects, and the ways that lead to them.

An object dominates another if every way from a root leads through it: when it goes, the other goes
too. What it dominates, with itself, is what it retains.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from memscope.capture import _columns
from memscope.capture.columns import (
    as_type,
    by_group,
    gathered,
    members,
    nearest,
    risen,
    scatter,
    zeros,
)
from memscope.capture.snapshots import KIND_BITS, Kind, Seen, Snapshot

# What a step of a way costs: the cheapest way is shown. Through these almost everything can be
# reached, and nobody would go that way.
_USUAL, _UNNAMED, _ROUNDABOUT = 2, 4, 40
_DETOURS = {
    *("__globals__", "__builtins__", "__class__", "__mro__", "__bases__", "__base__", "f_code"),
    *("tb_next", "__code__", "co_consts", "__wrapped__", "__objclass__", "__module__"),
}
_DETOURS_OF_INTERPRETER = {"modules by index", "importlib", "interpreter dictionary", "builtins"}
_VALUE = array("I", [Kind.VALUE])
ENTRY, ENTRY_OF_C, GARBAGE = 1, 2, 3
NONE = 0xFFFFFFFF


class ObjectGraph:
    """A snapshot as a graph; place 0 is the root of all."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.count = len(snapshot.type)

    @cached_property
    def entries(self) -> bytearray:
        """For each object why it lives by itself, if it does."""
        by_c = Seen.HELD | Seen.IMMORTAL
        return bytearray(
            self.by_flags(
                lambda flag: ENTRY if flag & Seen.ROOT else ENTRY_OF_C if flag & by_c else 0
            )
        )

    def by_flags(self, value: Callable[[int], int]) -> bytes:
        """For each object what its flags come to."""
        # One look-up for each: to ask a flag of each of a million objects took ten seconds.
        return bytes(self.snapshot.flags).translate(bytes(map(value, range(256))))

    @cached_property
    def kinds(self) -> bytes:
        """The kind of each reference."""
        # Bytes of a column at once: a mask for each of a million references took a quarter second.
        labels = as_type("I", self.snapshot.labels)
        lowest = 0 if sys.byteorder == "little" else labels.itemsize - 1
        of_byte = bytes(value & ((1 << KIND_BITS) - 1) for value in range(256))
        return labels.tobytes()[lowest :: labels.itemsize].translate(of_byte)

    @cached_property
    def _tree(self) -> tuple[array[int], array[int]]:
        """Objects in an order in which each follows its dominator; their dominators' places."""
        order, dominator = zeros("I", self.count), zeros("I", self.count)
        # What only names a thing is no reference.
        cell = int(Kind.CELL)
        targets: Sequence[int] = self.snapshot.targets
        if self.kinds.find(cell) >= 0:
            kept = array("I", targets)
            at = self.kinds.find(cell)
            while at >= 0:
                kept[at] = 0
                at = self.kinds.find(cell, at + 1)
            targets = kept
        _columns.dominators(order, dominator, self.entries, self.snapshot.starts, targets)
        return order, dominator

    @cached_property
    def dominators(self) -> array[int]:
        """For each object the one that dominates it; 0: only the root of all does."""
        order, dominator = self._tree
        found = zeros("I", self.count)
        scatter(found, order, gathered(order, dominator))
        return found

    def risen(self, values: Sequence[int]) -> array[int]:
        """For each object the sum of what it dominates, and its own."""
        order, dominator = self._tree
        sums = risen(gathered(values, order), dominator)
        found = zeros("q", self.count)
        scatter(found, order, sums)
        return found

    @cached_property
    def retained_bytes(self) -> array[int]:
        return self.risen(as_type("q", self.snapshot.size_bytes))

    @cached_property
    def retained_objects(self) -> array[int]:
        roots = self.snapshot.roots
        return self.risen(bytes(1 + roots) + b"\1" * (self.count - 1 - roots))

    @cached_property
    def order(self) -> array[int]:
        """All objects, each after the one that dominates it."""
        return self._tree[0]

    @cached_property
    def costs(self) -> bytearray:
        """What each reference costs as a step of a way."""
        of_kind = [_USUAL] * (1 << KIND_BITS)
        of_kind[Kind.OTHER] = _UNNAMED
        of_kind[Kind.KEY] = _ROUNDABOUT
        snapshot = self.snapshot
        costs = bytearray(self.kinds.translate(bytes(of_kind) + bytes(256 - len(of_kind))))
        detours = {
            number << KIND_BITS | Kind.FIELD
            for number, name in enumerate(snapshot.names)
            if name in _DETOURS or name in _DETOURS_OF_INTERPRETER
        }
        # Names of attributes are objects.
        named = {
            number for number, name in enumerate(snapshot.name) if snapshot.names[name] in _DETOURS
        } - {0}
        detours |= {number << KIND_BITS | Kind.ATTRIBUTE for number in named}
        for place in self._places_of({Kind.FIELD, Kind.ATTRIBUTE}, self.kinds):
            if snapshot.labels[place] in detours:
                costs[place] = _ROUNDABOUT
        # The value of a key follows it.
        for place in self._places_of(named, snapshot.targets):
            if snapshot.labels[place + 1 : place + 2] == _VALUE:
                costs[place + 1] = _ROUNDABOUT
        return costs

    def _places_of(self, wanted: Iterable[int], column: Sequence[int]) -> array[int]:
        """The places of a column that have one of these values, which are below the most kinds or
        objects that there are."""
        is_wanted = bytearray(max(self.count + 1, 1 << KIND_BITS))
        for value in wanted:
            is_wanted[value] = 1
        return members(is_wanted, column)

    @cached_property
    def _routes(self) -> tuple[array[int], array[int]]:
        by, from_ = zeros("I", self.count), zeros("I", self.count)
        self._tree  # noqa: B018 -- it says what is garbage
        snapshot = self.snapshot
        _columns.routes(by, from_, snapshot.starts, snapshot.targets, self.entries, self.costs)
        return by, from_

    def way_to(self, number: int) -> list[tuple[int, int]]:
        """The steps to an object: each object on the way, and the reference by which it is reached.

        That of the first is -1: it is a root, or held by something that is no object.
        """
        by, from_ = self._routes
        way = []
        while by[number]:
            way.append((number, by[number] - 1))
            number = from_[number]
        way.append((number, -1))
        return way[::-1]

    def step_to(self, number: int) -> tuple[int, int]:
        """The object before it on the way, and the reference; (0, -1): the way begins here."""
        by, from_ = self._routes
        return (from_[number], by[number] - 1) if by[number] else (0, -1)

    @cached_property
    def heaviest_below(self) -> array[int]:
        """For each object the one that retains the most of those that it dominates; NONE: none."""
        found = zeros("I", self.count)
        _columns.heaviest_of(found, self.dominators, self.retained_bytes)
        return found

    @cached_property
    def _families(self) -> tuple[array[int], array[int]]:
        return by_group(self.dominators, self.count)

    def dominated_by(self, number: int) -> array[int]:
        """The objects right below it."""
        places, ends = self._families
        return places[ends[number - 1] if number else 0 : ends[number]]

    def below(self, marked: bytes) -> Sequence[int]:
        """For each object the nearest marked one, itself or above; 0: none."""
        order, dominator = self._tree
        places = nearest(dominator, gathered(marked, order))
        found = zeros("I", self.count)
        scatter(found, order, gathered(order, places))
        return found


def places_of(marked: bytes) -> Iterator[int]:
    """The objects that are marked, in order."""
    place = marked.find(1)
    while place >= 0:
        yield place
        place = marked.find(1, place + 1)
