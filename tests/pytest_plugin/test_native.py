"""Limits that count what C libraries request: `native=True`, and the option for all tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from end_to_end.compiled import built
from pytest_plugin.conftest import Run

from memscope.capture import load

TESTS = """
import ctypes
import pytest

lib = ctypes.CDLL({library!r})
lib.churn(50, 1000, 20)  # from before the tests: nobody's

@pytest.mark.memscope(peak="1 MB", native=True)
def test_over():
    lib.churn(1, 3_000_000, 0)

@pytest.mark.memscope(peak="1 MB")
def test_python_alone():
    lib.churn(1, 3_000_000, 0)

@pytest.mark.memscope(peak="1 MB", native=True)
class TestClass:
    @pytest.mark.memscope(leaked="1 KB")
    def test_left(self):
        lib.churn(5, 4000, 2)

    def test_other_threads(self, memscope):
        with memscope.limit(allocations=10_000) as part:
            lib.hand_over(4, 500, 100)
        assert part.allocations >= 2000

@pytest.mark.memscope(native=True)
def test_without_limit():
    lib.churn(1000, 64, 0)
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("native"), "requests.c")


def figures(run: Run, *options: str) -> dict[str, dict[str, Any]]:
    run("-q", "--memscope-json", "figures.json", *options)
    tests = json.loads(Path("figures.json").read_text())["tests"]
    return {entry["test"].rpartition("::")[2]: entry["figures"] for entry in tests}


def test_limits_count_native_memory_where_they_say_so(
    pytester: pytest.Pytester, run: Run, library: Path
) -> None:
    pytester.makepyfile(TESTS.format(library=str(library)))
    result = run("-q")
    result.assert_outcomes(failed=1, passed=4, errors=1)
    result.stdout.fnmatch_lines(
        [
            "memscope: leaked is 7.8 KiB (8,0?? B), * above the limit of 1.0 KiB (1,024 B)",
            "*7.8 KiB*.py:*test_left",
            "memscope: peak is 2.9 MiB (3,000,??? B), *above the limit of 1.0 MiB (1,048,576 B)",
            "*2.9 MiB*.py:*test_over",
            "memscope: native memory counts in 3 tests; not seen is *",
        ]
    )


def test_all_tests_can_count_it(pytester: pytest.Pytester, run: Run, library: Path) -> None:
    pytester.makepyfile(TESTS.format(library=str(library)))
    marked = figures(run)
    every = figures(run, "--memscope-native")
    assert "native" not in marked["test_python_alone"]
    assert marked["test_python_alone"]["peak_bytes"] < 100_000
    assert every["test_python_alone"]["native"]
    # Known requests, and some hundred bytes of Python's for the call.
    peak = every["test_python_alone"]["peak_bytes"]
    assert 3_000_000 <= peak < 3_001_000
    assert peak == every["test_over"]["peak_bytes"] == marked["test_over"]["peak_bytes"]
    assert 1000 <= every["test_without_limit"]["allocations"] < 1020
    assert every["test_without_limit"] == marked["test_without_limit"]


def test_the_ini_file_says_so_for_all(pytester: pytest.Pytester, run: Run, library: Path) -> None:
    pytester.makeini("[pytest]\nmemscope_native = true\n")
    pytester.makepyfile(TESTS.format(library=str(library)))
    run("-q").assert_outcomes(failed=2, passed=3, errors=1)


def test_a_capture_says_that_some_is_not_seen(
    pytester: pytest.Pytester, run: Run, library: Path
) -> None:
    pytester.makepyfile(TESTS.format(library=str(library)))
    run("-q", "--memscope-dir", "captures", "-k", "test_over or test_python_alone")
    told = {}
    for name in ("test_over", "test_python_alone"):
        with load(next(Path("captures").glob(f"*{name}-call*.mscope"))) as capture:
            assert capture.end is not None
            told[name] = (capture.end.native, "native" in capture.meta.domains)
    assert told["test_over"] == ("attached", True)
    assert told["test_python_alone"][1] is False


def test_children_of_tests_and_processes_of_xdist(
    pytester: pytest.Pytester, run: Run, library: Path
) -> None:
    pytester.makepyfile(
        TESTS.format(library=str(library))
        + """
import os

@pytest.mark.memscope(peak="1 MB", native=True)
def test_forks():
    child = os.fork()
    if child == 0:
        lib.churn(1000, 4000, 900)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""
    )
    result = run("-q", "--memscope", "-n", "2", plugins=("xdist",))
    result.assert_outcomes(failed=1, passed=5, errors=1)
    result.stdout.fnmatch_lines(["memscope: native memory counts in 5 tests; not seen is *"])
