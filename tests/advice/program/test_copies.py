"""Whether a statement may make something longer of what is there."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.program.copies import cut_at, may_grow
from memscope.advice.program.source import SourceFile


@pytest.mark.parametrize(
    ("code", "grows"),
    [
        ("turned = line[place:] + line[:place]", False),
        ("turned = self.line[i + 1:] + self.line[:i + 1]", True),  # an index is added to
        ("turned = line[place:] + line[:place] + end", True),
        ("turned = line[place:] + other[:place]", True),
        ("turned = line[place:] + line[:place + 1]", True),
        ("turned = line[1:] + line", True),
        ("turned = line.upper()", False),
    ],
)
def test_what_may_grow(code, grows):
    assert may_grow(SourceFile(code.encode(), ast.parse(code)).statement(1)) is grows


@pytest.mark.parametrize(
    ("code", "cuts"),
    [
        ("self.pending = self.pending[end:]", True),
        ("text = text[len(word) + 1:]", True),
        ("text = text[:-1]", False),
        ("text = text[2:8]", False),
        ("text = text[:]", False),  # all of it
        ("text = other[end:]", False),
        ("rest = rest[1:] + rest[:1]", False),
    ],
)
def test_what_takes_off_its_own_front(code, cuts):
    found = cut_at(SourceFile(code.encode(), ast.parse(code)).statement(1))
    assert (found is not None) is cuts
