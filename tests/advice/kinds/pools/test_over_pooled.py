"""The code that is given in place of a pool."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.kinds.pools.over_pooled import _what


@pytest.mark.parametrize(
    ("filled", "made"),
    [
        ("self.spare = deque(Event() for _ in range(size))", "Event()"),
        ("self.spare = [Event(0, kind) for _ in range(size)]", "Event(0, kind)"),
        ("self.spare.append(Event())", "Event()"),
        ("self.spare = {}", "{}"),
    ],
)
def test_it_makes_one_and_not_the_pool(filled: str, made: str) -> None:
    assert _what(ast.parse(filled).body[0]) == made
