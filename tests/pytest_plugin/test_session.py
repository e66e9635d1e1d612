"""The whole run: the table, baselines, other plugins, and pytest itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from pytest_plugin.conftest import Run

from memscope.pytest_plugin.baseline import HEADER as BASELINE_HEADER

TESTS = """
import pytest

@pytest.fixture
def rows():
    return [bytes(1000) for _ in range(1000)]

def test_small(rows):
    assert len(rows) == 1000

def test_large():
    buffer = bytearray(10_000_000)
"""


def test_nothing_is_done_unless_asked(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(TESTS)
    result = run("-q")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*memory*")
    probe = (
        "import sys, memscope.pytest_plugin; print([m for m in sys.modules if 'memscope' == m[:8]])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "['memscope', 'memscope.pytest_plugin']\n"


def test_the_table_names_tests_and_what_sets_them_up(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(TESTS)
    result = run("--memscope")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*memory, exact, by peak*",
            "*peak  allocated  allocations*left  test",
            "*9.5 MiB*[23]*::test_large",
            "*1.0 MiB*::test_small (setup)",
        ]
    )
    sorted_otherwise = run("--memscope", "--memscope-sort", "allocations", "--memscope-top", "1")
    sorted_otherwise.stdout.fnmatch_lines(
        ["*by allocations*", "*::test_small (setup)", "1 more test;*"]
    )


@pytest.mark.parametrize(
    ("asked", "tests"),
    [
        (("-q",), 2),
        (("-q", "--memscope-top=1"), 1),
        (("-qq",), 1),
        (("-qq", "--memscope-top=2"), 2),
        (("-qq", "--memscope-top=0"), 2),
    ],
)
def test_a_quiet_run_shows_a_table_and_a_quieter_one_the_heaviest(
    pytester: pytest.Pytester, run: Run, asked: tuple[str, ...], tests: int
) -> None:
    pytester.makepyfile(TESTS)
    table = run("--memscope", *asked).stdout.str().split("allocations       left  test")[1]
    assert sum(f"::{name}" in table for name in ("test_large", "test_small")) == tests


def test_options_stand_in_the_ini_file_too(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(TESTS)
    pytester.makeini(
        """
        [pytest]
        memscope = true
        memscope_top = 1
        memscope_sort = allocated
        memscope_dir = captures
        memscope_json = figures.json
        memscope_save = baseline.txt
        """
    )
    result = run()
    result.stdout.fnmatch_lines(["*by allocated*", "*::test_large", "1 more test;*"])
    captures = sorted(path.name for path in Path(pytester.path, "captures").iterdir())
    assert any("test_large-call" in name for name in captures)
    assert any("test_small-setup" in name for name in captures)
    document = json.loads(Path(pytester.path, "figures.json").read_text())
    assert document["schema"] == "memscope.pytest/1"
    assert document["tests"][0]["figures"]["allocations"] in (2, 3)
    baseline = Path(pytester.path, "baseline.txt").read_text().splitlines()
    assert baseline[0].startswith("# memscope baseline 1")
    assert baseline[-1] == "# end"
    assert len(baseline) == 4
    assert baseline[1:-1] == sorted(baseline[1:-1], key=lambda line: line.split()[4])


@pytest.mark.parametrize("how", ["option", "ini"])
def test_a_page_of_the_run_links_kept_captures(
    pytester: pytest.Pytester, run: Run, how: str
) -> None:
    html5lib = pytest.importorskip("html5lib")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("text", ["<b>&"])
        def test_large(text):
            buffer = bytearray(10_000_000)
        """
    )
    if how == "ini":
        pytester.makeini(
            "[pytest]\nmemscope_report = out/page.html\nmemscope_dir = kept captures\n"
        )
    pytester.mkdir("out")
    options = ["--memscope-report", "out/page.html", "--memscope-dir", "kept captures"]
    run(*(options if how == "option" else ())).assert_outcomes(passed=1)
    page = Path(pytester.path, "out/page.html")
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    document = parser.parse(page.read_text(encoding="utf-8"))
    row = document.findall(".//tbody/tr")[0]
    cells = row.findall("td")
    assert re.fullmatch(r"10,000,\d\d\d B", cells[0].get("title"))
    assert cells[2].text in ("2", "3")  # a tuple for the arguments, on some versions
    link = cells[4].find("a")
    assert link.text.endswith("::test_large[<b>&]")
    assert (page.parent / unquote(link.get("href"))).is_file()


