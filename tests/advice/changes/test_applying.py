"""Edits of a file leave all else as it was, byte by byte."""

from __future__ import annotations

import ast

import pytest
from advice.changes.edited import read

from memscope.advice.changes.applying import applied, checked
from memscope.advice.changes.bounding import bounded_cache
from memscope.advice.changes.collecting import paused, rarer
from memscope.advice.model import Edit
from memscope.advice.program.source import SourceFile


def insertion(line: int, text: str) -> Edit:
    return Edit("app.py", (line, 0), (line, 0), text)


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        (b"a\nb\n", 2, b"a\nx\nb\n"),
        (b"a\r\nb\r\n", 2, b"a\r\nx\r\nb\r\n"),
        (b"a\nb", 2, b"a\nx\nb"),
        (b"a\nb", 3, b"a\nb\nx\n"),
        (b"a\x0c\nb\xe2\x80\xa8\n", 2, b"a\x0c\nx\nb\xe2\x80\xa8\n"),
    ],
)
def test_a_line_is_put_in(before: bytes, line: int, after: bytes) -> None:
    assert applied(before, [insertion(line, "x\n")]) == after


def test_edits_of_the_same_part_are_refused() -> None:
    edits = [Edit("app.py", (1, 0), (1, 4), "x"), Edit("app.py", (1, 2), (1, 6), "y")]
    assert applied(b"abcdefgh\n", edits) is None


class OneFile:
    """The sources of a program of one file."""

    def __init__(self, data: bytes) -> None:
        self.file = SourceFile(data, ast.parse(data))

    def of(self, file: str) -> SourceFile:
        return self.file


@pytest.mark.parametrize(
    ("data", "text", "why"),
    [
        (b"a = 1\n", "if\n", "would not be Python"),
        (b"a = 1\n", "return 1\n", "would not be Python"),
        (b"# coding: latin-1\na = '\xff'\n", "b = 2\n", "not UTF-8"),
        (b"\xef\xbb\xbfa = 1\n", "b = 2\n", "a mark of its encoding"),
        (b"a = 1\n", "b = 2\n", ""),
    ],
)
def test_what_is_no_python_after_it_is_refused(data: bytes, text: str, why: str) -> None:
    change = (insertion(2, text),)
    found = checked(change, OneFile(data))  # type: ignore[arg-type]
    assert (why in found) if why else (found == change)


CACHED = "import functools\n\n@functools.cache  # here\ndef f(n):\n    return str(n)\n"


def test_a_cache_is_bounded() -> None:
    editor, statement = read(CACHED)
    function = statement.node
    assert isinstance(function, ast.FunctionDef)
    change = bounded_cache(editor, function, 50)
    assert not isinstance(change, str)
    assert b"@functools.lru_cache(maxsize=50)  # here" in (
        applied(editor.source.data, change) or b""
    )
    for text, why in (
        (CACHED + "print(f.cache_info())\n", "looks into the cache"),
        (CACHED.replace("str(n)", "[n]"), "can be changed by callers"),
        (CACHED.replace("functools.cache", "other.memo"), "no decorator's of functools"),
    ):
        editor, statement = read(text)
        assert isinstance(statement.node, ast.FunctionDef)
        told = bounded_cache(editor, statement.node, 50)
        assert isinstance(told, str)
        assert why in told


MAKES = (
    "import sys\n\ndef main(x):\n    made = []\n    for n in x:\n        made.append([n])  # here\n"
    "    return made\n"
)


def test_the_collector_is_on_again_after_a_loop() -> None:
    editor, statement = read(MAKES)
    change = paused(editor, statement)
    assert not isinstance(change, str)
    after = (applied(editor.source.data, change) or b"").decode()
    assert "    gc.disable()\n    try:\n        for n in x:\n            made.append" in after
    assert "    finally:\n        gc.freeze()\n        gc.enable()\n    return made" in after
    names: dict[str, object] = {}
    exec(after, names)
    assert names["main"]([1, 2]) == [[1], [2]]  # type: ignore[operator]
    editor, statement = read("import gc\n" + MAKES)
    assert isinstance(paused(editor, statement), str)
    editor, statement = read(MAKES.replace("[n])", "['''a\nb''', n])"))
    assert isinstance(paused(editor, statement), str)


def test_the_collector_runs_less_often() -> None:
    editor, _ = read(MAKES)
    change = rarer(editor, "5, 6, 7")
    assert not isinstance(change, str)
    after = applied(editor.source.data, change) or b""
    assert after.startswith(b"import sys\nimport gc\n\ngc.set_threshold(5, 6, 7)\n\ndef main")
