"""The frames of a stack, and the user's own ones among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from memscope.advice.evidence.lines import UserLine
from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin
from memscope.capture.model import CodeFrame


class UserFrames:
    """Stacks by their node, or by the rows that they allocated."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures

    def frames(self, node: int) -> tuple[CodeFrame, ...]:
        """All frames of a stack, outermost first."""
        return self._measures.stacks.tables.stack(node)

    def own(self, node: int) -> list[tuple[int, CodeFrame]]:
        """The nodes and frames of user code on a stack, innermost first."""
        stacks = self._measures.stacks
        parents = stacks.tables.nodes.parent
        found = []
        while node:
            if stacks.origin(node) is Origin.OWN:
                found.append((node, stacks.frame(node)))
            node = parents[node]
        return found

    def own_at_peak(self, line: UserLine) -> list[CodeFrame]:
        """The own frames, innermost first, of the stack that holds most of a line at the peak."""
        row = max(line.rows, key=self._measures.capture.totals.peak_bytes.__getitem__)
        return [frame for _, frame in self.own(self._measures.row_stacks[row])]

    def heaviest(self, rows: Iterable[int], by: Sequence[float]) -> tuple[CodeFrame, ...]:
        """The frames of the row that has most of something; none of no rows."""
        rows = list(rows)
        if not rows:
            return ()
        return self.frames(self._measures.row_stacks[max(rows, key=by.__getitem__)])
