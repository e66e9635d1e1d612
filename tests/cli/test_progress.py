"""Progress is shown on a terminal, for long reads, and nowhere else."""

from __future__ import annotations

import io
import sys

import pytest

from memscope.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet_s", "shown"),
    [(Terminal(), 0.0, True), (Terminal(), 60.0, False), (io.StringIO(), 0.0, False)],
    ids=["long read on a terminal", "short read", "no terminal"],
)
def test_progress(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, quiet_s: float, shown: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "QUIET_S", quiet_s)
    monkeypatch.setenv("TERM", "xterm")
    reading = progress.ReadingProgress()
    for done in (10, 5, 50, 100):
        reading(done, 100)
    assert ("reading" in stream.getvalue()) is shown
