"""Edits of a file, from the syntax tree that was read of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cached_property

from memscope.advice.model import Edit
from memscope.advice.program.expressions import is_name
from memscope.advice.program.source import SourceFile, SourceFiles
from memscope.advice.program.statements import FUNCTIONS, Statement
from memscope.advice.program.walking import walk

# What looks into names, scopes or instances by name: a change could not be told from outside.
_LOOKS_INSIDE = {"locals", "globals", "eval", "exec", "vars", "_getframe"}


class Editor:
    """Makes the edits of one file."""

    def __init__(self, file: str, source: SourceFile) -> None:
        self.file = file
        self.source = source

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.source.data.splitlines(keepends=True)

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """The edit that puts other code in place of a node."""
        return Edit(self.file, *_span(node), text)

    def parted(self, node: ast.expr, first: str, last: str) -> tuple[Edit, Edit]:
        """The edits that put others in place of the first and the last byte of a node."""
        (line, column), (end_line, end_column) = _span(node)
        return (
            Edit(self.file, (line, column), (line, column + 1), first),
            Edit(self.file, (end_line, end_column - 1), (end_line, end_column), last),
        )

    def before(self, node: ast.stmt, lines: Iterable[str]) -> Edit | None:
        """The edit that puts lines before a statement; None if that has no lines of its own."""
        return self._inserted(node, node.lineno, lines)

    def after(self, node: ast.stmt, lines: Iterable[str]) -> Edit | None:
        """The edit that puts lines after a statement; None if that has no lines of its own."""
        return self._inserted(node, (node.end_lineno or node.lineno) + 1, lines)

    def _inserted(self, node: ast.stmt, line: int, lines: Iterable[str]) -> Edit | None:
        indent = self.indent(node)
        if indent is None:
            return None
        text = "".join(f"{indent}{item}".rstrip() + "\n" for item in lines)
        return Edit(self.file, (line, 0), (line, 0), text)

    def indented(self, node: ast.stmt) -> list[Edit | None]:
        """The edits that put a statement a step further in; [None] if a text has several lines."""
        indent = self.indent(node)
        if indent is None or any(_is_long_text(part) for part in walk(node)):
            return [None]
        found: list[Edit | None] = []
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            content = self._lines[line - 1]
            if content.strip():
                inside = len(content) - len(content.lstrip(b" \t"))
                place = line, min(inside, len(indent.encode()))
                found.append(Edit(self.file, place, place, "    "))
        return found

    def indent(self, node: ast.stmt) -> str | None:
        """What a statement is indented by; None if others are in its first or last line."""
        (line, column), (end_line, end_column) = _span(node)
        before = self._lines[line - 1][:column]
        after = self._lines[end_line - 1][end_column:].strip()
        if before.strip() or (after and not after.startswith(b"#")):
            return None
        return before.decode("utf-8", "replace")

    def code(self, node: ast.expr) -> str:
        """The code of a node as the file has it, on one line; "" if it has several."""
        (line, column), (end_line, end_column) = _span(node)
        if line != end_line:
            return ""
        return self._lines[line - 1][column:end_column].decode("utf-8", "replace")


def _is_long_text(node: ast.AST) -> bool:
    is_text = isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )
    return is_text and getattr(node, "lineno", 0) != getattr(node, "end_lineno", 0)


def editor_of(sources: SourceFiles, file: str) -> Editor | None:
    """The editor of a file; None if its source is not there, or changed since the recording."""
    source = sources.of(file)
    return None if source is None else Editor(file, source)


def _span(node: ast.expr | ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return (node.lineno, node.col_offset), (end_line, end_column)


def block_of(statement: Statement) -> list[ast.stmt]:
    """The statements that one stands among."""
    return _block(statement.parents[-1], statement.node) if statement.parents else []


def _block(parent: ast.AST, node: ast.stmt) -> list[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and any(item is node for item in block):
            return block
    return []


def around(statement: Statement) -> Statement | None:
    """The compound statement that one is in, within its function."""
    parents = statement.parents
    if not parents or not isinstance(parents[-1], ast.stmt):
        return None
    if isinstance(parents[-1], (*FUNCTIONS, ast.ClassDef)):
        return None
    return Statement(parents[-1], parents[:-1])


def uses_of(scope: ast.AST, name: str) -> list[ast.Name]:
    """All places of a function, and of those within it, that have a name."""
    return [node for node in walk(scope) if is_name(node, name)]


def loads_of(nodes: Sequence[ast.AST], name: str) -> list[ast.Name]:
    """Where statements read a name."""
    return [
        node
        for item in nodes
        for node in walk(item)
        if is_name(node, name) and isinstance(node.ctx, ast.Load)
    ]


def is_within(node: ast.AST, outer: ast.AST) -> bool:
    """Whether a node is part of another, or the same."""
    return any(item is node for item in walk(outer))


def looks_inside(scope: ast.AST) -> bool:
    """Whether code looks names up by itself."""
    return any(isinstance(node, ast.Name) and node.id in _LOOKS_INSIDE for node in walk(scope))


def free_name(scope: ast.AST, wanted: str) -> str:
    """A name that a function does not have yet."""
    taken = {node.id for node in walk(scope) if isinstance(node, ast.Name)}
    taken |= {node.arg for node in walk(scope) if isinstance(node, ast.arg)}
    while wanted in taken:
        wanted += "_"
    return wanted


def nested_uses(scope: ast.AST, name: str) -> bool:
    """Whether a function or comprehension within a function has a name."""
    return any(
        uses_of(node, name)
        for node in walk(scope)
        if node is not scope and isinstance(node, (*FUNCTIONS, ast.ClassDef))
    )
