"""Functions that set one object up of nothing, and give it or what is the same each time."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.program.factories import factories_of
from memscope.advice.program.source import SourceFile


@pytest.mark.parametrize(
    ("lines", "is_factory"),
    [
        (("it = Engine()", "it.limit = LIMIT", "return it"), True),
        (("it = Engine()", "it.limit = LIMIT", "return it.ready(TEXT)"), True),
        (("it = Engine()", "return it.ready(next(TEXTS))"), False),
        (("it = random.Random()", "return it.random()"), False),
        (("return Engine()",), False),
    ],
)
def test_a_factory(lines: tuple[str, ...], is_factory: bool) -> None:
    text = "import random\ndef make():\n" + "".join(f"    {line}\n" for line in lines)
    assert bool(factories_of(SourceFile(text.encode(), ast.parse(text)))) is is_factory
