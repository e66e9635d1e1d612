"""Errors explain themselves in one line, whatever they are about."""

from __future__ import annotations

import pytest

from memscope.errors import MemscopeError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MemscopeError("is empty"), "is empty"),
        (MemscopeError("is empty", "a.mscope"), "a.mscope: is empty"),
        (MemscopeError("is empty", "a", "record again"), "a: is empty (record again)"),
        (MemscopeError("is\nempty", "a\x1b[2Jb\x9b\udce9"), r"a\x1b[2Jb\x9b\udce9: is\nempty"),
        (MemscopeError("größer", "名前"), "名前: größer"),
    ],
)
def test_one_line(error: MemscopeError, line: str) -> None:
    assert str(error) == line
