"""Finds in one snapshot what another one has at the same place: the same way from a named root.

Snapshots of a run have objects in common, but no numbers. What is compared is the place: `cache` of
a module, its `_entries`. Keys that are not told are taken in their order, among those that are told
alike.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from itertools import pairwise

from memscope.analysis.objectgraph import places_of
from memscope.analysis.ways import Namer
from memscope.capture.snapshots import KIND_BITS, Kind, Seen

Meaning = tuple[Hashable, ...]
Step = tuple[Meaning, int]  # what it is called, and which of several that are called so
Steps = tuple[Step, ...]

_LONGEST = 64  # steps
_LARGE = 4096  # references: from here on, nothing is remembered of the others
_MASK = (1 << KIND_BITS) - 1


class Places:
    """The places of one snapshot."""

    def __init__(self, namer: Namer) -> None:
        self.namer = namer
        self.graph = namer.graph
        self.snapshot = namer.snapshot
        self._steps: dict[int, Step] = {}  # by reference
        self._marked: dict[int, dict[int, Step]] = {}
        self._targets: dict[int, dict[Step, int]] = {}
        self._found: dict[Steps, int] = {}

    def steps_to(self, number: int) -> Steps | None:
        """How to come there; None: not from anything that has a name, or too far from it."""
        way = self.graph.way_to(number)
        start = self._meanings.get(way[0][0])
        if start is None or len(way) > _LONGEST:
            return None
        steps = [(start, 0)]
        for (source, _), (_, reference) in pairwise(way):
            if reference not in self._steps:
                self._steps[reference] = self._step(source, reference)
            steps.append(self._steps[reference])
        return tuple(steps)

    def find(self, steps: Steps) -> int:
        """The object to which they lead; 0: none."""
        number = self._starts.get(steps[0][0], 0)
        for length in range(2, len(steps) + 1):
            so_far = steps[:length]
            if so_far not in self._found:
                self._found[so_far] = self._follow(number, *so_far[-1]) if number else 0
            number = self._found[so_far]
        return number

    # ---- how a way begins ----

    @cached_property
    def _meanings(self) -> dict[int, Meaning]:
        """What has a name that nothing else has: roots, classes, modules."""
        snapshot, namer = self.snapshot, self.namer
        kinds = Seen.ROOT | Seen.CLASS | Seen.MODULE
        of_name: dict[Meaning, list[int]] = {}
        for number in places_of(self.graph.by_flags(lambda flag: flag & kinds != 0)):
            root = snapshot.flags[number] & Seen.ROOT
            of = snapshot.type[number] if root else namer.type_of(number)
            if root or namer.name_of(number):
                of_name.setdefault((of, namer.name_of(number)), []).append(number)
        return {numbers[0]: name for name, numbers in of_name.items() if len(numbers) == 1}

    @cached_property
    def _starts(self) -> dict[Meaning, int]:
        return {meaning: number for number, meaning in self._meanings.items()}

    # ---- and goes on ----

    def _meaning(self, source: int, reference: int) -> Meaning:
        snapshot, namer = self.snapshot, self.namer
        label = snapshot.labels[reference]
        kind, what = label & _MASK, label >> KIND_BITS
        if kind == Kind.VALUE:
            key = snapshot.targets[reference - 1]
            name = namer.name_of(key)
            told = snapshot.flags[source] & (Seen.NAMESPACE | Seen.MODULES)
            if name and (told or snapshot.moment.values):
                return kind, name
            return kind, namer.type_of(key), snapshot.labels[reference - 1] >> KIND_BITS
        if kind == Kind.FIELD:
            return kind, snapshot.names[what]
        if kind in (Kind.ATTRIBUTE, Kind.LOCAL, Kind.CELL):
            return kind, namer.name_of(what)
        if kind == Kind.ITEM:
            return kind, what
        return kind, namer.type_of(snapshot.targets[reference])

    def _marks(self, source: int) -> dict[int, Step]:
        """The steps from an object that is not too large, by reference."""
        if source not in self._marked:
            starts = self.snapshot.starts
            seen: dict[Meaning, int] = {}
            steps = {}
            for at in range(starts[source], starts[source + 1]):
                meaning = self._meaning(source, at)
                steps[at] = meaning, seen.get(meaning, 0)
                seen[meaning] = seen.get(meaning, 0) + 1
            self._marked[source] = steps
            self._targets[source] = {step: self.snapshot.targets[at] for at, step in steps.items()}
        return self._marked[source]

    def _is_large(self, source: int) -> bool:
        return self.snapshot.starts[source + 1] - self.snapshot.starts[source] > _LARGE

    def _step(self, source: int, reference: int) -> Step:
        if not self._is_large(source):
            return self._marks(source)[reference]
        meaning = self._meaning(source, reference)
        label = self.snapshot.labels[reference]
        before = range(self.snapshot.starts[source], reference)
        return meaning, sum(self._is(source, at, label & _MASK, meaning) for at in before)

    def _is(self, source: int, reference: int, kind: int, meaning: Meaning) -> bool:
        if self.snapshot.labels[reference] & _MASK != kind:
            return False
        return self._meaning(source, reference) == meaning

    def _follow(self, source: int, meaning: Meaning, place: int) -> int:
        if not self._is_large(source):
            self._marks(source)
            return self._targets[source].get((meaning, place), 0)
        starts, kind = self.snapshot.starts, meaning[0]
        assert isinstance(kind, int)
        for at in range(starts[source], starts[source + 1]):
            if self._is(source, at, kind, meaning):
                if place == 0:
                    return self.snapshot.targets[at]
                place -= 1
        return 0
