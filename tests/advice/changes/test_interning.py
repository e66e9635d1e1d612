"""A text is interned where it is made, if a statement makes that one alone."""

from __future__ import annotations

import ast

import pytest
from advice.changes.edited import after, read

from memscope.advice.changes.interning import interned, one_of_each


def changed(text: str) -> str:
    editor, statement = read(text)
    return after(editor, interned(editor, statement.node))


def test_the_text_of_a_statement_is_interned() -> None:
    made = changed(
        """
        import os

        def name(line):
            own = line.strip().lower()  # here
            return own
        """
    )
    assert made.startswith("import sys\nimport os\n")
    assert "    own = sys.intern(line.strip().lower())  # here\n" in made
    names: dict[str, object] = {}
    exec(made, names)
    first, second = (names["name"](" Ab7 ") for _ in "ab")  # type: ignore[operator]
    assert first is second


def test_each_text_of_a_list_is_interned() -> None:
    made = changed("import sys\nself.keys = [f'{a}' for a in b]  # here\n")
    assert made == "import sys\nself.keys = [sys.intern(f'{a}') for a in b]  # here\n"


@pytest.mark.parametrize(
    ("code", "of_type"),
    [
        ("kept = f'{given}'", "str"),
        ("kept = [str(each) + '!' for each in given]", "str"),
        ("kept = {each[1:] for each in given}", "str"),
        ("kept = ' '.join(given).split()", "str"),
        ("kept = ' '.join(given).encode()", "bytes"),
        ("kept = (given[0], given[1])", "tuple"),
    ],
)
def test_the_code_that_is_shown_keeps_one_of_each(code: str, of_type: str) -> None:
    read_statement = ast.parse(code).body[0]
    shown = one_of_each(read_statement, of_type).partition("\n")[2]
    assert shown
    shared: dict[object, object] = {}
    alone, first, second = ({"given": ["ab", "cd", "abc"], "shared": shared} for _ in range(3))
    exec(code, alone)
    exec(shown, first)
    exec(shown, second)
    assert first["kept"] == second["kept"] == alone["kept"]
    many = isinstance(alone["kept"], list | set)
    for one, other in zip(
        sorted(first["kept"]) if many else [first["kept"]],  # type: ignore[type-var]
        sorted(second["kept"]) if many else [second["kept"]],  # type: ignore[type-var]
        strict=True,
    ):
        assert one is other


@pytest.mark.parametrize(
    "code",
    [
        "kept = [[each] for each in given]",
        "kept = made(given)",
        "kept = given",
        "kept = {each: f'{each}' for each in given}",
        "kept.append(f'{given}')",
    ],
)
def test_no_code_is_shown_where_a_value_may_be_a_container(code: str) -> None:
    assert one_of_each(ast.parse(code).body[0], "str") == ""


def test_an_import_that_is_there_is_enough() -> None:
    made = changed('import sys\nself.key = f"{a}-{b}"  # here\n')
    assert made == 'import sys\nself.key = sys.intern(f"{a}-{b}")  # here\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import os\na, b = line.split()  # here\n", "for those who know"),
        ("import os\na = made(line)  # here\n", "for those who know"),
        ("import os\nlines.append(line.strip())  # here\n", "for those who know"),
        ("import os\nsys = 1\na = line.strip()  # here\n", "a sys of its own"),
        ("a = line.strip()  # here\n", "no line with an import"),
    ],
)
def test_what_is_not_local_has_no_change(text: str, why: str) -> None:
    assert why in changed(text)
