"""No subcommand opens a socket to others, and none writes anywhere but where it was asked to."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

WATCHED = """
import os, sys
place, *sys.argv[1:] = sys.argv[1:]
told = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

def hook(event, arguments):
    if event.startswith("socket."):
        what = f"{arguments[1]!s:.8}" if event == "socket.__new__" else arguments[-1]
        os.write(told, f"socket {event} {what}\\n".encode())
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, (str, bytes)) and flags & (os.O_WRONLY | os.O_RDWR):
            os.write(told, f"written {os.fsdecode(path)}\\n".encode())

sys.addaudithook(hook)
from memscope.cli.main import main
main()
"""


def touched(tmp_path: Path, *arguments: str) -> tuple[list[str], list[Path]]:
    """The events of sockets, and the files that were opened to write."""
    told = tmp_path / "told"
    # -B: what Python writes of modules that it compiles first is not ours.
    command = [sys.executable, "-B", "-c", WATCHED, str(told), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ", 1) for line in told.read_text().splitlines()]
    written = [Path(what) for kind, what in lines if kind == "written"]
    return (
        [what for kind, what in lines if kind == "socket"],
        [path for path in written if path.parts[:2] != ("/", "dev")],
    )


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "app.mscope"
    command = [
        sys.executable,
        "-m",
        "memscope",
        "run",
        "-q",
        "-o",
        str(path),
        "-c",
        "x = [bytes(9)]",
    ]
    subprocess.run(command, check=True, cwd=tmp_path)
    return path


def test_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "new.mscope"
    sockets, written = touched(tmp_path, "run", "-q", "-o", str(path), "-c", "x = [bytes(9)]")
    kind, bound = sockets
    assert kind == f"socket.__new__ {int(socket.AF_UNIX)}"
    assert re.fullmatch(r"socket\.bind /.*/memscope(-\d+)?/\d+", bound)  # for this user's captures
    assert {file.name for file in written} == {path.name, f".{path.name}.packing"}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "subcommand",
    ["summary", "hotspots", "tree", "sizes", "timeline", "info", "lifetimes", "growth",
     "fragmentation", "gc", "advise --no-calibration"],
)  # fmt: skip
def test_an_answer(tmp_path: Path, capture: Path, subcommand: str) -> None:
    assert touched(tmp_path, *subcommand.split(), str(capture)) == ([], [])


def test_a_report_and_an_export(tmp_path: Path, capture: Path) -> None:
    for arguments in (["report"], ["export", "--format", "collapsed"]):
        target = tmp_path / f"{arguments[0]}.out"
        sockets, written = touched(tmp_path, *arguments, str(capture), "-o", str(target))
        assert sockets == []
        assert {file.parent for file in written} == {tmp_path}
        assert target.exists()
