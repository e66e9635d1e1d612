"""Whether a statement may make something longer of what is there."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.program.copies import may_grow
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
