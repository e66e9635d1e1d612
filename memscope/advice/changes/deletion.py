"""Deleting a name where it was read last."""

from __future__ import annotations

import ast

from memscope.advice.changes.editing import (
    Editor,
    around,
    block_of,
    is_within,
    looks_inside,
    nested_uses,
    uses_of,
)
from memscope.advice.model import Change
from memscope.advice.program.expressions import method_name
from memscope.advice.program.statements import LOOPS, Statement

_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
NO_PLACE = "the name may not be bound at a place after all that read it"


def deleted_name(editor: Editor, statement: Statement, name: str, peak_line: int) -> Change:
    """`del name` after the last statement that reads what a statement gave it.

    `peak_line`: where the function stood at the peak, at least.
    """
    scope = statement.scope
    if looks_inside(scope) or nested_uses(scope, name):
        return "the function's names are also used in another way"
    given = [node for node in uses_of(scope, name) if isinstance(node.ctx, ast.Store)]
    if len(given) != 1 or not is_within(given[0], statement.node):
        return "the name is given more than one thing"
    reads = [node for node in uses_of(scope, name) if isinstance(node.ctx, ast.Load)]
    place: Statement | None = statement
    while place is not None:
        block = block_of(place)
        first = next(number for number, item in enumerate(block) if item is place.node)
        rest = block[first:]
        if all(any(is_within(node, item) for item in rest) for node in reads):
            last = [item for item in rest if any(is_within(node, item) for node in reads)]
            return _after(editor, last[-1] if last else place.node, name, peak_line)
        outer = around(place)
        place = outer if outer is not None and _is_passed(outer.node) else None
    return NO_PLACE


def _after(editor: Editor, last: ast.stmt, name: str, peak_line: int) -> Change:
    if isinstance(last, _LEAVES):
        return "it is read last where its function ends"
    if (last.end_lineno or last.lineno) >= peak_line:
        return "the statement that reads it last goes on until the peak: it has to be parted"
    if isinstance(last, LOOPS) and last.orelse:
        return NO_PLACE
    edit = editor.after(last, [f"del {name}"])
    return NO_PLACE if edit is None else (edit,)


def _is_passed(node: ast.stmt) -> bool:
    """Whether what a statement's block binds is bound after it: of a file that is opened."""
    return isinstance(node, ast.With) and all(
        isinstance(item.context_expr, ast.Call) and "open" in method_name(item.context_expr)
        for item in node.items
    )
