"""`memscope ab` from the outside."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cli.console import call

MIB = 1 << 20


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.py"
    path.write_text(f"import sys\nx = b'x' * {60 * MIB}\nprint('large', *sys.argv[1:])\n")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.py"
    path.write_text("import sys\nprint('small', *sys.argv[1:])\n")
    return path


def document(*words: object, status: int = 0) -> dict[str, Any]:
    done = call("ab", "--json", "-n", 4, *words)
    assert done.returncode == status, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_text(large: Path, small: Path) -> None:
    done = call("ab", large, small, "-n", 4)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 runs of each" in done.stdout
    assert "resident" in done.stdout
    assert "n=4+4" in done.stdout
    assert str(large) in done.stdout.replace("\n", "") or "…" in done.stdout


def test_document(large: Path, small: Path) -> None:
    found = document(large, small)
    assert next(iter(found)) == "schema"
    assert found["schema"] == "memscope.ab/1"
    assert found["runs"] == 4
    assert set(found["figures"]) == {"cpu_s", "wall_s", "resident_bytes", "page_faults"}
    resident = found["figures"]["resident_bytes"]
    assert resident["significant"]
    assert resident["p"] == pytest.approx(2 / 70)
    assert resident["delta"] < -50 * MIB
    assert resident["saved"]["low"] > 50 * MIB
    assert len(resident["old_runs"]["values"]) == 4
    assert found["verdict"] in ("better", "mixed")


def test_arguments_and_output(small: Path) -> None:
    done = call("ab", small, small, "-n", 4, "--show-output", "--", "-n", "--json")
    assert done.returncode == 0
    assert done.stderr == "small -n --json\n" * 10
    command = document(small, small, "--", "-n", "--json")["after"]["command"]
    assert command[1:] == [str(small), "-n", "--json"]


def test_whether_both_print_the_same(large: Path, small: Path, tmp_path: Path) -> None:
    assert document(small, small)["output"] == {
        "same": True, "before_bytes": 6, "after_bytes": 6, "different_line": None
    }  # fmt: skip
    longer = tmp_path / "longer.py"
    longer.write_text("print('small')\nprint('and more')\n")
    assert document(small, longer)["output"] == {
        "same": False, "before_bytes": 6, "after_bytes": 15, "different_line": 2
    }  # fmt: skip
    assert "both print the same: 6 B\n" in call("ab", small, small, "-n", 4).stdout
    told = call("ab", small, large, "-n", 4).stdout
    assert "they print different things: line 1 is the first to differ" in told


def test_modules_and_other_interpreters(small: Path, tmp_path: Path) -> None:
    other = tmp_path / "environment"
    other.joinpath("bin").mkdir(parents=True)
    # An interpreter that a word tells apart: what it runs, it runs with one argument more.
    python = other / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" by-the-other\n')
    python.chmod(0o755)
    words = [small, small, "-n", 4, "--before-python", sys.executable, "--after-python", other]
    found = json.loads(call("ab", "--json", *words).stdout)
    assert found["before"]["command"][0] == sys.executable
    assert found["after"]["command"][0] == str(python)
    assert found["output"]["after_bytes"] - found["output"]["before_bytes"] == len(" by-the-other")
    done = call("ab", "-m", "-n", 4, "this", "antigravity_of_nobody")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "No module named antigravity_of_nobody" in done.stderr
    modules = document("-m", "this", "this")
    assert modules["before"]["command"][-2:] == ["-m", "this"]
    assert modules["output"]["same"]
    done = call("ab", small, small, "--after-python", tmp_path / "nowhere")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "there is no such interpreter" in done.stderr


def test_limits(large: Path, small: Path) -> None:
    found = document(small, large, "--fail-on", "resident:10%", status=3)
    assert found["limits"][0]["passed"]
    document(large, small, "--fail-on", "resident:0%,faults:0")


def test_advice(large: Path, small: Path, tmp_path: Path) -> None:
    predicted = {"low": 40 * MIB, "value": 60 * MIB, "high": 80 * MIB}
    nothing = {"kind": "pool", "predicted": {}}
    told = {"kind": "chunk", "site": {"file": "large.py", "line": 2}, "summary": "read in chunks"}
    anything = {"low": -9.0, "value": 0.1, "high": 9.0}
    told["predicted"] = {"cpu_s": anything, "peak_bytes": predicted, "rss_bytes": predicted}
    path = tmp_path / "advice.json"
    path.write_text(json.dumps({"schema": "memscope.advise/1", "advice": [nothing, told]}))
    advice = document(large, small, "--advice", path, "--advice-number", 2)["advice"]
    assert (advice["kind"], advice["place"]) == ("chunk", "large.py:2")
    cpu, peak, resident = advice["outcomes"]
    assert cpu["outcome"] == "as predicted"
    assert peak["outcome"] == resident["outcome"] == "not measured"
    done = call("ab", large, small, "-n", 4, "--advice", path, "--advice-number", 2)
    assert "Advice: chunk at large.py:2" in done.stdout
    assert "as predicted" in done.stdout
    assert "It predicted nothing" in call("ab", small, small, "-n", 4, "--advice", path).stdout


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": "memscope.advise/1"}', "[" * 100_000])
def test_what_is_no_advice_gets_one_line(small: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "advice.json"
    path.write_text(text)
    done = call("ab", small, small, "--advice", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert call("ab", small, small, "--advice", tmp_path / "none").returncode == 1


def test_a_program_that_fails_is_one_line(small: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("raise SystemExit('no luck')")
    done = call("ab", small, bad)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"memscope: {bad}: ended with status 1: no luck\n"
    done = call("ab", small, tmp_path / "none.py")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    "words", [[], ["a.py"], ["a.py", "b.py", "-n", "3"], ["a.py", "b.py", "--fail-on", "peak:5%"]]
)
def test_wrong_usage(words: list[str]) -> None:
    done = call("ab", *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_programs_are_never_written_over(small: Path) -> None:
    before = small.read_text()
    done = call("ab", small, small, "-n", 4, "-o", small)
    assert done.returncode == 1
    assert "is an input itself" in done.stderr
    assert small.read_text() == before