def test_all_of_a_project_in_a_folder_named_like_a_plugin_counts(
    pytester: pytest.Pytester, run: Run
) -> None:
    folder = pytester.mkdir("pytest_own") / "memscope"
    folder.mkdir()
    (folder / "test_it.py").write_text("def test_large():\n    bytearray(10_000_000)\n")
    run("--memscope", str(folder)).stdout.fnmatch_lines(["*9.5 MiB*[23]*::test_large"])


def test_a_regression_fails_the_run(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = pytester.makepyfile(TESTS)
    assert run("--memscope-save", "base.txt").ret == 0
    unchanged = run("--memscope-compare", "base.txt", "--memscope-fail-on", "peak:0%")
    assert unchanged.ret == 0
    unchanged.stdout.fnmatch_lines(["no test differs by more than its limit"])
    test.write_text(TESTS.replace("10_000_000", "12_000_000"))
    tolerated = run("--memscope-compare", "base.txt", "--memscope-fail-on", "peak:25%")
    assert "FAILED" not in tolerated.stdout.str().partition("against the baseline")[2]
    grown = run("--memscope-compare", "base.txt", "--memscope-fail-on", "peak:10%,allocations:5%")
    assert grown.ret == pytest.ExitCode.TESTS_FAILED
    grown.stdout.fnmatch_lines(
        [
            "peak grew by 20%: 10,000,??? to 12,000,??? B *test_large FAILED",
            "*11 MiB*test_a_regression_fails_the_run.py:12*test_large",
            "*memscope hotspots --by peak_bytes *.mscope",
        ]
    )
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    annotated = run("--memscope-compare", "base.txt", "--memscope-fail-on", "peak:10%")
    annotated.stdout.fnmatch_lines(["::error file=*.py,line=11::memscope: peak grew from *"])


def test_a_regression_is_told_by_function(pytester: pytest.Pytester, run: Run) -> None:
    """Also where lines have moved; what is no longer there and what is new is told as well."""
    library = pytester.path / "library.py"
    source = "def load():\n    return bytes(40_000)\ndef parse():\n    return bytes(20_000)\n"
    library.write_text(source)
    pytester.makepyfile(
        "import library\ndef test_it():\n    kept = library.load(), library.parse()"
    )
    assert run("--memscope-save", "base.txt").ret == 0
    entry = (pytester.path / "base.txt").read_text().splitlines()[1]
    assert [place for place, *_ in json.loads(entry.partition("\t")[2])][:2] == [
        "library.py load",
        "library.py parse",
    ]
    library.write_text("# moved\n" * 9 + source.replace("20_000", "90_000"))
    limits = ["--memscope-compare", "base.txt", "--memscope-fail-on", "peak:10%"]
    grown = run(*limits)
    assert grown.ret == pytest.ExitCode.TESTS_FAILED
    grown.stdout.fnmatch_lines(
        ["  by function, against the baseline:", "*88 KiB  library.py parse  was 20 KiB"]
    )
    assert "library.py load" not in grown.stdout.str()
    (pytester.path / "base.txt").write_text(f"{BASELINE_HEADER}\n3.11 1 1 1 x\t[1]\n# end\n")
    run(*limits).stderr.fnmatch_lines(["*line 2 is not an entry of a baseline*"])


def test_a_baseline_stands_in_the_ini_file_too(pytester: pytest.Pytester, run: Run) -> None:
    test = pytester.makepyfile(TESTS)
    assert run("--memscope-save", "base.txt").ret == 0
    pytester.makeini("[pytest]\nmemscope_compare = base.txt\nmemscope_fail_on = peak:10%\n")
    assert run().ret == 0
    test.write_text(TESTS.replace("10_000_000", "12_000_000"))
    assert run().ret == pytest.ExitCode.TESTS_FAILED
    fallen = TESTS.replace("10_000_000", "5_000_000")
    test.write_text(fallen)
    result = run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["peak fell by 50%: *test_large"])


UNSTEADY = """
import os

def test_varies():
    buffer = bytearray(int(os.environ["SIZE"]))

def test_does_not():
    buffer = bytearray(5000)
"""


