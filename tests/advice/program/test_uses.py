"""What a statement names: what an expression in it makes, or something else that was given it."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.program.source import SourceFile
from memscope.advice.program.uses import is_assigned


def named(text: str) -> bool:
    """Whether the statement names what `made()` or the first list comprehension in it makes."""
    source = SourceFile(text.encode(), ast.parse(text))
    statement = source.statement(1)
    assert statement is not None
    made = next(
        node
        for node in statement.walk()
        if isinstance(node, ast.expr) and ast.unparse(node) in ("made()", "[x * 2 for x in items]")
    )
    return is_assigned(statement, made)


@pytest.mark.parametrize(
    "text",
    [
        "data = made()",
        "data = made().strip().split()",
        "data = sorted(map(parse, made()))",
        "data = ','.join(made())",
        "data = [parse(line) for line in made()]",
        "data = await made()",
        "data = made() or fallback",
        "data = [x * 2 for x in items]",
    ],
)
def test_what_is_made_or_has_all_of_it(text: str) -> None:
    assert named(text)


@pytest.mark.parametrize(
    "text",
    [
        "frame = DataFrame(made())",
        "frame = DataFrame({'a': [x * 2 for x in items]})",
        "tree = parser.parse(made())",
        "columns = {'a': [x * 2 for x in items]}",
        "pair = (made(), 1)",
    ],
)
def test_something_else_that_was_given_it(text: str) -> None:
    assert not named(text)
