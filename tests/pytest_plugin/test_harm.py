"""The plugin outlives what tests do to the process, and tests what goes wrong in the plugin."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from pytest_plugin.conftest import Run

# Each replaces something that a profiler may rely on, for the time of one test.
PATCHED = '''
import builtins, gc, io, json, os, pathlib, random, re, shutil, socket, sys, tempfile, time
import pytest

def broken(*args, **kwargs):
    raise AssertionError("patched")

NAMES = """
os.getcwd os.open os.close os.getpid os.stat os.lstat os.unlink os.replace os.rename os.makedirs
os.mkdir os.fspath os.path.join os.path.exists os.path.isfile os.path.abspath os.path.normpath
os.path.dirname os.path.basename posixpath.join builtins.open io.open time.time time.monotonic
time.perf_counter json.dumps json.loads random.random socket.socket tempfile.mkstemp
tempfile.mkdtemp re.compile re.sub gc.collect gc.freeze shutil.rmtree pathlib.Path.exists
pathlib.Path.mkdir pathlib.Path.unlink pathlib.Path.write_text pathlib.Path.__truediv__
pathlib.Path.is_relative_to pathlib.Path.cwd
""".split()

@pytest.mark.parametrize("name", NAMES)
def test_function(monkeypatch, name):
    monkeypatch.setattr(name, broken)
    assert [0] * 1000

@pytest.mark.parametrize("name", ["os.name", "os.sep", "sys.platform", "os.path.sep", "os.linesep"])
def test_constant(monkeypatch, name):
    monkeypatch.setattr(name, "nt")
    assert [0] * 1000

@pytest.mark.memscope(peak="50 MB")
def test_with_a_limit(monkeypatch):
    monkeypatch.setattr("os.name", "nt")
    assert [0] * 1000

@pytest.mark.memscope(leaked="50 MB", growth="50 MB")
def test_with_limits_of_what_is_left(monkeypatch):
    monkeypatch.setattr("os.path.join", broken)
    monkeypatch.setattr("os.open", broken)

def test_modules(monkeypatch):
    for name in ("json", "re", "pathlib", "memscope.capture", "memscope.analysis.units"):
        monkeypatch.setitem(sys.modules, name, None)

def test_streams(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "argv", [])

def test_environment(monkeypatch):
    for name in list(os.environ):
        if name != "PYTEST_CURRENT_TEST":
            monkeypatch.delenv(name)
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/directory")

def test_recursion_limit():
    limit = sys.getrecursionlimit()
    def deeper(n):
        return deeper(n + 1)
    with pytest.raises(RecursionError):
        deeper(0)
    assert sys.getrecursionlimit() == limit

def test_where_nothing_is(monkeypatch, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    place.rmdir()

def test_elsewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with open("a.txt", "w") as file:
        file.write("x")

def test_open_files_closed():
    os.closerange(30, 256)

def test_other():
    assert [0] * 1000
'''


@pytest.mark.parametrize(
    "options",
    [
        ["--memscope"],
        ["--memscope-save", "base.txt"],
        ["--memscope", "--memscope-dir", "caps"],
        ["--memscope-json", "all.json", "--memscope-report", "all.html"],
    ],
    ids=["show", "save", "captures", "files"],
)
def test_a_suite_that_patches_what_it_likes(
    pytester: pytest.Pytester, run: Run, options: list[str]
) -> None:
    pytester.makepyfile(PATCHED)
    plain = run("-q")
    assert plain.ret == 0, plain.stdout.str()
    recorded = run("-q", *options)
    assert recorded.parseoutcomes() == plain.parseoutcomes()
    assert recorded.ret == 0
    recorded.stdout.no_fnmatch_line("*memscope:*")
    recorded.stderr.no_fnmatch_line("*memscope*")
    passed = plain.parseoutcomes()["passed"]
    if "--memscope-save" in options:
        saved = (pytester.path / "base.txt").read_text().splitlines()[1:-1]
        assert len(saved) == passed
        compared = run(
            "-q", "--memscope-compare", "base.txt", "--memscope-fail-on", "peak:50%+64KB"
        )
        assert compared.parseoutcomes() == plain.parseoutcomes()
        assert compared.ret == 0
    if "--memscope-dir" in options:
        assert len(list((pytester.path / "caps").glob("*-call*.mscope"))) >= passed


@pytest.mark.parametrize(
    "patch",
    [
        'monkeypatch.setattr("os.name", "nt")',
        'monkeypatch.setattr("pathlib.Path.exists", None)',
        'monkeypatch.setattr("os.open", None)',
        "monkeypatch.chdir(tmp_path)",
        'monkeypatch.setattr("os.path.join", None)',
        'monkeypatch.setattr("builtins.open", None)',
    ],
)
def test_a_limit_is_judged_in_a_process_that_is_patched(
    pytester: pytest.Pytester, run: Run, patch: str
) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.memscope(peak="1 KB")
        def test_over(monkeypatch, tmp_path):
            {patch}
            buffer = bytearray(10_000)
        """
    )
    result = run("-q")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["memscope: peak is 9.? KiB*", "*test_over"])
    (command,) = re.findall(r"memscope hotspots .*?(\S+\.mscope)", result.stdout.str())[:1]
    assert Path(command).is_file()


