"""What is live counts at the line that made it, and what lies on free lists for nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_plugin.conftest import Run

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.types import find_types, type_name

FREE_LISTS = """
import pytest

LEFT = "0 B"

@pytest.mark.memscope(leaked=LEFT, growth=LEFT)
def test_floats():
    numbers = [float(n) + 0.5 for n in range(60)]

@pytest.mark.memscope(leaked=LEFT, growth=LEFT)
def test_dicts():
    rows = [{"number": n} for n in range(70)]
"""

SCRATCH = """
import pytest

KEPT = []

@pytest.mark.memscope(leaked="1 KB")
def test_scratch():
    for number in range(2000):
        scratch = {"number": number}
        scratch = None
        KEPT.append({"number": number})
"""


def figures(path: Path) -> dict[str, dict[str, int]]:
    document: dict[str, Any] = json.loads(path.read_text())
    return {test["test"].partition("::")[2]: test["figures"] for test in document["tests"]}


def test_nothing_on_a_free_list_is_a_leak(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(FREE_LISTS)
    run("-q").assert_outcomes(passed=2)


def test_generated_code_that_pytest_calls_is_no_part_of_a_test(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makeconftest(
        """
import _pytest.capture

KEPT = []
made = _pytest.capture.CaptureResult
_pytest.capture.CaptureResult = eval("lambda *a: KEPT.append([*a]) or made(*a)", globals())
"""
    )
    pytester.makepyfile(FREE_LISTS)
    run("-q").assert_outcomes(passed=2)


def test_what_a_free_list_keeps_is_not_left_by_a_test(pytester: pytest.Pytester, run: Run) -> None:
    # The full collection at the end of a run takes back all but a few floats.
    pytester.makepyfile(FREE_LISTS.replace('"0 B"', '"200 B"'))
    run("-q", "--memscope-no-objects", "--memscope-json=plain.json").assert_outcomes(passed=2)
    run("-q", "--memscope-json=objects.json").assert_outcomes(passed=2)
    plain, objects = (figures(pytester.path / f"{name}.json") for name in ("plain", "objects"))
    for test in ("test_floats", "test_dicts"):
        assert plain[test]["live_bytes"] > 1000
        assert objects[test]["live_bytes"] == 0
        assert objects[test]["allocations"] == plain[test]["allocations"]


@pytest.mark.parametrize(
    ("objects", "line"), [(("--memscope-no-objects",), "test_it.py:8 "), ((), "test_it.py:10 ")]
)
def test_a_leak_stands_at_the_line_that_made_what_is_left(
    pytester: pytest.Pytester, run: Run, objects: tuple[str, ...], line: str
) -> None:
    pytester.makepyfile(test_it=SCRATCH)
    result = run("-q", *objects)
    result.assert_outcomes(passed=1, errors=1)
    told = [text for text in result.stdout.lines if "test_it.py:" in text and "iB" in text]
    assert line in told[0], told


def test_captures_of_tests_tell_of_types(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(test_it=SCRATCH)
    run("-q", "--memscope", "--memscope-dir=captures")
    (path,) = (pytester.path / "captures").glob("*test_scratch-call.mscope")
    with memscope.load(path) as capture:
        assert capture.meta.objects
        found = find_types(Measures(capture), by="live_blocks", by_line=True)
    # Its own lines: pytest makes dictionaries too.
    blocks = {
        type_name(row.type): row.live_blocks
        for row in found.rows
        if row.line is not None and row.line.file.endswith("test_it.py")
    }
    assert blocks["dict"] == 2000
    assert blocks["keys of dict"] == 2000
