"""An unexpected skip fails a run that says what it expects (tests/conftest.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

SUITE = """
import pytest

def test_passes(): pass

@pytest.mark.skip(reason="no spoon")
def test_skipped(): pass

@pytest.mark.xfail(reason="known")
def test_known(): assert False
"""


@pytest.mark.parametrize(
    ("expected", "status"), [(None, 0), ("no spoon", 0), ("no fork", 1), ("", 1)]
)
@pytest.mark.parametrize(
    "workers", [[], pytest.param(["-n", "2"], marks=pytest.mark.slow)], ids=["alone", "xdist"]
)
def test_a_skip_nobody_named_fails_the_run(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    expected: str | None,
    status: int,
    workers: list[str],
) -> None:
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text())
    pytester.makepyfile(SUITE)
    monkeypatch.delenv("EXPECTED_SKIPS", raising=False)
    if expected is not None:
        monkeypatch.setenv("EXPECTED_SKIPS", expected)
    result = pytester.runpytest_subprocess(*workers)
    assert result.ret == status
    result.assert_outcomes(passed=1, skipped=1, xfailed=1)
    if status:
        result.stdout.fnmatch_lines(["*test_skipped: no spoon"])
