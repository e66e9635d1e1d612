"""Whatever a statement is, what asks about it has an answer: programs are read as they come."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import typing
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from memscope.advice import program
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement

# Of the standard library, whose modules are written in many ways; and what broke a reader once.
MODULES = (
    "argparse",
    "asyncio/tasks.py",
    "dataclasses",
    "difflib",
    "tarfile",
    "typing",
    "statistics",
)
ODD = """
array.sum(axis=0); array.sum(dtype=float)
total = sum(); total = sum(start=[]); total = functools.reduce()
text = "".join(); rows = sorted(); chunk = struct.pack(); made = type(self)()
a[b], *c = d = e.f(*g, **h)
lambda *a, b=(yield): (c := b)
del a.b, c[d]
"""


def questions() -> Iterator[Callable[[Statement], Any]]:
    """All functions of the readers that are asked about one statement alone."""
    for module in pkgutil.iter_modules(program.__path__):
        for function in vars(importlib.import_module(f"{program.__name__}.{module.name}")).values():
            if not inspect.isfunction(function) or not function.__module__.endswith(module.name):
                continue
            given = inspect.signature(function).parameters.values()
            needed = [each for each in given if each.default is each.empty]
            if [each.annotation for each in needed] == ["Statement"]:
                yield function


@cache
def statements() -> list[Statement]:
    library = Path(json.__file__).parent.parent
    texts = [ODD] + [
        (library / (name if name.endswith(".py") else f"{name}.py")).read_text() for name in MODULES
    ]
    found: dict[int, Statement] = {}
    for text in texts:
        source = SourceFile(text.encode(), ast.parse(text))
        for line in range(1, len(source.lines) + 1):
            if statement := source.statement(line):
                found[id(statement.node)] = statement
    for part in ODD.split("\n"):  # of several in one line, each alone
        for alone in ast.parse(part).body:
            text = ast.unparse(alone)
            statement = SourceFile(text.encode(), ast.parse(text)).statement(1)
            assert statement is not None
            found[id(statement.node)] = statement
    return list(found.values())


@pytest.mark.parametrize("ask", [*questions()], ids=lambda ask: ask.__qualname__)
def test_a_question_about_any_statement_is_answered(ask: Callable[[Statement], Any]) -> None:
    for statement in statements():
        answer = ask(statement)
        if isinstance(answer, typing.Iterator):
            list(answer)
