"""A name is deleted only where nothing can read it afterwards, and where it is bound for sure."""

from __future__ import annotations

import pytest
from advice.changes.edited import after, read

from memscope.advice.changes.deletion import NO_PLACE, deleted_name

BASE = """
def main(path):
    data = load(path)  # here
    print(len(data))
    more = work()
    return more
"""


def deleted(text: str, peak_line: int) -> str:
    editor, statement = read(text)
    return after(editor, deleted_name(editor, statement, "data", peak_line))


def test_it_is_deleted_after_the_last_read() -> None:
    assert "    print(len(data))\n    del data\n    more = work()" in deleted(BASE, 4)


def test_it_is_deleted_after_the_file_that_it_was_read_of_is_closed() -> None:
    text = """
    def main(path):
        with open(path) as file:
            data = file.read()  # here
        print(data)
        return work()
    """
    assert "    print(data)\n    del data\n    return work()" in deleted(text, 5)


def test_it_is_deleted_after_the_loop_that_reads_it() -> None:
    text = """
    def main(path):
        data = load(path)  # here
        for item in range(3):
            print(data[item])
        return work()
    """
    assert "        print(data[item])\n    del data\n    return" in deleted(text, 5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BASE.replace("more = work()", "more = work(data)"), "goes on until the peak"),
        (BASE.replace("print(len(data))", "f = lambda: data"), "used in another way"),
        (BASE.replace("print(len(data))", "print(locals())"), "used in another way"),
        (BASE.replace("print(len(data))", "data = data[1:]"), "more than one thing"),
        (
            "def main(path):\n    if path:\n        data = load(path)  # here\n"
            "    print(data)\n    return work()\n",
            NO_PLACE,
        ),
        (
            "def main(path):\n    try:\n        data = load(path)  # here\n"
            "    except OSError:\n        pass\n    print(data)\n    return work()\n",
            NO_PLACE,
        ),
        ("def main(path):\n    data = load(path)  # here\n    return data\n", "function ends"),
        ("def main(path): data = load(path); path = None  # here\n", "more than"),
    ],
)
def test_it_stays_where_it_may_be_missed(text: str, why: str) -> None:
    told = deleted(text, 4)
    if "def main(path): " in text:
        assert "del data" not in told
    else:
        assert why in told
