"""Who keeps what a test leaves behind: its way, its types, and the lines that made it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_plugin.conftest import Run

SHOP = """\
class Session:
    def __init__(self, number):
        self.token = "session %d" % number


class Service:
    registered = []

    def __init__(self):
        self.sessions = {}
        self.listeners = []



service = Service()


def ignored():
    Service.registered.append(bytes(3000))
"""
TESTS = """\
import pytest
import shop

numbers = iter(range(1000, 2000))


@pytest.mark.memscope(leaked="1 KB")
def test_dictionary():
    for number in [next(numbers) for _ in range(20)]:
        shop.service.sessions[number] = shop.Session(number)


@pytest.mark.memscope(growth="1 KB")
def test_closure():
    big = bytes(2000)
    shop.service.listeners.append(lambda: big)


@pytest.mark.memscope(leaked="1 KB", ignore="ignored")
def test_class():
    shop.ignored()
    shop.Service.registered.append(bytearray(2000))


@pytest.mark.memscope(leaked="1 KB")
def test_list_that_grows():
    shop.service.listeners.extend([None] * 1000)


@pytest.mark.memscope(leaked="1 KB")
def test_nothing():
    cycle = [bytes(2000)]
    cycle.append(cycle)
"""


def line_of(source: str, text: str) -> int:
    return source[: source.index(text)].count("\n") + 1


def said(result: pytest.RunResult) -> dict[str, list[str]]:
    """What is said of each test, from its failure on."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in result.stdout.lines:
        if line.startswith("memscope: "):
            lines = []
        lines.append(line)
        if line.startswith("  memscope holders "):
            test = line.rpartition("test_it.py_")[2].rpartition("-")[0]
            found[test], lines = lines, []
    return found


def kept_by(lines: list[str]) -> dict[str, list[str]]:
    """By the way to what is kept: its types, and then the lines that made it."""
    found: dict[str, list[str]] = {}
    for line in lines[lines.index("  kept by") + 1 :]:
        if line.startswith("      "):
            found[list(found)[-1]].append(line.strip())
        elif line.startswith("    ") and "is not known" not in line:
            found[line.strip().rpartition("  ")[0]] = []
    return found


def ask(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "memscope", *words],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


def test_holders_of_what_is_left(pytester: pytest.Pytester, run: Run, tmp_path: Path) -> None:
    pytester.makepyfile(shop=SHOP, test_it=TESTS)
    captures = tmp_path / "captures"
    result = run("-q", f"--memscope-dir={captures}")
    result.assert_outcomes(passed=4, errors=3, failed=1)
    told = said(result)
    made = {text: line_of(TESTS, text) for text in ("shop.Session(", "big = ", "bytearray(")}

    types, *lines = kept_by(told["test_dictionary"])["shop.service.sessions[…]"]
    assert {part.split()[0] for part in types.split(", ")} >= {"shop.Session", "str"}
    assert any(f"test_it.py:{made['shop.Session(']}  test_dictionary" in line for line in lines)
    assert any("shop.py:3  Session.__init__" in line for line in lines)

    ((way, (types, *lines)),) = kept_by(told["test_closure"]).items()
    assert way == "shop.service.listeners[…]"
    assert types.startswith("bytes 2.0 KiB, ")  # of one run
    assert f"test_it.py:{made['big = ']}  test_closure" in lines[0]

    ((way, (types, *lines)),) = kept_by(told["test_class"]).items()
    assert way == "shop.Service.registered[…]"
    assert types == "bytearray 2.0 KiB"
    assert f"test_it.py:{made['bytearray(']}  test_class" in lines[0]

    grown = told["test_list_that_grows"]
    assert "  kept by" not in grown
    assert any("is not known: a list or dictionary from before" in line for line in grown)
    assert "test_nothing" not in told

    # The captures of those that left something have the snapshot.
    (path,) = captures.rglob("*test_closure-growth.mscope")
    paths = json.loads(ask(tmp_path, "why", str(path), "bytes", "--json").stdout)["paths"]
    (big,) = [of for of in paths if of["path"] == "shop.service.listeners[…].<closure big>"]
    assert big["objects"] == 4  # of all runs that there were
    (path,) = captures.rglob("*test_nothing-leaked.mscope")
    refused = ask(tmp_path, "holders", str(path))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "has no snapshot of its objects" in refused.stderr
