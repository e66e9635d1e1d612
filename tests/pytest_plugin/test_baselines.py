"""Baselines that are none are refused; those that are hold however the tests are run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_plugin.conftest import Run

from memscope.pytest_plugin.baseline import END, HEADER, PYTHON

# Names are interned before any test: their table grows once in a while, by 1 MB, and counts with
# the test in which it does (docs/pytest.md).
TESTS = """
import sys
import pytest

NAMES = [sys.intern(f"name_{n}_of_this_module") for n in range(300)]

@pytest.mark.parametrize("n", range(5))
def test_rows(n):
    rows = [str(number) * 3 for number in range(1000, 1100 + 50 * n)]

def test_names():
    class Made: pass
    made = Made()
    for name in NAMES:
        setattr(made, name, 1)

def test_sets():
    kept = {f"a {n}" for n in range(50)}

def test_nothing():
    pass

class TestClass:
    def test_large(self):
        buffer = bytearray(100_000)
"""
BAD = {
    "missing": (None, "the baseline cannot be read: No such file or directory"),
    "empty": (b"", "the baseline is empty"),
    "a line": (b"\n", "this is not a baseline of memscope"),
    "binary": (bytes(range(256)) * 9, "the baseline cannot be read: it is no text"),
    "capture": (b"MEMSCOPE\0\1\2\3", "this is not a baseline of memscope"),
    "JSON": (json.dumps({"tests": []}).encode(), "this is not a baseline of memscope"),
    "another tool's": (b"test_a.py::test_rows 12.3 MiB\n", "this is not a baseline of memscope"),
    "code": (TESTS.encode(), "this is not a baseline of memscope"),
    "no test": (f"{HEADER}\n{END}\n".encode(), "the baseline holds no test"),
    "damaged": (f"{HEADER}\n{PYTHON} x 1 1 a\n{END}\n".encode(), "line 2 is not an entry"),
    "older Python": (
        f"{HEADER}\n2.6 1 1 1 a\n2.7 1 1 1 a\n{END}\n".encode(),
        f"the baseline has figures of Python 2.6, 2.7, and none of {PYTHON}",
    ),
    "cut after a line": (f"{HEADER}\n{PYTHON} 1 1 1 a\n".encode(), "the baseline was cut short"),
    "cut in a line": (f"{HEADER}\n{PYTHON} 1 1 1 test_a.py::te".encode(), "was cut short"),
    "cut in the end": (f"{HEADER}\n{PYTHON} 1 1 1 a\n# e".encode(), "was cut short"),
}
BY_LIMITS = "failed by memory limits"


@pytest.mark.parametrize(
    ("kind", "parallel"), [*((kind, False) for kind in BAD), ("missing", True), ("no test", True)]
)
def test_what_is_no_baseline_is_an_error(
    pytester: pytest.Pytester, run: Run, kind: str, parallel: bool
) -> None:
    if parallel:
        pytest.importorskip("xdist")
    content, said = BAD[kind]
    if content is not None:
        (pytester.path / "base.txt").write_bytes(content)
    pytester.makepyfile(TESTS)
    options, plugins = (["-n", "2"], ("xdist",)) if parallel else ([], ())
    result = run("--memscope-compare=base.txt", *options, plugins=plugins)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = [line for line in result.stderr.lines if line]
    assert len(told) == 1
    assert said in told[0]
    assert "base.txt" in told[0]
    result.stdout.no_fnmatch_line("*passed*")


def test_a_directory_is_no_baseline(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(TESTS)
    result = run("--memscope-compare=.")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "the baseline cannot be read: Is a directory" in result.stderr.str()


@pytest.mark.parametrize("name", ["compare", "save", "json", "report", "dir"])
def test_no_path_is_an_error(pytester: pytest.Pytester, run: Run, name: str) -> None:
    pytester.makepyfile(TESTS)
    result = run(f"--memscope-{name}=")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--memscope-{name}: no path was given" in result.stderr.str()


@pytest.mark.parametrize(
    ("parallel", "options"), [(False, []), (True, []), (False, ["-p", "no:terminal"])]
)
def test_a_baseline_of_other_tests_is_an_error(
    pytester: pytest.Pytester, run: Run, parallel: bool, options: list[str]
) -> None:
    entry = f"{PYTHON} 1 1 1 tests/test_other.py::test_that_is_not_here"
    (pytester.path / "base.txt").write_text(f"{HEADER}\n{entry}\n{END}\n")
    pytester.makepyfile(TESTS)
    if parallel:
        pytest.importorskip("xdist")
        options = [*options, "-n", "2"]
    plugins = ("xdist",) if parallel else ()
    result = run("--memscope-compare=base.txt", *options, plugins=plugins)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = [*result.stdout.lines, *result.stderr.lines]
    (line,) = [line for line in told if "ERROR: memscope" in line]
    assert "not one of the 9 tests that ran is in the baseline" in line
    assert "test_other.py::test_that_is_not_here" in line
    result.stdout.no_fnmatch_line("no test differs*")


def test_new_tests_are_counted(pytester: pytest.Pytester, run: Run) -> None:
    test = pytester.makepyfile(TESTS)
    run("--memscope-save=base.txt")
    test.write_text(TESTS + "\ndef test_new_a(): pass\ndef test_new_b(): pass\n")
    result = run("--memscope-compare=base.txt")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["no test differs by more*", "2 tests are not in the baseline"])


def test_a_file_that_is_no_baseline_is_not_overwritten(pytester: pytest.Pytester, run: Run) -> None:
    test = pytester.makepyfile(TESTS)
    result = run("--memscope-save", str(test))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "this is not a baseline of memscope" in result.stderr.str()
    assert test.read_text().strip() == TESTS.strip()
    result.stdout.no_fnmatch_line("*passed*")


def test_the_first_baseline_is_written_where_the_ini_file_compares(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makeini("[pytest]\nmemscope_compare = base.txt\n")
    pytester.makepyfile(TESTS)
    assert run("--memscope-save", "base.txt").ret == 0
    path = pytester.path / "base.txt"
    path.write_text(path.read_text().replace(f"\n{PYTHON} ", "\n2.7 "))
    assert run().ret == pytest.ExitCode.USAGE_ERROR
    assert run("--memscope-save", "base.txt").ret == 0
    assert run().ret == 0


def test_a_baseline_of_the_first_version_is_read(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(TESTS)
    run("--memscope-save=base.txt")
    path = pytester.path / "base.txt"
    first = path.read_text().replace("; closed by an end line", "").replace(f"{END}\n", "")
    path.write_text(first)
    assert run("--memscope-compare=base.txt", "--memscope-fail-on=peak:1%+4KB").ret == 0


@pytest.mark.parametrize("seed", ["0", "random"])
def test_a_baseline_holds_however_tests_are_run(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch, seed: str
) -> None:
    pytest.importorskip("xdist")
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    test = pytester.makepyfile(TESTS)
    assert run("--memscope-save=base.txt").ret == 0
    limits = "peak:10%+4KB,allocated:10%+16KB,allocations:10%+20"
    compare = ["--memscope-compare=base.txt", f"--memscope-fail-on={limits}"]
    ways = [[f"{test.name}::{name}"] for name in ("test_rows[3]", "test_names", "test_nothing")]
    backwards = [f"{test.name}::{name}" for name in ("test_sets", "test_names", "test_rows")]
    for way in (*ways, [], backwards, ["-n", "2"], ["-n", "2", "--dist", "loadscope"]):
        result = run(*compare, *way, plugins=("xdist",))
        assert result.ret == 0, result.stdout.str()
        result.stdout.fnmatch_lines(["no test differs by more than its limit"])


CACHES = """
import abc, functools, re

