"""`memscope top`: the figures of a running program, on a terminal of its own and elsewhere."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from end_to_end.in_between import IN_BETWEEN, PATIENCE_S, PROGRAM, waiting
from end_to_end.side_by_side import ENVIRONMENT

SOURCE = PROGRAM.splitlines()
ROWS, COLUMNS = 24, 80
ALTERNATE = b"\x1b[?1049"  # h: a screen of its own; l: back


def environment(place: Path) -> dict[str, str]:
    return {"XDG_RUNTIME_DIR": str(place / "runtime")}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "runtime").mkdir(mode=0o700)
    return tmp_path


def top(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "memscope", "top", *arguments],
        cwd=place,
        env={**ENVIRONMENT, **environment(place)},
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE_S,
    )


def of_known_lines(document: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    found = {}
    for row in document["rows"]:
        text = SOURCE[row["line"] - 1] if row["file"].endswith("known.py") else ""
        if "  # " in text:
            names = ("allocations", "allocated_bytes", "live_blocks", "live_bytes")
            found[text.partition("  # ")[2]] = tuple(row[name] for name in names)
            assert row["growth_bytes_s"] == row["allocations_s"] == 0
    return found


def test_json_has_the_known_figures_and_those_of_the_process(place: Path) -> None:
    with waiting(place, environment=environment(place)) as supervisor:
        answers = [
            top(place, *pid, "--json", "--group", "line", "-n", "0", "--every", "1s")
            for pid in ((str(supervisor.pid),), ())  # and the only one there is
        ]
    for done in answers:
        assert (done.returncode, done.stderr) == (0, "")
        document = json.loads(done.stdout)
        assert document["schema"] == "memscope.top/1"
        assert document["over_s"] >= 1
        # Its rows have no line that holds nothing and asks for nothing.
        quiet = {name for name, row in IN_BETWEEN.items() if not row[3]}
        assert of_known_lines(document) == {
            name: row[:4] for name, row in IN_BETWEEN.items() if name not in quiet
        }
        assert document["totals"]["resident_bytes"] > document["totals"]["live_bytes"] > 1_800_000


def test_where_output_is_no_terminal_the_rows_are_printed_once(place: Path) -> None:
    with waiting(place, environment=environment(place)):
        done = top(place, "--every", "1s", "-n", "3", "--filter", "known", "--group", "line")
        wrong = top(place, "--filter", "(")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert lines[0].startswith("memscope top")
    assert lines[0].endswith("s")
    assert [line for line in lines if "● known.py" in line] == lines[4:7]
    assert max(map(len, lines)) <= 80
    assert wrong.returncode == 2


def test_without_a_program_there_is_a_line(place: Path) -> None:
    for arguments, said in (
        ((), "no program of this user is being recorded (start one: memscope run app.py)"),
        ((str(os.getpid()),), f"process {os.getpid()} is not being recorded by `memscope run`"),
    ):
        done = top(place, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"memscope: {said}")
        assert done.stderr.count("\n") == 1


class Terminal:
    """`memscope top` on a terminal; what it writes, and keys for it."""

    def __init__(self, place: Path) -> None:
        self._near, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._before = termios.tcgetattr(far)
        self._far = far
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ON_TERMINAL, "top", "--every", "1s", "--group", "line"],
            cwd=place,
            env={**ENVIRONMENT, **environment(place), "TERM": "xterm-256color"},
            stdin=far,
            stdout=far,
            stderr=far,
            start_new_session=True,
        )
        self.written = b""

    def until(self, words: str) -> None:
        """Until these words come, after what was waited for before."""
        until = time.monotonic() + PATIENCE_S
        at = len(self.written)
        while words not in text_of(self.written[at:]) and time.monotonic() < until:
            self.written += os.read(self._near, 65536)

    def press(self, key: str) -> None:
        os.write(self._near, key.encode())

    def end(self) -> tuple[int, str]:
        """Its status, and what is left on the terminal afterwards."""
        status = self.process.wait(PATIENCE_S)
        assert termios.tcgetattr(self._far) == self._before
        os.close(self._far)
        try:
            while part := os.read(self._near, 65536):
                self.written += part
        except OSError:
            os.close(self._near)
        assert self.written.count(ALTERNATE + b"h") == self.written.count(ALTERNATE + b"l") == 1
        return status, text_of(self.written.rpartition(ALTERNATE + b"l")[2])


# A terminal that it may read is one that it controls.
_ON_TERMINAL = """
import fcntl, runpy, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("memscope", run_name="__main__")
"""


def text_of(written: bytes) -> str:
    return re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", written).decode("utf-8", "replace")


def test_on_a_terminal_keys_sort_group_filter_and_end(place: Path) -> None:
    with waiting(place, environment=environment(place)):
        terminal = Terminal(place)
        terminal.until("known.py:")
        terminal.press("s")
        terminal.until("growth/s▼")
        terminal.press("g")
        terminal.until("by type")
        terminal.press("gg")
        terminal.until("by line")
        terminal.press("/")
        terminal.until("enter keeps it")
        terminal.press("nowhere\r")
        terminal.until("nothing that matches")
        terminal.press(" ")
        terminal.until("held")
        terminal.press("q")
        assert terminal.end() == (0, "")


def test_what_was_seen_last_stays_when_the_program_ends(place: Path) -> None:
    with waiting(place, environment=environment(place)):
        pid = (place / "ready").read_text().strip()
        terminal = Terminal(place)
        terminal.until("known.py:")
    status, left = terminal.end()
    assert status == 0
    assert "known.py:" in left
    assert left.rstrip().splitlines()[-1] == f"memscope: process {pid} has ended"
