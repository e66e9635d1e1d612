"""Large blocks that a local name holds at the peak, and that name."""

from __future__ import annotations

import ast

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.policy import ReleaseEarly
from memscope.advice.program.names import named, returned
from memscope.advice.program.statements import Statement
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

COMPREHENSION_FRAMES = ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>")


@dataclass(frozen=True, slots=True)
class HeldByName:
    """A local name, and the line whose blocks it holds at the peak."""

    line: UserLine
    node: int  # of the frame whose name it is
    frame: CodeFrame
    statement: Statement
    name: str
    blocks: float  # large ones of the line at the peak
    once: bool  # whether the heaviest of them is the only one of its size ever made

    @property
    def several(self) -> bool:
        """Whether somebody collects them: no one name holds them but a list's."""
        return self.blocks > ReleaseEarly.most_blocks and not _collects(self.statement)

    @property
    def ends_at(self) -> int:
        return self.statement.node.end_lineno or self.statement.node.lineno


def held_by_name(context: Context, line: UserLine) -> HeldByName | None:
    totals = context.capture.totals
    large = context.rows.large(line.rows, ReleaseEarly.large_block_bytes)
    at_peak = [row for row in large if totals.peak_blocks[row]]
    if not at_peak:
        return None
    heaviest = max(at_peak, key=totals.peak_bytes.__getitem__)
    retainer = _name_above(context, context.measures.row_stacks[heaviest])
    if retainer is None:
        return None
    once = totals.allocations[heaviest] - totals.reallocations[heaviest] <= 1
    return HeldByName(line, *retainer, sum(totals.peak_blocks[row] for row in at_peak), once)


def _collects(statement: Statement) -> bool:
    value = getattr(statement.node, "value", None)
    return isinstance(value, ast.ListComp | ast.DictComp) and isinstance(
        statement.node, ast.Assign | ast.AnnAssign
    )


def _name_above(context: Context, node: int) -> tuple[int, CodeFrame, Statement, str] | None:
    """The name that a block's way up the stack ends in: `data = load()` for what load returns."""
    for number, (own_node, frame) in enumerate(context.stacks.own(node)):
        if frame.function.endswith(COMPREHENSION_FRAMES):
            continue  # up to 3.11 a frame of its own: the name is its caller's
        statement = context.statement(frame)
        if statement is None:
            return None
        name = named(statement)
        if name:
            if returned(statement, name):
                continue
            return own_node, frame, statement, name
        if not isinstance(statement.node, ast.Return) or number > ReleaseEarly.most_returns:
            return None
    return None
