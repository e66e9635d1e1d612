"""Slots for classes of which all attributes are known, and for no others."""

from __future__ import annotations

import ast

import pytest
from advice.changes.edited import after, read

from memscope.advice.changes.slots import with_slots

PLAIN = """
class Point:
    "A place."

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def move(self, by):
        self.x += by
        self.moved = True

points = [Point(n, n) for n in range(9)]  # here
"""
DATA = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0

points = [Point(n) for n in range(9)]  # here
"""


def slotted(text: str) -> str:
    editor, _ = read(text)
    made = editor.source.classes["Point"]
    return after(editor, with_slots(editor, made, [editor.source]))


def test_a_class_gets_the_names_that_its_methods_set() -> None:
    assert '    "A place."\n\n    __slots__ = ("x", "y", "moved")\n' in slotted(PLAIN)


def test_a_dataclass_is_asked_for_them() -> None:
    assert "@dataclass(frozen=True, slots=True)\n" in slotted(DATA)
    assert "@dataclass(slots=True)\n" in slotted(DATA.replace("(frozen=True)", ""))
    assert "@dataclass(slots=True)\n" in slotted(DATA.replace("(frozen=True)", "()"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (PLAIN + "points[0].name = 'a'\n", "attributes are set that Point may not name: name"),
        (PLAIN + "setattr(points[0], 'name', 1)\n", "looks attributes up by name"),
        (PLAIN + "print(vars(points[0]))\n", "looks attributes up by name"),
        (PLAIN + "import weakref\n", "refers to instances weakly"),
        (PLAIN + "class Other(Point):\n    pass\n", "Other inherits from it"),
        (PLAIN.replace("class Point:", "class Point(Base):"), "what it inherits"),
        (PLAIN.replace("class Point:", "class Point(metaclass=M):"), "what it inherits"),
        (PLAIN.replace("class Point:", "@register\nclass Point:"), "it is decorated"),
        (PLAIN.replace('    "A place."', "    x = 0"), "a slot cannot have a value"),
        (DATA + "points[0].z = 1\n", "attributes are set"),
        (DATA.replace("    y: int = 0", "    def f(self):\n        self.z = 1"), "its fields"),
        (DATA.replace("    y: int = 0", "    def f(self):\n        super().f()"), "super()"),
    ],
)
def test_a_class_whose_attributes_are_not_all_known_stays(text: str, why: str) -> None:
    ast.parse(text)
    assert why in slotted(text)
