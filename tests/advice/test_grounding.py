"""A fix is held against the source: what it may name, and what then is left out."""

from __future__ import annotations

import ast

import pytest

from memscope.advice.grounding import PLAIN, grounded, invented_in_code, invented_in_text
from memscope.advice.model import Fix
from memscope.advice.program.source import SourceFile

TEXT = """\
import os
from collections import deque as line


class Shop:
    shelves = []

    def fill(self, count, *, each=1):
        total = 0
        try:
            with open("list") as listed:
                rows = [part for part in listed]
        except OSError as problem:
            print(problem)
        self.rows = rows
        return total


def elsewhere():
    hidden = 1
    return hidden
"""
SOURCE = SourceFile(TEXT.encode(), ast.parse(TEXT))
WITHIN = 9  # a line of fill()


@pytest.mark.parametrize(
    "code",
    [
        "",
        "del rows",
        "self.rows = None",
        "total += each * count",
        "del listed, problem",
        "Shop.shelves.clear()",
        "line(rows, maxlen=9)",
        "os.readv(count, rows)",
        "import gc\ngc.freeze()",
        "from itertools import chain\nchain(rows)",
        "parts = []  # new, once\nparts.append(count)",
        "for part in rows:  # new\n    print(part)",
        "while chunk := listed.read(9):  # new\n    ...",
        "with open('a') as file:  # new\n    file.read()",
        "rows = (part * 2 for part in rows)",
        "rows = sorted(rows, key=lambda it: it[0])",
        "@staticmethod\nclass Row:  # new\n    a: object\n    b: object",
        "class Shop:\n    __slots__ = ('rows',)",
        "def elsewhere():\n    ...",
    ],
)
def test_what_the_program_has_may_be_named(code: str) -> None:
    assert invented_in_code(code, SOURCE, WITHIN) == []
    assert grounded(Fix("do it", code), SOURCE, WITHIN).code == code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("container = rows", "container"),
        ("container.clear()", "container"),
        ("del hidden", "hidden"),
        ("del shelves", "shelves"),
        ("self.rooms = []", "rooms"),
        ("rows.shrink_to_fit()", "shrink_to_fit"),
        ("pool.release(rows)", "pool"),
        ("rows = collections.deque()", "collections"),
        ("import numpy\nnumpy.zeros(3)", "numpy"),
        ("for part in parts:\n    ...", "part"),
        ("parts = []\nparts.append(1)", "parts"),
        ("def fresh():\n    ...", "fresh"),
        ("class Row:\n    a: int", "Row"),
        ("lambda: result", "result"),
    ],
)
def test_what_it_has_not_may_not(code: str, name: str) -> None:
    assert name in invented_in_code(code, SOURCE, WITHIN)
    assert grounded(Fix("do it", code), SOURCE, WITHIN) == Fix("do it", "")


@pytest.mark.parametrize("code", ["for row in", "rows.setdefault(1, []) = 3", "f(…)", "if x:"])
def test_what_is_no_python_is_left_out(code: str) -> None:
    assert grounded(Fix("do it", code), SOURCE, WITHIN).code == ""


def test_without_a_source_only_python_itself_and_what_is_new_may_be_named() -> None:
    assert invented_in_code("del rows", None, 3) == ["rows"]
    assert not invented_in_code("class Row:  # new\n    __slots__ = ('a',)", None, 3)


@pytest.mark.parametrize(
    ("text", "invented"),
    [
        ("let go of self.rows, or keep only the latest", []),
        ("use weakref.WeakValueDictionary, or list.pop and append", []),
        ("filled in place: readinto, recv_into", []),
        ("keep what line shop.py:7 says", []),
        ("ask gc.get_referrers() who has it", []),
        ("let go of container.items", ["container.items"]),
        ("look into other.py", ["other.py"]),
        ("call give_back() then", ["give_back"]),
    ],
)
def test_a_sentence_may_name_no_more(text: str, invented: list[str]) -> None:
    assert invented_in_text(text, SOURCE, WITHIN, {"shop.py"}) == invented
    kept = grounded(Fix(text, ""), SOURCE, WITHIN, {"shop.py"}).text
    assert kept == (PLAIN if invented else text)


@pytest.mark.parametrize(
    "text",
    [
        "def fill():\n    global table\n    table = []\ndef read():\n    pass\n",
        "from shelves import *\nprint(table)\ndef read():\n    pass\n",
        "match order:\n    case {**table}:\n        pass\ndef read():\n    pass\n",
    ],
)
def test_names_of_the_module_are_seen_in_its_functions(text: str) -> None:
    source = SourceFile(text.encode(), ast.parse(text))
    assert not invented_in_code("table.clear()", source, len(source.lines))
