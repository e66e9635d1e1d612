"""Which objects there were: by their types, as the recorder saw them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from memscope.advice.evidence.rows import as_rows
from memscope.analysis.measures import Measures
from memscope.capture.columns import flags, gathered, members, sums_by
from memscope.capture.model import BlockType

# Of the types that programs make by the thousand those that the collector never looks through.
_PLAIN = {"int", "str", "float", "bytes", "bytearray", "complex", "range", "code", "lock"}


class Objects:
    """The objects of a capture's rows."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._types = measures.capture.tables.types
        self._row_types = measures.capture.tables.rows.type

    def of(self, row: int) -> BlockType:
        """What a row's blocks are."""
        return self._types[self._row_types[row]]

    def of_types(self, rows: Iterable[int], is_wanted: Callable[[BlockType], bool]) -> array[int]:
        """Of these rows those whose blocks are of a type that is wanted, in their order."""
        wanted, rows = flags(map(is_wanted, self._types)), as_rows(rows)
        return gathered(rows, members(wanted, gathered(self._row_types, rows)))

    def created(self, rows: Iterable[int]) -> dict[BlockType, float]:
        """How many objects of each type these rows made, in new blocks or old ones."""
        rows = as_rows(rows)
        counts = sums_by(
            gathered(self._row_types, rows),
            gathered(self._measures.created, rows),
            len(self._types),
        )
        return {
            of: count
            for of, count in zip(self._types, counts, strict=True)
            if count and of.kind == "object"
        }

    @cached_property
    def instances(self) -> dict[str, float]:
        """How many objects of each class the whole program made, by the last part of its name."""
        found: dict[str, float] = {}
        for of, count in self.created(range(len(self._row_types))).items():
            name = class_name(of)
            found[name] = found.get(name, 0.0) + count
        return found

    @cached_property
    def items(self) -> Sequence[int]:
        """The rows that are arrays of items of lists."""
        of_list = flags(of.kind == "items" and of.name == "list" for of in self._types)
        return members(of_list, self._row_types)

    @cached_property
    def tracked(self) -> Sequence[int]:
        """For each row, 1 if the cyclic collector looks through its objects."""
        return gathered(flags(map(_is_tracked, self._types)), self._row_types)


def class_name(of: BlockType) -> str:
    """`Node` of `Graph.<locals>.Node`."""
    return of.name.rpartition(".")[2]


def _is_tracked(of: BlockType) -> bool:
    return of.kind == "object" and not (of.module in ("builtins", "_thread") and of.name in _PLAIN)
