"""Letting the cyclic collector rest."""

from __future__ import annotations

import ast

from memscope.advice.changes.accumulating import outermost_loop
from memscope.advice.changes.editing import Editor
from memscope.advice.model import Change
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk

_OWN_WAY = "the program has its own way with the collector"


def rarer(editor: Editor, thresholds: str) -> Change:
    """A higher threshold, set where the module has made its imports."""
    if _uses_gc(editor):
        return _OWN_WAY
    last = _last_import(editor)
    if last is None:
        return "the module has no imports to put it after"
    edit = editor.after(last, ["import gc", "", f"gc.set_threshold({thresholds})"])
    return "the imports have no lines of their own" if edit is None else (edit,)


def paused(editor: Editor, statement: Statement) -> Change:
    """The collector off while a loop makes what stays."""
    if _uses_gc(editor):
        return _OWN_WAY
    loop = outermost_loop(statement) or statement
    last = _last_import(editor)
    if last is None or statement.function is None:
        return "where the objects are made is not one function's loop"
    if any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in walk(loop.node)):
        return "the loop pauses, and others go on meanwhile"
    edits = (
        editor.after(last, ["import gc"]),
        editor.before(loop.node, ["gc.disable()", "try:"]),
        *editor.indented(loop.node),
        editor.after(loop.node, ["finally:", "    gc.freeze()", "    gc.enable()"]),
    )
    made = tuple(edit for edit in edits if edit is not None)
    return made if len(made) == len(edits) else "the loop has no lines of its own"


def _uses_gc(editor: Editor) -> bool:
    return "gc" in editor.source.imported


def _last_import(editor: Editor) -> ast.stmt | None:
    """The last import of the module; those of `__future__` have to come first."""
    body = editor.source.tree.body
    found = [item for item in body if isinstance(item, ast.Import | ast.ImportFrom)]
    return found[-1] if found else None
