"""What a function does with a local name that holds something."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.program.names import line_of_last_read, why_kept, why_not_its_own
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement


def made(text: str) -> Statement:
    """The statement that gives `data` what `load()` makes."""
    source = SourceFile(text.encode(), ast.parse(text))
    number = next(at for at, line in enumerate(source.lines, 1) if "load()" in line)
    statement = source.statement(number)
    assert statement is not None
    return statement


def in_function(*lines: str) -> Statement:
    return made("def work():\n    data = load()\n" + "".join(f"    {line}\n" for line in lines))


@pytest.mark.parametrize(
    "line",
    [
        "kept = data",
        "self.data = data",
        "(kept := data)",
        "rows += [data]",
        "rows.append((1, data))",
        "cache.setdefault(key, {'it': data})",
        "with data as kept: pass",
        "match data:\n        case {'rows': rows}: pass",
        "yield data",
    ],
)
def test_another_holder_is_seen(line: str) -> None:
    assert why_kept(in_function(line), "data")


@pytest.mark.parametrize(
    "line",
    [
        "print(len(data))",
        "total += len(data)",
        "rows.append((1, len(data)))",
        "with lock: print(data[0])",
        "match data[0]:\n        case 1: pass",
        "f = lambda data: [data]",
    ],
)
def test_what_only_looks_keeps_nothing(line: str) -> None:
    assert not why_kept(in_function(line), "data")


def test_a_name_that_is_added_to_is_read() -> None:
    assert line_of_last_read(in_function("pass", "data += tail"), "data", None) == 4


def test_a_name_of_another_scope_is_no_read() -> None:
    lines = ("print(data)", "def other(data):", "    return data", "return [data for data in rows]")
    assert line_of_last_read(in_function(*lines), "data", None) == 3


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("class Shop:\n    data = load()\nprint(Shop.data)", "attribute of a class"),
        ("def f():\n    global data\n    data = load()", "not local"),
        ("data = load()\ndef f():\n    global data\n    data = None", "not local"),
        ("def f():\n    data = load()\n    del (data, other)", "deleted already"),
    ],
)
def test_why_a_name_is_not_its_scopes_own(text: str, why: str) -> None:
    assert why in why_not_its_own(made(text), "data")