def test_what_varies_is_unsteady_and_no_regression(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(UNSTEADY)
    for size in ("1000", "1500", "1300"):
        monkeypatch.setenv("SIZE", size)
        assert run("--memscope-save", "base.txt", "--memscope-widen").ret == 0
    steady, varying = Path(pytester.path, "base.txt").read_text().splitlines()[1:-1]
    assert "-" not in steady.partition("test_")[0]
    (peak,) = re.findall(r" (\d+-\d+) \d+-\d+ \d+ ", varying)
    least, most = map(int, peak.split("-"))
    assert 500 <= most - least < 600  # with what free lists lend it
    compare = ["--memscope-compare", "base.txt", "--memscope-fail-on", "peak:5%,allocated:5%"]
    monkeypatch.setenv("SIZE", "1900")  # not far above, for what varies by 500
    varied = run(*compare, "--memscope-json", "figures.json")
    assert varied.ret == 0
    varied.stdout.fnmatch_lines(
        [
            "no test differs by more than its limit",
            "unsteady: *",
            "  peak *,??? B, was 1,*test_varies",
        ]
    )
    document = json.loads(Path(pytester.path, "figures.json").read_text())
    assert {figure["name"] for figure in document["unsteady"]} == {"peak", "allocated"}
    monkeypatch.setenv("SIZE", "50000")
    assert run(*compare).ret == pytest.ExitCode.TESTS_FAILED


def test_a_baseline_keeps_other_pythons(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(TESTS)
    assert run("--memscope-save", "base.txt").ret == 0
    path = Path(pytester.path, "base.txt")
    entry = path.read_text().splitlines()[1].split(maxsplit=1)
    path.write_text(path.read_text().replace("# end", f"2.7 {entry[1]}\n# end"))
    assert run("--memscope-save", "base.txt").ret == 0
    assert any(line.startswith("2.7 ") for line in path.read_text().splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--memscope-fail-on", "peak:lots"], "'peak:lots' is not a limit"),
        (["--memscope-sort", "weight"], "'weight' is not one of peak, allocated"),
        (["--memscope", "--memscope-top", "some"], "'some' is not a whole number"),
        (["--memscope-fail-on", "peak:10%"], "needs --memscope-compare FILE"),
        (["--memscope-widen"], "--memscope-widen needs --memscope-save FILE"),
        (["--memscope-compare", "missing.txt"], "the baseline cannot be read"),
        (["--memscope-compare", "test_it.py"], "this is not a baseline of memscope"),
        (["--memscope-save", "no/base.txt"], "--memscope-save: 'no/base.txt' lies in no directory"),
        (["--memscope-json", "no/it.json"], "--memscope-json: 'no/it.json' lies in no directory"),
        (["--memscope-report", "."], "--memscope-report: '.' is a directory"),
        (["--memscope-dir", "test_it.py"], "the directory of captures cannot be made"),
    ],
)
def test_bad_options_get_one_line(
    pytester: pytest.Pytester, run: Run, arguments: list[str], said: str
) -> None:
    pytester.makepyfile(test_it=TESTS)
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()
    assert "Traceback" not in result.stderr.str()
    result.stdout.no_fnmatch_line("*passed*")  # before any test has run


@pytest.mark.parametrize("limit", ["1 KB", "50 MB"])
def test_without_a_cache_only_captures_that_say_something_stay(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.memscope(peak="{limit}")
        def test_it():
            buffer = bytearray(5000)
        """
    )
    temporary = pytester.mkdir("temporary files")
    monkeypatch.setenv("TMPDIR", str(temporary))
    result = run("-p", "no:cacheprovider")
    captures = list(temporary.glob("memscope-*/*/*.mscope"))
    if limit == "50 MB":
        assert not list(temporary.glob("memscope-*"))
    else:
        result.stdout.fnmatch_lines([f"  memscope hotspots --by peak_bytes '{captures[0]}'"])


def test_junit_and_annotations(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        test_it="import pytest\n\n@pytest.mark.memscope(peak='1 KB')\ndef test_over():\n"
        "    bytearray(5000)\n"
    )
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = pytester.runpytest_subprocess(
        "-p", "memscope.pytest_plugin", "--junit-xml", "junit.xml", timeout=600
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["::error file=test_it.py,line=3::memscope: peak is*%0A*"])
    junit = Path(pytester.path, "junit.xml").read_text()
    assert '<property name="memscope_peak_bytes" value="' in junit


def test_under_memscope_run_the_whole_run_is_recorded(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        test_it="import pytest\n\n@pytest.mark.memscope(peak='1 KB')\ndef test_over():\n"
        "    bytearray(5000)\n"
    )
    command = [sys.executable, "-m", "memscope", "run", "-q", "-o", "whole.mscope"]
    command += ["-m", "pytest", "-p", "memscope.pytest_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=pytester.path, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout
    assert "the whole run is being recorded" in done.stdout
    assert "1 with limits were not checked" in done.stdout
    assert Path(pytester.path, "whole.mscope").exists()


def test_beside_xdist(pytester: pytest.Pytester, run: Run) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(TESTS)
    result = run("--memscope", "-n", "2", plugins=("xdist",))
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*9.5 MiB*[23]*::test_large", "*::test_small (setup)"])


@pytest.mark.parametrize(
    ("plugin", "marker", "options"),
    [("pytest_asyncio.plugin", "asyncio", ()), ("anyio.pytest_plugin", "anyio", ())],
)
def test_coroutines(
    pytester: pytest.Pytester, run: Run, plugin: str, marker: str, options: tuple[str, ...]
) -> None:
    pytest.importorskip(plugin.partition(".")[0])
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.{marker}
        @pytest.mark.memscope(peak="1 MB")
        async def test_over():
            buffer = bytearray(2_000_000)
        """
    )
    result = run("-q", *options, plugins=(plugin,))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["memscope: peak is 1.9 MiB*"])


