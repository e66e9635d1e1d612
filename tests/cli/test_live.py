"""The line of `memscope run --live`: on a terminal, gone in the end, and nowhere else."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
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
    assert all(len(part) < 80 for part in drawn.replace("\x1b[2K", "").split("\r"))
    assert drawn.endswith("\r\x1b[2K")  # the line is gone


def test_a_program_is_followed(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    near, far = pty.openpty()
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
