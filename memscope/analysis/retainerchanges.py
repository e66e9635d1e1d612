"""Which holders keep more or less alive in one capture than in another, at their last snapshots.

A holder is found in the other capture by its place: the same way from a root with a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest

from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings
from memscope.analysis.sameplaces import Places, Steps
from memscope.analysis.ways import RootPath
from memscope.plain import dataclass

_CANDIDATES = 64  # holders of each capture that are looked at, the heaviest first


@dataclass(frozen=True, slots=True)
class RetainerChange:
    """What one holder retains in both, in bytes and objects; 0 where it is not there."""

    way: RootPath
    type: str
    old_bytes: int
    new_bytes: int
    old_objects: int
    new_objects: int

    @property
    def delta(self) -> int:
        return self.new_bytes - self.old_bytes


@dataclass(frozen=True, slots=True)
class RetainerChanges:
    """The holders that changed most; `count` is how many of those looked at did."""

    old_bytes: int  # of all objects
    new_bytes: int
    rows: tuple[RetainerChange, ...]
    count: int


def retainer_changes(old: Measures, new: Measures, limit: int) -> RetainerChanges | None:
    """None: one of the two has no snapshot. limit 0: all that changed."""
    if not (old.capture.has_snapshot and new.capture.has_snapshot):
        return None
    was, now = Holdings(old), Holdings(new)
    changed = [change for change in _changes(was, now) if change.delta]
    rows = nlargest(limit or len(changed), changed, key=lambda change: abs(change.delta))
    return RetainerChanges(
        old_bytes=was.graph.retained_bytes[0],
        new_bytes=now.graph.retained_bytes[0],
        rows=tuple(rows),
        count=len(changed),
    )


def _changes(was: Holdings, now: Holdings) -> Iterator[RetainerChange]:
    before, after = Places(was.namer), Places(now.namer)
    known: list[Steps] = []
    for number in _heaviest(now):
        steps = after.steps_to(number)
        if steps is not None:
            known.append(steps)
            yield _change(was, before.find(steps), now, number)
    for number in _heaviest(was):
        steps = before.steps_to(number)
        # What is above or below one of the others is in that one's figures.
        if steps is not None and not any(_is_above(steps, of) for of in known):
            yield _change(was, number, now, after.find(steps))


def _heaviest(of: Holdings) -> list[int]:
    return nlargest(_CANDIDATES, of.tops, key=lambda at: of.graph.retained_bytes[at])


def _is_above(left: Steps, right: Steps) -> bool:
    common = min(len(left), len(right))
    return left[:common] == right[:common]


def _change(was: Holdings, old: int, now: Holdings, new: int) -> RetainerChange:
    side, number = (now, new) if new else (was, old)
    return RetainerChange(
        way=side.namer.way_to(number),
        type=side.namer.type_of(number),
        old_bytes=was.graph.retained_bytes[old] if old else 0,
        new_bytes=now.graph.retained_bytes[new] if new else 0,
        old_objects=was.graph.retained_objects[old] if old else 0,
        new_objects=now.graph.retained_objects[new] if new else 0,
    )
