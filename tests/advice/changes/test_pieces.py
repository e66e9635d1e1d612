"""What is made whole is made in pieces where nothing can tell the difference."""

from __future__ import annotations

import ast

import pytest
from advice.changes.edited import after, read

from memscope.advice.changes.pieces import (
    OTHER_ORDER,
    comprehension_in_pieces,
    lines_in_pieces,
    read_in_pieces,
)
from memscope.advice.program.expressions import method_name


def changed(text: str) -> str:
    editor, statement = read(text)
    made = [node for node in statement.walk() if isinstance(node, ast.ListComp)]
    if made:
        return after(editor, comprehension_in_pieces(editor, statement, made[0]))
    calls = {method_name(call): call for call in statement.calls()}
    if "read" in calls:
        return after(editor, read_in_pieces(editor, statement, calls["read"]))
    call = calls.get("readlines") or calls["fetchall"]
    return after(editor, lines_in_pieces(editor, statement, call))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("total = sum([f(n) for n in range(9)])  # here", "sum(f(n) for n in range(9))"),
        ("total = sum([n for n in x], 5)  # here", "sum((n for n in x), 5)"),
        ("found = [f(n) for n in x]  # here\nprint(sum(found))", "found = (f(n) for n in x)"),
        (
            "found = [len(n) for n in x]  # here\nfor n in found:\n    print(n)"
            .replace("for n in found", "for size in found").replace("print(n)", "print(size)"),
            "found = (len(n) for n in x)",
        ),
        ("for line in log.readlines():  # here\n    print(line)", "for line in log:"),
        ("for row in cursor.fetchall():  # here\n    print(row)", "for row in cursor:"),
        (
            "digest.update(file.read())  # here",
            "while piece := file.read(65536):\n    digest.update(piece)",
        ),
        (
            "import hashlib\n\n"
            "def f(file):\n    return hashlib.sha256(file.read()).hexdigest()  # here",
            "    digest = hashlib.sha256()\n    while piece := file.read(65536):\n"
            "        digest.update(piece)\n    return digest.hexdigest()",
        ),
    ],
)  # fmt: skip
def test_in_pieces(text: str, expected: str) -> None:
    assert expected in changed(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("text = ''.join([f(n) for n in x])  # here", "makes a list of what it is given"),
        ("found = [f(n) for n in x]  # here\nfor n in found:\n    print(n)", OTHER_ORDER),
        ("found = [f(n) for n in x]  # here\nx = 0\nprint(sum(found))", OTHER_ORDER),
        ("found = [f(n) for n in x]  # here\nprint(len(found), sum(found))", OTHER_ORDER),
        ("found = [f(n) for n in x]  # here\nprint([sum(found) for _ in y])", OTHER_ORDER),
        ("found = [len(n) for n in x]  # here\nfor one in found:\n    x.append(one)", OTHER_ORDER),
        ("found = [n[0] for n in x]  # here\nfor one in found:\n    x.append(one)", OTHER_ORDER),
        ("for line in log.readlines():  # here\n    log.seek(0)", "for something else"),
        ("for row in c.fetchall():  # here\n    db.execute(row)", "for something else"),
        ("for line in log.readlines(9):  # here\n    print(line)", "is not known"),
        ("digest.update(open(path).read())  # here", "is not known"),
        ("digest.update(file.read(), 1)  # here", "is not known"),
        ("data = file.read()  # here", "is not known"),
    ],
)
def test_it_stays_whole(text: str, why: str) -> None:
    assert why in changed(text)
