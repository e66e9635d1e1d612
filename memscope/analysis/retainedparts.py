"""Who keeps some of a snapshot's objects alive: those that one stretch of work has left.

cache ─► entries ─► Order*  ─► str*         * left: 2 objects at `cache.entries[…]`, the way to
                ─► Order*  ─► str*            the first of them on each branch of the dominators
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

from memscope.analysis.retainers import Holdings, LineShare, TypeShare
from memscope.analysis.types import type_name
from memscope.analysis.ways import RootPath
from memscope.plain import dataclass

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class RetainedPart:
    """Those of the objects that are reached alike, with those that only they keep alive."""

    way: RootPath
    objects: int
    bytes: int
    types: tuple[TypeShare, ...]
    lines: tuple[LineShare, ...]


def retained_parts(holdings: Holdings, wanted: Iterable[int]) -> list[RetainedPart]:
    """What keeps these objects alive, the most bytes first; other objects do not count."""
    tops = _tops(holdings, set(wanted))
    groups: dict[RootPath, list[int]] = {}
    ways: dict[int, RootPath] = {}
    for number, top in tops.items():
        if top not in ways:
            ways[top] = holdings.namer.pattern_of(top)
        groups.setdefault(ways[top], []).append(number)
    parts = [_part(holdings, way, numbers) for way, numbers in groups.items()]
    return sorted(parts, key=lambda part: (-part.bytes, part.way.path))


def _tops(holdings: Holdings, wanted: set[int]) -> dict[int, int]:
    """For each of them the first of them above it, itself if there is none."""
    dominators = holdings.graph.dominators
    found: dict[int, int] = {0: 0}  # for each object that was passed; 0: none is above
    for number in wanted:
        path, at = [], number
        while at not in found:
            path.append(at)
            at = dominators[at]
        top = found[at]
        for each in reversed(path):
            top = top or (each if each in wanted else 0)
            found[each] = top
    return {number: found[number] for number in wanted}


def _part(holdings: Holdings, way: RootPath, numbers: list[int]) -> RetainedPart:
    snapshot = holdings.snapshot
    by_type: dict[str, int] = {}
    by_line: dict[int, int] = {}
    for number in numbers:
        size = snapshot.size_bytes[number]
        name = type_name(holdings.types[snapshot.type[number]])
        node = holdings.line_nodes[number]
        by_type[name] = by_type.get(name, 0) + size
        by_line[node] = by_line.get(node, 0) + size
    return RetainedPart(
        way=way,
        objects=len(numbers),
        bytes=sum(by_type.values()),
        types=tuple(TypeShare(*share) for share in _heaviest(by_type)),
        lines=tuple(holdings.line_share(*share) for share in _heaviest(by_line)),
    )


def _heaviest(shares: dict[K, int]) -> list[tuple[K, int]]:
    return sorted(shares.items(), key=lambda item: -item[1])
