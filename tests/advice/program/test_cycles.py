"""The attribute by which objects refer to those that refer to them."""

from __future__ import annotations

import ast
import textwrap

import pytest

from memscope.advice.program.cycles import way_back
from memscope.advice.program.source import SourceFile


def asked(code):
    code = textwrap.dedent(code)
    return way_back("Box", [SourceFile(code.encode(), ast.parse(code))])


BOX = """
class Box:
    def __init__(self, kind, parent=None):
        self.kind = kind
        self.parent = {kept}
        {joined}
"""


@pytest.mark.parametrize(
    ("kept", "joined", "back"),
    [
        ("parent", "parent.children.append(self)", "self.parent"),
        ("parent", "parent.named[kind] = self", "self.parent"),
        ("parent", "other.children.append(self)", ""),
        ("parent", "parent.children.append(kind)", ""),
        ("parent", "children.append(self)", ""),
        ("weakref.ref(parent)", "parent.children.append(self)", ""),
        ("None", "parent.children.append(self)", ""),
    ],
)
def test_a_child_that_joins_what_it_keeps(kept, joined, back):
    assert asked(BOX.format(kept=kept, joined=joined)) == back


def test_a_parent_that_gives_itself():
    code = """
        class Box:
            def add(self, child):
                child.parent = self
    """
    assert asked(code) == "child.parent"