# What breaks the plugin itself, at one of its ends.
BREAKS = {
    "begin": "sections.Sections.begin",
    "end": "sections.Sections.end",
    "limit": "session.Session._broken",
    "lines": "sections.Sections.lines",
    "write": "sections.Sections.write",
    "close": "sections.Sections.close",
    "figures": "results.Results.add",
    "table": "results.print_table",
}


@pytest.mark.parametrize(
    ("where", "parallel"), [*((where, False) for where in BREAKS), ("begin", True), ("end", True)]
)
def test_a_fault_of_the_plugin_ends_no_session(
    pytester: pytest.Pytester, run: Run, where: str, parallel: bool
) -> None:
    module, _, name = BREAKS[where].partition(".")
    pytester.makeconftest(
        f"""
        import memscope.pytest_plugin.{module} as module

        def broken(*args, **kwargs):
            raise KeyError("a fault\\nof two lines")

        owner, name = module, "{name}"
        if "." in name:
            owner, name = getattr(module, name.partition(".")[0]), name.partition(".")[2]
        setattr(owner, name, broken)
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(3))
        def test_passes(n, tmp_path):
            assert [0] * 1000

        @pytest.mark.memscope(peak="50 MB")
        def test_limited():
            pass

        def test_fails():
            assert 0

        def test_skips():
            pytest.skip("for a reason")
        """
    )
    options = ["-q", "--memscope", "--memscope-dir", "caps", "--memscope-json", "all.json"]
    if parallel:
        pytest.importorskip("xdist")
        result = run(*options, "-n", "2", plugins=("xdist",))
    else:
        result = run(*options)
    assert result.parseoutcomes() == {"passed": 4, "failed": 1, "skipped": 1}
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    if where not in ("lines", "limit", "close"):  # lines are asked for where a limit is broken
        told = [line for line in result.stdout.lines if "memscope: " in line and "fault" in line]
        assert len(told) >= 1
        assert all(r"KeyError: 'a fault\nof two lines'" in line for line in told)


