"""What was there before a recording, by type: as many objects, as many bytes, and no lines."""

from __future__ import annotations

from heapq import nlargest

from memscope.analysis.types import type_name
from memscope.capture import Capture
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class TypeThen:
    name: str
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """The heaviest types first. Sizes are those of the objects with their own tables and arrays."""

    objects: int
    bytes: int
    types: tuple[TypeThen, ...]


def inventory(capture: Capture, limit: int = 10) -> Inventory | None:
    """Objects of the first snapshot whose blocks are from before; None: there is no snapshot."""
    snapshot = capture.snapshot_at(capture.moments[0]) if capture.moments else None
    if snapshot is None:
        return None
    sums: dict[int, list[int]] = {}
    first = snapshot.roots + 1
    columns = (snapshot.type, snapshot.size_bytes, snapshot.row)
    for kind, size, row in zip(*(column[first:] for column in columns), strict=True):
        if not row:
            found = sums.setdefault(int(kind), [0, 0])
            found[0] += 1
            found[1] += int(size)
    types = capture.tables.types
    heaviest = nlargest(limit, sums, key=lambda kind: (sums[kind][1], sums[kind][0]))
    return Inventory(
        objects=sum(objects for objects, _ in sums.values()),
        bytes=sum(size for _, size in sums.values()),
        types=tuple(TypeThen(type_name(types[kind]), *sums[kind]) for kind in heaviest),
    )
