"""A text is interned where it is made, if a statement makes that one alone."""

from __future__ import annotations

import pytest
from advice.changes.edited import after, read

from memscope.advice.changes.interning import interned


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