def test_an_interrupt_stays_one(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        def test_passes():
            pass

        def test_interrupted():
            raise KeyboardInterrupt

        def test_not_reached():
            pass
        """
    )
    (pytester.path / "base.txt").write_text("")
    (pytester.path / "base.txt").unlink()
    result = run("-q", "--memscope-save", "base.txt")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert not (pytester.path / "base.txt").exists()
    result.stdout.fnmatch_lines(["memscope: the baseline was not written: the run was ended early"])


@pytest.mark.parametrize("end", ["-x", "--maxfail=1"])
def test_a_run_that_stops_early_spoils_no_baseline(
    pytester: pytest.Pytester, run: Run, end: str
) -> None:
    test = pytester.makepyfile("def test_a():\n    pass\ndef test_b():\n    pass\n")
    run("-q", "--memscope-save", "base.txt")
    before = (pytester.path / "base.txt").read_text()
    test.write_text("def test_a():\n    assert 0\ndef test_b():\n    pass\n")
    assert run("-q", end, "--memscope-save", "base.txt").ret == pytest.ExitCode.TESTS_FAILED
    assert (pytester.path / "base.txt").read_text() == before


@pytest.mark.parametrize("options", [["--co"], ["-k", "nothing"], ["--setup-plan"]])
def test_a_run_of_no_test_spoils_no_baseline(
    pytester: pytest.Pytester, run: Run, options: list[str]
) -> None:
    pytester.makepyfile("def test_a():\n    pass\n")
    run("-q", "--memscope-save", "base.txt")
    before = (pytester.path / "base.txt").read_text()
    plain = run("-q", *options)
    result = run("-q", *options, "--memscope-save", "base.txt")
    assert "INTERNALERROR" not in result.stdout.str()
    assert (pytester.path / "base.txt").read_text() == before
    assert result.ret == plain.ret


@pytest.mark.parametrize("options", [["--help"], ["--markers"], ["--fixtures"], ["--version"]])
def test_what_pytest_tells_of_itself(
    pytester: pytest.Pytester, run: Run, options: list[str]
) -> None:
    pytester.makeini("[pytest]\nmemscope_compare = no-such-baseline.txt\n")
    pytester.makepyfile("def test_a():\n    pass\n")
    result = run(*options) if "--help" in options else run("-c", "/dev/null", *options)
    assert result.ret == 0, result.stderr.str()
    assert "Traceback (most recent" not in result.stderr.str() + result.stdout.str()
    if "--help" in options:
        text = " ".join(result.stdout.str().split())
        assert "peak:10%+4KB,allocations:5%." in text
        assert "%%" not in text


@pytest.mark.parametrize(
    "command",
    [
        *("run", "summary", "hotspots", "tree", "sizes", "lifetimes", "timeline", "fragmentation"),
        *("gc", "growth", "advise", "report", "export", "info", "compare", "ab"),
    ],
)
def test_each_subcommand_has_help(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "memscope", command, "--help"],
        cwd=tempfile.gettempdir(),  # not in the sources, which are not built
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout
    assert "Traceback" not in done.stderr


OTHER_WAYS = {
    "no terminal": (["-p", "no:terminal"], ()),
    "no cache": (["-p", "no:cacheprovider"], ()),
    "last failed": (["--lf"], ()),
    "first failure": (["-x"], ()),
    "by class": (["-n", "2", "--dist", "loadscope"], ("xdist",)),
    "one worker": (["-n", "1"], ("xdist",)),
    "random order of files": (["-n", "2", "--dist", "worksteal"], ("xdist",)),
    "reruns": (["--reruns", "1"], ("pytest_rerunfailures",)),
    "asyncio": (["-p", "pytest_asyncio.plugin"], ()),
    "doctests": (["--doctest-modules"], ()),
    "warnings are errors": (["-W", "error"], ()),
    "no capture": (["-s"], ()),
    "verbose": (["-vv"], ()),
    "strict": (["--strict-markers", "--strict-config"], ()),
}
KINDS = '''
import unittest
import pytest

def double(number):
    """
    >>> double(2)
    4
    """
    return number * 2

class TestClass:
    @pytest.fixture(autouse=True)
    def rows(self):
        self.rows = [0] * 1000
        yield
        del self.rows

    def test_method(self):
        assert self.rows

    def test_that_fails(self):
        assert not self.rows

class TestUnit(unittest.TestCase):
    def setUp(self):
        self.rows = [0] * 1000

    def test_unit(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertTrue(self.rows)

    @unittest.skip("for a reason")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

@pytest.mark.xfail
def test_expected_to_fail():
    assert 0

@pytest.fixture
def broken():
    raise ValueError

def test_error(broken):
    pass

@pytest.fixture
def broken_later():
    yield
    raise ValueError

def test_error_at_teardown(broken_later):
    pass
'''


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_outcomes_are_those_of_a_plain_run(pytester: pytest.Pytester, run: Run, way: str) -> None:
    options, plugins = OTHER_WAYS[way]
    for plugin in plugins:
        pytest.importorskip(plugin)
    if "pytest_asyncio.plugin" in options:
        pytest.importorskip("pytest_asyncio")
    pytester.makepyfile(KINDS)
    run("--memscope-save", "base.txt")
    plain = run("--junit-xml", "plain.xml", *options, plugins=plugins)
    modes = ["--memscope-save", "new.txt", "--memscope-compare=base.txt"]
    recorded = run("--junit-xml", "recorded.xml", *modes, *options, plugins=plugins)
    assert recorded.ret == plain.ret, recorded.stderr.str()
    assert outcomes(pytester.path / "recorded.xml") == outcomes(pytester.path / "plain.xml")
    told = recorded.stdout.str() + recorded.stderr.str()
    assert "INTERNALERROR" not in told
    assert "memscope: " not in told or way == "first failure"


def outcomes(report: Path) -> list[tuple[str, ...]]:
    from xml.etree import ElementTree

    cases = ElementTree.parse(report).iter("testcase")
    kinds = ("failure", "error", "skipped", "rerun")
    return sorted(
        (str(case.get("classname")), str(case.get("name")),
         *sorted(child.tag for child in case if child.tag in kinds))
        for case in cases
    )  # fmt: skip


@pytest.mark.parametrize("inner", [[], ["--memscope"], ["--memscope-save=inner.txt"]])
def test_a_pytest_within_a_test(pytester: pytest.Pytester, run: Run, inner: list[str]) -> None:
    pytester.makeconftest("pytest_plugins = ['pytester']")
    pytester.makepyfile(
        f"""
        def test_inner(pytester):
            pytester.makepyfile("def test_it(): bytearray(2_000_000)")
            result = pytester.runpytest_inprocess("-p", "memscope.pytest_plugin", *{inner!r})
            result.assert_outcomes(passed=1)

        def test_after():
            buffer = bytearray(3_000_000)
        """
    )
    result = run("--memscope")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*2.9 MiB*::test_after"])


def test_paths_are_those_of_the_start(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import os, pytest

        def test_writes(tmp_path, monkeypatch):
            monkeypatch.chdir(tmp_path)
            with open("a.txt", "w") as f:
                f.write("x")

        def test_leaves(tmp_path):
            os.chdir(tmp_path)

        def test_after():
            pass
        """
    )
    names = {"dir": "caps", "json": "all.json", "report": "all.html", "save": "base.txt"}
    run("--memscope", *(f"--memscope-{n}={p}" for n, p in names.items())).assert_outcomes(passed=3)
    assert len(list((pytester.path / "caps").glob("*-call.mscope"))) == 3
    assert all((pytester.path / name).exists() for name in names.values())
