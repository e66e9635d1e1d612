"""`memscope report` from the outside: where files go, what is refused, what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.console import call
from golden.make import GOLDEN


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "app.mscope"
    path.write_bytes(GOLDEN.read_bytes())
    return path


def test_the_page_lies_beside_the_capture(capture: Path, tmp_path: Path) -> None:
    done = call("report", "app.mscope", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("memscope: the report is app.html (")
    assert (tmp_path / "app.html").read_text().startswith("<!DOCTYPE html>")


def test_quiet_says_nothing(capture: Path, tmp_path: Path) -> None:
    done = call("report", "-q", "app.mscope", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "app.html").exists()


def test_of_two_captures_it_is_the_difference(capture: Path, tmp_path: Path) -> None:
    done = call("report", capture, capture, "-o", tmp_path / "d.html")
    assert done.returncode == 0
    assert "difference · memscope</title>" in (tmp_path / "d.html").read_text()


def test_no_file_is_overwritten_unless_forced(capture: Path, tmp_path: Path) -> None:
    taken = tmp_path / "app.html"
    taken.write_text("mine")
    done = call("report", "app.mscope", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "memscope: app.html: the file exists already (--force replaces it)\n"
    assert taken.read_text() == "mine"
    assert call("report", "app.mscope", "--force", cwd=tmp_path).returncode == 0
    assert taken.read_text() != "mine"


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_capture_is_never_replaced(capture: Path, force: list[str]) -> None:
    before = capture.read_bytes()
    other = capture.with_name("other.mscope")
    other.write_bytes(before)
    for place in (capture, other):
        done = call("report", "-o", place, *force, capture, other)
        assert done.returncode == 1
        assert "is the capture itself" in done.stderr
    assert capture.read_bytes() == before


def test_three_captures_are_wrong_usage(capture: Path) -> None:
    done = call("report", capture, capture, capture)
    assert done.returncode == 2
    assert "OLD NEW" in done.stderr


def test_what_is_no_capture_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "text.mscope"
    path.write_text("no capture\n")
    done = call("report", path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["text.mscope"]
