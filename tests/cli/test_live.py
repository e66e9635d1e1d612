"""The line of `memscope run --live`: on a terminal, gone in the end, and nowhere else."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from memscope.cli import live

PROGRAM = """
import time
kept = bytearray(30 << 20)
end = time.monotonic() + 1.5
while time.monotonic() < end:
    [bytes(100) for _ in range(100)]
print("done")
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


SEQUENCE = re.compile(r"\x1b(?:\[([0-9;]*)([A-Za-z])|([78D]))|.|\n", re.DOTALL)


class Screen:
    """What a terminal shows that is told these: of its sequences, those that the line needs."""

    def __init__(self, rows: int, columns: int) -> None:
        self.cells = [[" "] * columns for _ in range(rows)]
        self.gone: list[str] = []  # lines that scrolled away
        self.row = self.column = 0
        self.saved = (0, 0)
        self.last = rows - 1  # of the rows that scroll

    def lines(self) -> list[str]:
        return ["".join(cells).rstrip() for cells in self.cells]

    def show(self, text: str) -> None:
        for found in SEQUENCE.finditer(text):
            if found[2]:
                self._control(found[2], [int(of or 0) for of in found[1].split(";")])
            elif found[3]:
                self._escape(found[3])
            else:
                self._write(found[0])

    def _write(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self._escape("D")
        else:
            self.cells[self.row][self.column] = character
            self.column += 1

    def _escape(self, which: str) -> None:
        if which == "7":
            self.saved = (self.row, self.column)
        elif which == "8":
            self.row, self.column = self.saved
        elif self.row == self.last:
            self.gone.append("".join(self.cells.pop(0)).rstrip())
            self.cells.insert(self.last, [" "] * len(self.cells[0]))
        else:
            self.row += 1

    def _control(self, which: str, numbers: list[int]) -> None:
        if which == "A":
            self.row -= 1
        elif which == "H":
            self.row, self.column = numbers[0] - 1, numbers[1] - 1
        elif which == "K":
            self.cells[self.row] = [" "] * len(self.cells[0])
        elif which == "r":
            self.last = (numbers[1] if len(numbers) > 1 else len(self.cells)) - 1
            self.row = self.column = 0


def seen() -> dict[str, int]:
    return {"live_bytes": 45 << 20, "peak_bytes": 60 << 20, "allocations": 1_000_000}


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["terminal", "file"])
def test_only_a_terminal_is_drawn_on(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> None:
    monkeypatch.setattr(live, "EVERY_S", 0.001)
    monkeypatch.setenv("COLUMNS", "80")
    line = live.LiveLine(stream)
    asked: list[None] = []

    class Recording:
        def counters(self) -> dict[str, int]:
            asked.append(None)
            return seen()

    line.start(Recording())
    while stream.isatty() and not asked:
        pass
    line.stop()
    drawn = stream.getvalue()
    if not stream.isatty():
        assert drawn == ""
        return
    assert "live 45 MiB" in drawn
    assert "peak 60 MiB" in drawn
    lines = re.findall(r"\x1b\[2K([^\x1b]*)", drawn)
    assert max(map(len, lines)) < 80
    assert lines[-1] == ""  # it is gone


@pytest.mark.parametrize("before", [0, 3, 9], ids=["at the top", "in between", "at the bottom"])
def test_the_line_and_what_the_program_writes_do_not_mix(
    monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setenv("LINES", "8")
    screen, stream = Screen(8, 70), Terminal()
    line = live.LiveLine(stream)
    told = 0

    def write(text: str, drawn: str | None = None) -> None:
        nonlocal told
        if drawn is not None:
            line._draw(drawn)
            screen.show(stream.getvalue()[told:])
            told = len(stream.getvalue())
        screen.show(text.replace("\n", "\r\n"))

    for number in range(before):
        write(f"before {number}\n")
    for number in range(12):
        write(f"half of {number}")
        write(", and the rest\n", f"memscope {number}")
        assert screen.lines()[-1] == f"memscope {number}"
    line._write(line._given_back())
    screen.show(stream.getvalue()[told:])
    written = [f"before {number}" for number in range(before)]
    written += [f"half of {number}, and the rest" for number in range(12)]
    assert [text for text in screen.gone + screen.lines() if text] == written
    screen.show("after\r\n" * 8)  # all rows are the program's again
    assert screen.lines() == ["after"] * 7 + [""]


def test_a_program_is_followed(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    near, far = pty.openpty()
    termios.tcsetwinsize(far, (24, 80))
    command = [sys.executable, "-m", "memscope", "run", "--live", "--no-summary", "program.py"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=far, stdin=subprocess.DEVNULL
    ) as process:
        os.close(far)
        drawn = b""
        try:
            while part := os.read(near, 4096):
                drawn += part
        except OSError:  # the terminal is gone with its last user
            pass
        output = process.stdout.read() if process.stdout else b""
    os.close(near)
    assert process.returncode == 0
    assert output == b"done\n"
    assert b"live 30 MiB" in drawn or b"live 31 MiB" in drawn
    assert b"allocations/s" in drawn
