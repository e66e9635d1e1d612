"""`memscope export` from the outside: where files go, what is refused, what is said."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest
from cli.console import ROOT, call, command, environment
from golden.make import GOLDEN


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "app.mscope"
    path.write_bytes(GOLDEN.read_bytes())
    return path


def test_the_file_is_named_after_the_capture(capture: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    done = call("export", "--format", "pprof", capture, cwd=here)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "memscope: the pprof export is app.pb.gz\n"
    assert [path.name for path in here.iterdir()] == ["app.pb.gz"]


def test_no_file_is_overwritten_unless_forced(capture: Path, tmp_path: Path) -> None:
    taken = tmp_path / "app.csv"
    taken.write_text("mine")
    done = call("export", "-f", "csv", capture, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "memscope: app.csv: the file exists already (--force replaces it)\n"
    assert taken.read_text() == "mine"
    done = call("export", "-f", "csv", "--force", capture, cwd=tmp_path)
    assert done.returncode == 0
    assert taken.read_text().startswith("stack,function,")


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_the_capture_itself_is_never_replaced(capture: Path, force: list[str]) -> None:
    before = capture.read_bytes()
    link = capture.with_name("link")
    link.symlink_to(capture)
    for place in (capture, link):
        done = call("export", "-f", "json", "-o", place, *force, capture)
        assert done.returncode == 1
        assert "is the capture itself" in done.stderr
    assert capture.read_bytes() == before


def test_standard_output(capture: Path) -> None:
    done = call("export", "-f", "collapsed", "-o", "-", capture)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Maß.wachse (größen/maße.py:12) 204800\n" in done.stdout


def test_binary_formats_are_not_for_terminals(capture: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            command("export", "-f", "pprof", "-o", "-", capture),
            stdout=theirs,
            stderr=subprocess.PIPE,
            cwd=capture.parent,
            env=environment(),
            timeout=600,
            check=False,
        )
    finally:
        os.close(theirs)
        os.close(ours)
    assert done.returncode == 1
    assert done.stderr == b"memscope: pprof is not text for a terminal (use -o FILE)\n"


def test_pipes_and_devices_are_written_to(capture: Path, tmp_path: Path) -> None:
    assert call("export", "-f", "csv", "-o", "/dev/null", capture).returncode == 0
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE) as reader:
        assert call("export", "-f", "csv", "-o", fifo, capture).returncode == 0
        assert reader.communicate(timeout=600)[0].startswith(b"stack,function,")


def test_a_reader_that_goes_away(capture: Path) -> None:
    words = " ".join(map(str, command("export", "-f", "json", "-o", "-", capture)))
    done = subprocess.run(
        ["sh", "-c", f"{words} | head -c 1"],
        cwd=capture.parent,
        env=environment(),
        capture_output=True,
        timeout=600,
        check=True,
    )
    assert done.stdout == b"{"
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("place", ["missing/out.csv", "file/out.csv", "directory", "x" * 300])
def test_where_nothing_can_be_written(capture: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "directory").mkdir()
    done = call("export", "-f", "csv", "-o", place, "--force", capture, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"memscope: {place}: cannot be written: ")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob(".*"))


def test_a_full_disk_leaves_nothing_behind(capture: Path, tmp_path: Path) -> None:
    words = " ".join(map(str, command("export", "-f", "json", "-o", tmp_path / "out", capture)))
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 1; {words}"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"memscope: {tmp_path / 'out'}: cannot be written: file too large\n"
    assert [path.name for path in tmp_path.iterdir()] == ["app.mscope"]


def test_wrong_usage(capture: Path) -> None:
    for words, said in (
        (["-f", "nonsense"], "'nonsense' is not one of pprof, speedscope, "),
        (["-f", "pprof", "--by", "peak_bytes"], "pprof carries all it can at once"),
        (["-f", "svg", "--by", "weight"], "'weight' is not one of"),
        ([], "Missing option"),
    ):
        done = call("export", *words, capture)
        assert done.returncode == 2
        assert said in done.stderr


def test_what_is_no_capture(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no capture")
    done = call("export", "-f", "svg", text, cwd=tmp_path)
    assert done.returncode == 1
    assert "is not a memscope capture" in done.stderr
    assert not (tmp_path / "text.svg").exists()


def test_what_is_not_exact_or_whole_is_said(capture: Path, tmp_path: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:-300])
    done = call("export", "-f", "collapsed", capture, cwd=tmp_path)
    assert done.returncode == 0
    assert "memscope: incomplete: has no end: the recording was cut off" in done.stderr


def test_perfetto_without_its_package(capture: Path, tmp_path: Path) -> None:
    (tmp_path / "perfetto.py").write_text("raise ImportError('not here')")
    done = call(
        "export", "-f", "perfetto", capture, cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "memscope: the format perfetto needs a package that is not installed"
        " (pip install 'memscope-profiler[perfetto]')\n"
    )
    assert not list(tmp_path.glob("*perfetto-trace"))


def test_the_list_needs_no_capture() -> None:
    done = call("export", "--list")
    assert (done.returncode, done.stderr) == (0, "")
    assert "go tool pprof" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
