"""Which statement a line of a source stands for."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.program.source import SourceFile


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("a = 1\nb = 2\n", 2, "b = 2"),
        ("for a in b:\n    c(a)\n", 1, "for a in b:\n    c(a)"),
        ("for a in b: c(a)\n", 1, "c(a)"),
        ("a = (\n    b,\n    c,\n)\n", 3, "a = (b, c)"),
        ("self.a = b; self.c = [f'{b}' for _ in d]\n", 1, "self.c = [f'{b}' for _ in d]"),
        ("self.c = f'{b}'; self.a = b\n", 1, "self.c = f'{b}'"),
        ("if a: b = c; d = e(c); continue_ = d\n", 1, "d = e(c)"),
        ("a = b(1); c = d(2)\n", 1, None),
        ("a = b(1); c = d(2); e = f(3)\n", 1, None),
    ],
)
def test_a_line_is_the_statement_that_makes_objects_there(
    text: str, line: int, code: str | None
) -> None:
    statement = SourceFile(text.encode(), ast.parse(text)).statement(line)
    assert (ast.unparse(statement.node) if statement else None) == code
