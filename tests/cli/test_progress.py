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


def test_there_is_one_bar_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "QUIET_S", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    reading = progress.ReadingProgress()
    reading(10, 100)
    with progress.steps("weighing") as told, progress.writing() as written:
        told(1, 3)
        assert len(progress._shown) == 1
        written(1000)
        assert len(progress._shown) == 1
        reading(20, 100)  # its bar is gone: nothing breaks
    assert progress._shown == []
    progress.stop_bars()
