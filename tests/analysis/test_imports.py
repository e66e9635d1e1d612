"""Whose import a stack is part of, where frames alone do not name the module."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from capture import captures
from capture.captures import APP, FIND_AND_LOAD, HOME, IMPORTLIB, MAIN, PARSE
from capture.writer import PYTHON, CaptureWriter, StackFrame

from memscope.analysis.imports import Imports, find_imports
from memscope.analysis.measures import Measures
from memscope.analysis.stacks import Stacks
from memscope.capture.model import CodeFrame

EXTERNAL = "<frozen importlib._bootstrap_external>"
FIND: StackFrame = ("_find_spec", IMPORTLIB, 1262)
LOCK: StackFrame = ("_find_and_load", IMPORTLIB, 1357)
EXEC: StackFrame = ("SourceLoader.exec_module", EXTERNAL, 999)
EXTENSION: StackFrame = ("ExtensionFileLoader.create_module", EXTERNAL, 1289)
LATER: StackFrame = ("<module>", APP, 4)
CART: StackFrame = ("<module>", f"{HOME}/shop/cart.py", 1)
YAML: StackFrame = ("<module>", f"{PYTHON}/site-packages/yaml/__init__.py", 2)


def body(of: StackFrame) -> list[StackFrame]:
    return [FIND_AND_LOAD, EXEC, of]


def imports(made: CaptureWriter, folder: Path, limit: int = 0) -> Imports:
    return find_imports(Measures(captures.load(made, folder)), limit=limit)


def told(found: Imports) -> list[tuple[str, str, int, float, float]]:
    return [
        (row.kind, row.module, row.depth, row.own_live_bytes, row.live_bytes) for row in found.rows
    ]


def test_what_loads_one_module_is_its_own(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, *body(CART), PARSE], size=1000, count=1, live=1)
    made.site([MAIN, FIND_AND_LOAD, FIND], size=100, count=1, live=1)
    made.site([MAIN, LOCK], size=10, count=1, live=1)
    made.site([MAIN, *body(CART), *body(YAML)], size=1, count=1, live=1)
    made.site([MAIN, PARSE], size=5000, count=1, live=1)
    found = imports(made, tmp_path)
    assert told(found) == [("module", "shop.cart", 0, 1110, 1111), ("module", "yaml", 1, 1, 1)]
    assert (found.live_bytes, found.program_live_bytes) == (1111, 6111)
    assert found.rows[1].imported_from == (CART[0], CART[1], CART[2])


def test_what_loads_several_is_told_apart(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, *body(CART)], size=1000, count=1, live=1)
    made.site([MAIN, *body(YAML)], size=500, count=1, live=1)
    made.site([MAIN, FIND_AND_LOAD, EXTENSION], size=200, count=1, live=1)
    made.site([MAIN, FIND_AND_LOAD, FIND], size=100, count=1, live=1)
    found = imports(made, tmp_path)
    assert told(found) == [
        ("module", "shop.cart", 0, 1000, 1000),
        ("module", "yaml", 0, 500, 500),
        ("extension", "", 0, 200, 200),
        ("loading", "", 0, 100, 100),
    ]
    assert found.rows[3].modules_count == 3
    assert (found.rows[2].imported_from.file, found.rows[2].imported_from.line) == (APP, 3)


def test_extensions_and_what_was_not_found_have_places(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, FIND_AND_LOAD, EXTENSION], size=200, count=1, live=1)
    made.site([MAIN, FIND_AND_LOAD, FIND], size=100, count=1, live=1)
    made.site([LATER, FIND_AND_LOAD, FIND], size=50, count=1, live=1)
    assert told(imports(made, tmp_path)) == [
        ("extension", "", 0, 300, 300),
        ("nothing", "", 0, 50, 50),
    ]


def test_the_heaviest_stand_below_what_led_to_them(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, *body(CART), *body(YAML)], size=700, count=1, live=1)
    made.site([LATER, FIND_AND_LOAD, EXTENSION], size=900, count=1, live=1)
    made.site([LATER, PARSE, FIND_AND_LOAD, FIND], size=1, count=1, live=1)
    found = imports(made, tmp_path, limit=3)
    assert [(row.kind, row.parent) for row in found.rows] == [
        ("extension", None),
        ("module", None),
        ("module", 1),
    ]
    assert found.count == 4


def test_a_stack_of_nothing_but_machinery_is_walked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = CaptureWriter()
    depth = 300
    made.site([MAIN, *[("_find_and_load", IMPORTLIB, 1 + line) for line in range(depth)]], size=1)
    asked: Counter[str] = Counter()
    frame = Stacks.frame

    def counted(stacks: Stacks, node: int) -> CodeFrame:
        asked["frames"] += 1
        return frame(stacks, node)

    monkeypatch.setattr(Stacks, "frame", counted)
    found = imports(made, tmp_path)
    assert {row.imported_from for row in found.rows} == {MAIN}
    assert asked["frames"] <= 2 * depth
