"""Additions in place, where nobody else holds what is added to."""

from __future__ import annotations

import pytest
from advice.changes.edited import after, read

from memscope.advice.changes.accumulating import added_in_place, joined_once

TEXT = """
def main(rows):
    text = ""
    for row in rows:
        if row:
            text += str(row)  # here
        text = text + ";"
    return text
"""


def joined(text: str) -> str:
    editor, statement = read(text)
    return after(editor, joined_once(editor, statement))


def added(text: str, container: str) -> str:
    editor, statement = read(text)
    return after(editor, added_in_place(editor, statement, container, [editor.source]))


def test_parts_of_a_text_are_joined_after_the_loop() -> None:
    made = joined(TEXT)
    assert "    text_parts = []\n    for row in rows:" in made
    assert "text_parts.append(str(row))  # here" in made
    assert 'text_parts.append(";")\n    text = "".join(text_parts)\n    return text' in made
    names: dict[str, object] = {}
    exec(made, names)
    assert names["main"]([1, 0, 22]) == "1;;22;"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT.replace("if row:", "if len(text) < 9:"), "read or left while it grows"),
        (TEXT.replace('text = ""', "text = start()"), "begins is not in sight"),
        (TEXT.replace("str(row)", "text[:1]"), "read or left while it grows"),
        (TEXT.replace("if row:", "if row:\n            return"), "read or left"),
        (TEXT.replace("text", "self.text"), "attribute or item"),
        (
            "def main(rows):\n    text = ''\n    try:\n        for row in rows:\n"
            "            text += row  # here\n    except ValueError:\n        pass\n"
            "    return text\n",
            "begins is not in sight",
        ),
    ],
)
def test_a_text_that_may_be_seen_meanwhile_stays(text: str, why: str) -> None:
    assert why in joined(text)


@pytest.mark.parametrize(
    ("container", "begin", "line", "expected"),
    [
        ("list", "[]", "kept = kept + [n]", "kept += [n]"),
        ("list", "[]", "kept = [*kept, n, 2]", "kept += [n, 2]"),
        ("dict", "{}", "kept = {**kept, n: 1}", "kept |= {n: 1}"),
        ("dict", "dict()", "kept = kept | {n: 1}", "kept |= {n: 1}"),
        ("set", "set()", "kept = kept | {n}", "kept |= {n}"),
    ],
)
def test_an_addition_in_place(container: str, begin: str, line: str, expected: str) -> None:
    text = f"def main(x):\n    kept = {begin}\n    for n in x:\n        {line}  # here\n"
    ending = "    print(len(kept))\n"
    assert expected in added(text + ending, container)
    for use in ("return kept", "keep(kept)", "other = kept", "kept.sort()", "print(kept[:])"):
        assert "others may hold" in added(f"{text}    {use}\n", container)
    assert "others may hold" in added(text.replace(begin, "given"), container)
