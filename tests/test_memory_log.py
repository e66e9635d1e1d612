"""`memscope.log_memstats()`: lines in the program's own log, and a program that ends as without."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import memscope

ROOT = Path(memscope.__file__).parent.parent
PATIENCE_S = 120.0


class Kept(logging.Handler):
    """Keeps records, and says when there is so many of them."""

    def __init__(self, enough: int) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.enough = enough
        self.there = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        if len(self.records) >= self.enough:
            self.there.set()


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    made = logging.Logger("of a test", logging.INFO)
    yield made
    made.handlers.clear()


def alone(source: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_each_line_has_the_figures_of_its_time(logger: logging.Logger) -> None:
    kept = Kept(3)
    logger.addHandler(kept)
    log = memscope.log_memstats(every=0.01, logger=logger)
    assert kept.there.wait(PATIENCE_S)
    log.stop()
    lines = len(kept.records)
    for record in kept.records:
        stats = vars(record)["memstats"]
        assert isinstance(stats, memscope.MemStats)
        assert record.getMessage().startswith("resident ")
        assert f"collections {'/'.join(str(g.collections) for g in stats.generations)}" in (
            record.getMessage()
        )
        assert record.levelno == logging.INFO
    log.stop()  # once more does no harm
    assert len(kept.records) == lines


def test_a_recording_that_is_on_is_told(logger: logging.Logger, tmp_path: Path) -> None:
    kept = Kept(1)
    logger.addHandler(kept)
    with memscope.record(tmp_path / "a.mscope"):
        log = memscope.log_memstats(logger=logger)
        assert kept.there.wait(PATIENCE_S)
        log.stop()
    assert "recorded: " in kept.records[0].getMessage()


def test_a_logger_that_takes_no_such_level_gets_none(logger: logging.Logger) -> None:
    kept = Kept(1)
    logger.addHandler(kept)
    logger.setLevel(logging.WARNING)
    memscope.log_memstats(every=0.01, logger=logger).stop()
    assert kept.records == []


def test_what_a_handler_raises_ends_nothing(logger: logging.Logger) -> None:
    class Fails(Kept):
        def emit(self, record: logging.LogRecord) -> None:
            super().emit(record)
            raise KeyError(len(self.records))

    kept = Fails(4)
    logger.addHandler(kept)
    log = memscope.log_memstats(every=0.01, logger=logger)
    # A failure is told to the same handler, which fails again.
    assert kept.there.wait(PATIENCE_S)
    log.stop()


@pytest.mark.parametrize("every", [0, -1, float("nan"), float("inf")])
def test_no_time_is_refused(every: float) -> None:
    with pytest.raises(memscope.MemscopeError, match="takes seconds"):
        memscope.log_memstats(every)


def test_a_program_ends_as_without_it() -> None:
    """While lines are written without a pause, and in the midst of one."""
    source = (
        "import logging, memscope, threading\n"
        "begun = threading.Event()\n"
        "class Tells(logging.StreamHandler):\n"
        "    def emit(self, record):\n"
        "        super().emit(record); begun.set()\n"
        "logging.basicConfig(level=logging.INFO, handlers=[Tells()])\n"
        "memscope.log_memstats(every=0.01); memscope.log_memstats(every=0.01)\n"
        "begun.wait(); print('out'); raise SystemExit(7)\n"
    )
    done = alone(source)
    assert (done.stdout, done.returncode) == ("out\n", 7)
    assert all(" collections " in line for line in done.stderr.splitlines())


def test_a_forked_child_logs_nothing_and_ends() -> None:
    source = (
        "import logging, memscope, os, sys, threading, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "begun = threading.Event()\n"
        "class Tells(logging.Handler):\n"
        "    def emit(self, record):\n"
        "        begun.set()\n"
        "logger = logging.Logger('x', logging.INFO); logger.addHandler(Tells())\n"
        "log = memscope.log_memstats(logger=logger); begun.wait()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    print(threading.active_count(), flush=True); log.stop(); sys.exit(3)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = alone(source)
    assert (done.stdout, done.stderr, done.returncode) == ("1\n3\n", "", 0)
