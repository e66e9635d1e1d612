"""`memscope compare` from the outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from capture import captures
from capture.captures import LOAD, MAIN
from cli.console import call


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.mscope"
    path.write_bytes(captures.shop().build())
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    made = captures.shop()
    made.site([MAIN, LOAD], size=4000, count=5, live=5)
    path = tmp_path / "new.mscope"
    path.write_bytes(made.build())
    return path


def document(*words: object, status: int = 0) -> dict[str, Any]:
    done = call("compare", "--json", *words)
    assert done.returncode == status, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_text(old: Path, new: Path) -> None:
    done = call("compare", old, new)
    assert (done.returncode, done.stderr) == (0, "")
    assert "worse" in done.stdout
    assert "● app.py:10  load" in done.stdout
    assert "+50%" in done.stdout
    assert "\x1b" not in done.stdout


def test_document(old: Path, new: Path) -> None:
    found = document(old, new)
    assert next(iter(found)) == "schema"
    assert found["schema"] == "memscope.compare/1"
    assert found["verdict"] == "worse"
    assert found["totals"]["allocations"] == {
        "old": 1385, "new": 1390, "delta": 5, "share": 5 / 1385, "significant": True, "p": None,
        "kind": "counted",
    }  # fmt: skip
    (row,) = found["rows"]
    assert row["site"] == {"function": "load", "file": "app.py", "line": 10, "origin": "own"}
    assert (row["old"], row["new"], row["delta"], row["significant"]) == (40000, 60000, 20000, True)
    assert row["p"] is None
    assert row["measures"]["live_blocks"] == {"old": 0, "new": 5, "delta": 5}
    assert [item["file"] for item in found["old"]] == [str(old)]


def test_small_changes_are_folded_beside_large_ones(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.mscope"
    made = captures.shop()
    made.site([MAIN, LOAD], size=1_000_000, count=5, live=5)
    made.site([MAIN], size=100, count=1, live=1)
    new.write_bytes(made.build())
    told = call("compare", old, new).stdout
    assert "● app.py:10  load" in told
    assert "1 of 2 that changed" in told
    assert "1 more, each below 1% of the largest; -n 0 shows it" in told
    everything = call("compare", old, new, "-n", "0").stdout
    assert "2 of 2 that changed" in everything
    assert "-n 0" not in everything
    assert len(document(old, new)["rows"]) == 2, "programs are told all"


def test_several_of_each(old: Path, new: Path) -> None:
    found = document(*[old] * 4, "vs", *[new] * 4, "--by", "allocations", "--group", "function")
    assert found["totals"]["allocations"]["p"] == pytest.approx(2 / 70)
    assert found["totals"]["wall_s"]["p"] == 1
    assert found["totals"]["wall_s"]["old_runs"]["values"] == [2.5] * 4
    assert len(found["new"]) == 4


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ("peak:50%", 0),
        ("allocations:0%", 3),
        ("allocations:4", 3),
        ("allocations:5", 0),
        ("live:10KiB,allocations:50%", 3),
    ],
)
def test_limits(old: Path, new: Path, limits: str, status: int) -> None:
    done = call("compare", old, new, "--fail-on", limits)
    assert done.returncode == status
    assert "memscope compare" in done.stdout, "the answer is given all the same"
    assert ("allows" in done.stderr) == (status == 3)
    found = document(old, new, "--fail-on", limits, status=status)
    assert any(limit["passed"] for limit in found["limits"]) == (status == 3)
    assert call("compare", old, old, "--fail-on", "allocations:0,peak:0").returncode == 0


def test_a_limit_is_never_judged_by_too_little(old: Path, new: Path) -> None:
    done = call("compare", old, new, "--fail-on", "cpu:5%")
    assert done.returncode == 2
    assert "4 runs or more" in done.stderr
    new.write_bytes(new.read_bytes()[:-200])
    done = call("compare", old, new, "--fail-on", "peak:5%")
    assert done.returncode == 1
    assert done.stderr == f"memscope: {new}: is partial: no limit can be judged by it\n"
    assert call("compare", old, new).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a"],
        ["a", "b", "c"],
        ["a", "vs"],
        ["vs", "b"],
        ["a", "vs", "b", "vs", "c"],
        ["a", "b", "--fail-on", "peak"],
        ["a", "b", "--by", "colour"],
    ],
)
def test_wrong_usage(words: list[str]) -> None:
    done = call("compare", *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_what_is_no_capture_gets_one_line(old: Path, tmp_path: Path) -> None:
    (tmp_path / "foreign").write_text("no capture")
    for words in [(old, tmp_path / "foreign"), (tmp_path / "missing", old)]:
        done = call("compare", *words)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1


def test_captures_are_never_written_over(old: Path, new: Path) -> None:
    before = new.read_bytes()
    done = call("compare", old, new, "-o", new)
    assert done.returncode == 1
    assert new.read_bytes() == before


def test_output_file(old: Path, new: Path, tmp_path: Path) -> None:
    written = tmp_path / "answer"
    done = call("compare", old, new, "-o", written)
    assert (done.returncode, done.stdout) == (0, "")
    assert "memscope compare" in written.read_text()
