"""No fix names a variable, an attribute or a file that is not in the program at that place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from advice.fixes import inventions
from cli.console import call

SUITE = Path(__file__).parents[2] / "benchmarks" / "advice" / "programs"
PROGRAMS = sorted([*SUITE.glob("*/*.py"), *(main.parent for main in SUITE.glob("*/*/__main__.py"))])


# Each takes two or three seconds. An eighth of them is enough for every day.
EVERY_DAY = PROGRAMS[::8]
assert EVERY_DAY


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(
            program, marks=pytest.mark.slow if program in EVERY_DAY else pytest.mark.exhaustive
        )
        for program in PROGRAMS
    ],
    ids=lambda path: path.stem,
)
def test_all_that_is_advised_of_the_suite_is_of_the_program(program: Path, tmp_path: Path) -> None:
    capture = tmp_path / "it.mscope"
    assert call("run", "-q", "-o", capture, program).returncode == 0
    assert not inventions(capture)


def _unknown_to_the_program(tmp_path: Path, source: str) -> list[str]:
    program = tmp_path / "app.py"
    program.write_text(source)
    capture = tmp_path / "app.mscope"
    assert call("run", "-f", "-q", "-o", capture, program).returncode == 0
    return inventions(capture)


GROWS = """
import ctypes
keep = ctypes.pythonapi.Py_IncRef
keep.argtypes = [ctypes.py_object]
keep.restype = None
{made}
def main():
    total = 0
    for number in range(60_000):
        total += ask(number)
    print(total)
main()
"""


@pytest.mark.parametrize(
    "made",
    [
        "def ask(n):\n    text = 'x' * 900 + str(n)\n    keep(text)\n    return len(text)\n",
        "K = {}\n"
        "def ask(n):\n    K.setdefault(n % 9, []).append('x' * 900 + str(n))\n    return n\n",
        "class A:\n    kept = []\n"
        "def ask(n):\n    A.kept.append('x' * 900 + str(n))\n    return n\n",
        "def ask(n, seen={}):\n    seen[n] = 'x' * 900 + str(n)\n    return len(seen)\n",
        "from collections import deque\nD = deque()\n"
        "def ask(n):\n    D.append('x' * 900 + str(n))\n    return n\n",
        "import functools\n@functools.cache\ndef ask(n, /, *rest, key=None):\n"
        "    return int(n and len('x' * 900 + str(n)) and [bytes(900)].pop()[0])\n",
    ],
    ids=["nobody", "nested", "class", "default", "deque", "cache"],
)
def test_what_grows_is_called_by_its_own_name(made: str, tmp_path: Path) -> None:
    assert not _unknown_to_the_program(tmp_path, GROWS.format(made=made))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="CPython 3.11 on")
def test_a_field_list_of_one_is_a_tuple_and_none_is_left_out(tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    fields = [f"field_{number}" for number in range(11)]
    row = ", ".join(f"'{name}': n" for name in fields)
    program.write_text(f"rows = [{{{row}}} for n in range(40_000)]\n")
    capture = tmp_path / "app.mscope"
    assert call("run", "-q", "-o", capture, program).returncode == 0
    text = call("advise", capture, env={"COLUMNS": "200"}).stdout
    for name in fields:
        assert f"    {name}: object" in text
