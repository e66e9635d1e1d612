"""What became of each type between two sides, each of one or several captures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from memscope.analysis.changes import Change, Kind, Sample
from memscope.analysis.measures import Measures
from memscope.analysis.types import TYPES_BYS, TypesBy, find_types
from memscope.capture.model import BlockType
from memscope.plain import dataclass

TypeSums = Mapping[TypesBy, float]


@dataclass(frozen=True, slots=True)
class TypeChange:
    """A type's figures on both sides; classes of one name are one, since only names last."""

    type: BlockType
    status: Literal["both", "added", "removed"]
    measures: Mapping[TypesBy, Change]


def sums_of_types(measures: Measures) -> dict[BlockType, TypeSums] | None:
    """What the types of a capture come to; None where it tells of none."""
    if not measures.capture.meta.objects:
        return None
    sums: dict[BlockType, TypeSums] = {}
    for row in find_types(measures, limit=0).rows:
        before = sums.get(row.type, {})
        sums[row.type] = {by: before.get(by, 0) + getattr(row, by) for by in TYPES_BYS}
    return sums


def type_changes(
    old: Sequence[Mapping[BlockType, TypeSums]],
    new: Sequence[Mapping[BlockType, TypeSums]],
    kind: Kind,
) -> Iterator[TypeChange]:
    """A type that a run does not have is nothing in it."""
    was, now = ({of for run in runs for of in run} for runs in (old, new))
    for of in sorted(was | now):
        yield TypeChange(
            type=of,
            status="both" if of in was and of in now else "removed" if of in was else "added",
            measures={
                by: Change(kind, _sample(old, of, by), _sample(new, of, by)) for by in TYPES_BYS
            },
        )


def _sample(runs: Sequence[Mapping[BlockType, TypeSums]], of: BlockType, by: TypesBy) -> Sample:
    return Sample(tuple(run[of][by] if of in run else 0 for run in runs))