def test_doctests(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        module='''
        def size():
            """
            >>> len(bytearray(3_000_000))
            3000000
            """
        '''
    )
    result = run("--memscope", "--doctest-modules", "module.py")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*2.9 MiB*::module.size"])


def test_beside_reruns_and_coverage(pytester: pytest.Pytester, run: Run) -> None:
    pytest.importorskip("pytest_rerunfailures")
    pytest.importorskip("pytest_cov")
    pytester.makepyfile(
        """
        import pytest

        runs = []

        @pytest.mark.memscope(peak="1 MB")
        def test_heavy_once():
            runs.append(1)
            buffer = bytearray(1 if len(runs) > 1 else 2_000_000)
        """
    )
    plugins = ("pytest_rerunfailures", "pytest_cov")
    options = ["--reruns", "1", "--cov", ".", "--cov-report", "term", "--junit-xml", "junit.xml"]
    result = run(*options, plugins=plugins)
    assert result.parseoutcomes() == {"passed": 1, "rerun": 1}
    # pytest 9 has an entry for each run; each has the figures of its run alone.
    text = Path(pytester.path, "junit.xml").read_text()
    peaks = re.findall(r'"memscope_peak_bytes" value="(\d+)"', text)
    assert len(peaks) == text.count("<testcase ")
    assert int(peaks[-1]) < 2_000_000


def test_in_forked_processes(pytester: pytest.Pytester, run: Run) -> None:
    pytest.importorskip("pytest_forked")
    pytester.makepyfile("def test_it():\n    pass\n")
    if run("--forked", plugins=("pytest_forked",)).ret != 0:
        pytest.skip("pytest-forked does not work with this pytest")
    pytester.makepyfile(
        TESTS
        + """

@pytest.mark.memscope(peak="1 MB")
def test_over():
    buffer = bytearray(2_000_000)
"""
    )
    result = run("--memscope", "--forked", plugins=("pytest_forked",))
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["memscope: peak is 1.9 MiB *", "*9.5 MiB*::test_large"])


def test_beside_memray(pytester: pytest.Pytester, run: Run) -> None:
    """The test holds more than memray does to read its own results: 2.4 MB and more."""
    pytest.importorskip("pytest_memray")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.limit_memory("40 MB")
        @pytest.mark.memscope(peak="1 MB")
        def test_over():
            buffer = bytearray(20_000_000)
        """
    )
    result = run("--memray", "--memscope", plugins=("pytest_memray.plugin",))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["memscope: peak is 19 MiB *", "*MEMRAY REPORT*"])
