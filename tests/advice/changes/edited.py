"""A source with a marked line, and what it is after a change."""

from __future__ import annotations

import ast
import textwrap

from memscope.advice.changes.applying import applied
from memscope.advice.changes.editing import Editor
from memscope.advice.model import Change
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement

MARK = "# here"


def read(text: str) -> tuple[Editor, Statement]:
    """The editor of a source, and the statement of its marked line."""
    text = textwrap.dedent(text).lstrip("\n")
    data = text.encode()
    source = SourceFile(data, ast.parse(data))
    line = next(number for number, one in enumerate(text.splitlines(), 1) if MARK in one)
    statement = source.statement(line)
    assert statement is not None
    return Editor("app.py", source), statement


def after(editor: Editor, change: Change) -> str:
    """The source after a change; the reason if there is none."""
    if isinstance(change, str):
        return change
    data = applied(editor.source.data, change)
    assert data is not None
    text = data.decode()
    compile(text, "app.py", "exec")
    return text
