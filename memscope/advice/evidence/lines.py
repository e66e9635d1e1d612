"""The lines of user code that allocated, themselves or through libraries."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property

from memscope.advice.evidence.rows import Blocks, RowSums
from memscope.analysis.measures import Measures
from memscope.capture.columns import (
    chosen,
    entries_by_value,
    gathered,
    heaviest_of,
    in_order,
    numbered,
)
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

NOWHERE = -1  # the key of rows that no own line had allocated


@dataclass(frozen=True, slots=True)
class UserLine:
    """A line of user code with the rows that it had allocated, itself or through libraries."""

    key: int
    node: int  # the own node of its heaviest stack
    frame: CodeFrame
    blocks: Blocks

    @property
    def rows(self) -> Sequence[int]:
        return self.blocks.rows


class UserLines:
    """All lines of user code that allocated while no module was being imported."""

    def __init__(self, measures: Measures, rows: RowSums) -> None:
        self._measures = measures
        self._rows = rows

    @cached_property
    def all(self) -> tuple[UserLine, ...]:
        """Each line, the one that allocated most bytes first."""
        stacks, keys = self._measures.stacks, self.key_of_row
        groups, first = numbered(keys)
        sums = self._rows.sums_by(groups, len(first))
        allocated = self._measures.capture.totals.allocated_bytes
        heaviest = heaviest_of(groups, allocated, len(first))
        found = []
        for group in in_order(first):
            key = keys[first[group]]
            if key != NOWHERE:
                node = stacks.own[self._measures.row_stacks[heaviest[group]]]
                blocks = Blocks(self._rows_by_key[key], **sums[group])
                found.append(UserLine(key, node, stacks.frame(node), blocks))
        found.sort(key=lambda line: -line.blocks.allocated_bytes)
        return tuple(found)

    @cached_property
    def key_of_row(self) -> Sequence[int]:
        """For each row the key of its own line, or `NOWHERE`."""
        stacks = self._measures.stacks
        nodes = self._measures.row_stacks
        own = gathered(stacks.own, nodes)
        nowhere = array("i", [NOWHERE]) * len(nodes)
        keys = chosen(own, gathered(stacks.line_keys, own), nowhere)
        return chosen(gathered(stacks.importing, nodes), nowhere, keys)

    @cached_property
    def _rows_by_key(self) -> dict[int, array[int]]:
        found = entries_by_value(self.key_of_row)
        return {key: rows for key, rows in found if key != NOWHERE}

    @cached_property
    def _by_key(self) -> dict[int, UserLine]:
        return {line.key: line for line in self.all}

    def of_row(self, row: int) -> UserLine | None:
        """The line that a row is of."""
        return self._by_key.get(self.key_of_row[row])

    def rows_of(self, key: int) -> Sequence[int]:
        """The rows of the line with this key."""
        return self._rows_by_key.get(key, ())