class Base(abc.ABC):
    def method(self): return self
class Others(abc.ABC): pass
KINDS = [type(f"Kind{n}", (Base,), {}) for n in range(40)]

def look(kind):
    return [isinstance(kind(), other) for other in (Base, Others)]

@functools.lru_cache
def cached(number):
    return str(number) * 10

def matches(text):
    return re.compile("a+b" + text).match("aabx")

def all_kinds(): return [look(kind) for kind in KINDS]
def test_a(): all_kinds()
def test_b(): all_kinds()
def test_pattern_a(): matches("x")
def test_pattern_b(): matches("x")
def test_cached_a(): [cached(n) for n in range(30)]
def test_cached_b(): [cached(n) for n in range(30)]
def test_grows(): buffer = bytearray(1000)
def test_keeps(): KINDS.append(bytearray(1000))
"""


def test_who_fills_a_cache_first_does_not_fail(pytester: pytest.Pytester, run: Run) -> None:
    test = pytester.makepyfile(CACHES)
    run("--memscope-save=base.txt")
    limits = "--memscope-fail-on=peak:10%+4KB,allocations:10%+20"
    compare = ("--memscope-compare=base.txt", limits)
    for name in ("test_a", "test_b", "test_pattern_b", "test_cached_b"):
        alone = run(*compare, f"{test.name}::{name}")
        assert alone.ret == 0, alone.stdout.str()
    alone.stdout.fnmatch_lines(["unsteady: 1 tests are above a limit only by caches*"])
    test.write_text(CACHES.replace("bytearray(1000)", "bytearray(30_000)"))
    grown = run(*compare)
    assert grown.ret == pytest.ExitCode.TESTS_FAILED
    grown.stdout.fnmatch_lines([f"*8 passed, 2 {BY_LIMITS} in *"])
    for name in ("test_grows", "test_keeps"):
        assert run(*compare, f"{test.name}::{name}").ret == pytest.ExitCode.TESTS_FAILED


def test_what_a_test_leaves_each_time_is_no_cache(pytester: pytest.Pytester, run: Run) -> None:
    source = """
        import functools, pytest
        kept = []

        @functools.cache
        def table(): return bytearray({cached})

        @pytest.mark.memscope(leaked="64 KB")
        def test_fills(): table()

        @pytest.mark.memscope(leaked="64 KB")
        def test_leaks(): kept.append(bytearray({leaked}))

        @pytest.mark.memscope(growth="64 KB")
        def test_grows(): kept.append(bytearray({leaked}))
    """
    pytester.makepyfile(test_it=source.format(cached=10, leaked=10))
    run("--memscope-save=base.txt")
    pytester.makepyfile(test_it=source.format(cached=10_000, leaked=10_000))
    result = run("--memscope-compare=base.txt", "--memscope-fail-on=peak:10%+4KB")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*3 passed, 2 {BY_LIMITS} in *"])
    result.stdout.no_fnmatch_line("*::test_fills FAILED")


def test_the_last_line_counts_what_grew(pytester: pytest.Pytester, run: Run) -> None:
    test = pytester.makepyfile(TESTS)
    run("--memscope-save=base.txt")
    test.write_text(TESTS.replace("100_000", "200_000").replace("range(1000, 1", "range(1000, 9"))
    limits = ["--memscope-compare=base.txt", "--memscope-fail-on=peak:10%+4KB,allocations:10%+20"]
    result = run(*limits)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*9 passed, 6 {BY_LIMITS} in *"])
    assert run(*limits, "-k", "test_sets").ret == 0
    only_told = run("--memscope-compare=base.txt")
    assert only_told.ret == 0
    only_told.stdout.no_fnmatch_line(f"*{BY_LIMITS}*")
    test.write_text(test.read_text() + "\ndef test_fails():\n    assert 0\n")
    result = run(*limits)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*1 failed, 9 passed, 6 {BY_LIMITS} in *"])


@pytest.mark.parametrize(
    ("limit", "status", "where"),
    [
        ("peak:10%", 1, "option"),
        ("peak:10%+1KB", 1, "option"),
        ("peak:10%+4KB", 0, "option"),
        ("peak:4KB", 0, "option"),
        ("peak:300%", 0, "option"),
        ("peak:0%+0B", 1, "option"),
        ("allocations:0", 0, "option"),
        ("peak:10%+1KB", 1, "ini"),
        ("peak:10%+4KB", 0, "ini"),
    ],
)
def test_a_floor_lets_small_figures_vary(
    pytester: pytest.Pytester, run: Run, limit: str, status: int, where: str
) -> None:
    test = pytester.makepyfile("def test_it():\n    buffer = bytearray(1000)\n")
    run("--memscope-save=base.txt")
    test.write_text("def test_it():\n    buffer = bytearray(3000)\n")
    if where == "ini":
        pytester.makeini(f"[pytest]\nmemscope_fail_on = {limit}\n")
        assert run("--memscope-compare=base.txt").ret == status
    else:
        assert run("--memscope-compare=base.txt", f"--memscope-fail-on={limit}").ret == status


def test_a_baseline_is_found_from_another_root(pytester: pytest.Pytester, run: Run) -> None:
    """A path that is given after a space is an argument too, by which pytest chooses its root."""
    project = pytester.mkdir("project")
    (project / "test_it.py").write_text(TESTS)
    limits = "--memscope-fail-on=peak:10%+4KB"
    pytester.path.joinpath("project", "tox.ini").write_text("[pytest]\n")
    assert run("--memscope-save", "base.txt", "--rootdir=project", "project").ret == 0
    assert " test_it.py::" in Path(pytester.path, "base.txt").read_text()
    for root in (".", "project"):
        result = run("--memscope-compare", "base.txt", limits, f"--rootdir={root}", "project")
        assert result.ret == 0, result.stdout.str()
        result.stdout.fnmatch_lines(["no test differs by more than its limit"])
    (project / "test_it.py").write_text(TESTS.replace("100_000", "200_000"))
    for root in (".", "project"):
        result = run("--memscope-compare", "base.txt", limits, f"--rootdir={root}", "project")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(
            ["peak grew by >99%*", "*test_it.py:*test_large*", "*was 98 KiB"]
        )


def test_figures_of_the_first_test_are_those_of_any(pytester: pytest.Pytester, run: Run) -> None:
    body = "    kept = [(gc,), (sys,), {}, {}, [], [gc], 1.5 * len(sys.argv)]\n"
    pytester.makepyfile("import gc, sys\n" + "".join(f"def test_{n}():\n{body}" for n in range(3)))
    run("--memscope-json=all.json")
    tests = json.loads(Path(pytester.path, "all.json").read_text())["tests"]
    names = ("peak_bytes", "allocated_bytes", "allocations", "live_bytes")
    first, second, third = ({name: test["figures"][name] for name in names} for test in tests)
    assert first == second == third
    assert first["allocations"] >= 7
