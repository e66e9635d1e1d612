"""What a statement names: what an expression in it makes, or something else that was given it."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.program.source import SourceFile
from memscope.advice.program.uses import is_assigned, only_returned, use_of, use_of_call


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


def file_of(text: str) -> SourceFile:
    return SourceFile(text.encode(), ast.parse(text))


LINES = "lines = file.readlines()\n"
OTHER = file_of("def windows(items, size):\n    stream = iter(items)\n    yield next(stream)\n")


@pytest.mark.parametrize(
    ("after", "is_once"),
    [
        ("for line in lines[1:]: print(line)", True),
        ("rows = [line.split() for line in lines[first:]]", True),
        ("print(lines[0], *map(int, lines[1:]))", True),
        ("for line in lines[:9]: print(line)", False),
        ("last = lines[-9:]", False),
        ("print(list(windows(lines, 9)))", True),
        ("print(elsewhere(lines))", False),
        ("def windows(items, size): return items.sort()\nwindows(lines, 9)", False),
    ],
)
def test_a_name_is_gone_through_once(after: str, is_once: bool) -> None:
    statement = file_of(LINES + after).statement(1)
    assert statement is not None
    use, _ = use_of(statement, "lines", is_bytes=False, others=[OTHER.tree])
    assert bool(use) is is_once


@pytest.mark.parametrize(
    ("methods", "use"),
    [
        ("def fold(self, rows):\n        for row in rows: self.add(row)", "pass"),
        ("def fold(self, rows):\n        self.rows = rows", "call"),
        ("def fold(self, rows):\n        for row in rows: self.add(len(rows), max(rows))", "call"),
    ],
)
def test_what_a_call_gives_is_gone_through_by_a_method(methods: str, use: str) -> None:
    source = file_of(f"wards.fold(wards.rows())\nclass Wards:\n    {methods}\n")
    statement = source.statement(1)
    assert statement is not None
    given = next(call for call in statement.calls() if call.args == [])
    assert use_of_call(statement, given) == use


@pytest.mark.parametrize(
    ("given", "only"),
    [("rows", True), ("rows[1:]", True), ("rows[:1]", False), ("rows[0]", False)],
)
def test_what_is_returned_but_for_its_beginning_is_returned(given: str, only: bool) -> None:
    text = f"def read(path):\n    rows = list(csv.reader(path))\n    return {given}\n"
    source = SourceFile(text.encode(), ast.parse(text))
    statement = source.statement(2)
    assert statement is not None
    assert only_returned(statement, "rows") is only
