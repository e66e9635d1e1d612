"""`memscope.log_memstats(every=60)`: what this process holds, into its own log, again and again."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from contextlib import suppress

from memscope.analysis.units import bytes_text, count_text
from memscope.errors import MemscopeError
from memscope.process_memory import MemStats, memstats

_LEAST_S = 0.01
_AT_EXIT_S = 1.0  # to end a line that is being logged when the interpreter ends


class MemoryLog:
    """A thread that logs what `memstats()` says, until `stop()` or the program's end."""

    def __init__(self, every_s: float, logger: logging.Logger, level: int) -> None:
        self._every_s = every_s
        self._logger = logger
        self._level = level
        self._over = threading.Event()
        # A daemon: the interpreter waits for all others before it ends.
        self._thread = threading.Thread(target=self._run, name="memscope-log", daemon=True)
        self._pid = os.getpid()

    def start(self) -> None:
        """Raises MemscopeError where no thread can be had."""
        try:
            self._thread.start()
        except (RuntimeError, MemoryError) as error:
            raise MemscopeError(f"log_memstats() cannot start a thread: {error}") from error
        atexit.register(self._end)

    def stop(self) -> None:
        """Log nothing from now on; a line that is being logged is ended first."""
        self._over.set()
        if self._is_here and threading.current_thread() is not self._thread:
            self._thread.join()
        atexit.unregister(self._end)

    @property
    def _is_here(self) -> bool:
        """False in a forked child, where the thread does not exist."""
        return self._pid == os.getpid()

    def _end(self) -> None:
        """At exit. A daemon thread that holds a stream's lock then would have Python abort."""
        self._over.set()
        if self._is_here:
            self._thread.join(_AT_EXIT_S)

    def _run(self) -> None:
        while not self._over.is_set():
            self._log()
            self._over.wait(self._every_s)

    def _log(self) -> None:
        """One line. What goes wrong is logged as well: the next may be had again."""
        try:
            if self._logger.isEnabledFor(self._level):
                stats = memstats()
                self._logger.log(self._level, "%s", line_of(stats), extra={"memstats": stats})
        except Exception:
            with suppress(Exception):  # it may be a handler that fails
                self._logger.exception("memstats() cannot be logged")


def line_of(stats: MemStats) -> str:
    """What a log shows of it: `resident 26 MiB, at most 31 MiB; arenas 9.0 MiB, …`."""
    parts = [
        f"resident {bytes_text(stats.resident_bytes)}, "
        f"at most {bytes_text(stats.peak_resident_bytes)}"
    ]
    if stats.arenas is not None:
        arenas = bytes_text(stats.arenas.allocated_bytes)
        parts.append(f"arenas {arenas}, {bytes_text(stats.arenas.blocks_bytes)} of it in blocks")
    parts.append(f"{count_text(stats.blocks)} small blocks")
    collections = "/".join(str(each.collections) for each in stats.generations)
    parts.append(f"collections {collections}")
    if stats.recording is not None:
        live = bytes_text(stats.recording.live_bytes)
        about = "about " if stats.recording.sampled else ""
        parts.append(f"recorded: {about}{live} live, {bytes_text(stats.recording.peak_bytes)} peak")
    return "; ".join(parts)


def log_memstats(
    every: float = 60.0,
    *,
    logger: logging.Logger | str = "memscope",
    level: int = logging.INFO,
) -> MemoryLog:
    """Log what this process holds now, and each so many seconds from now on.

    every: seconds between two lines. logger, level: where they go, in the program's own logging;
    nothing is set up for it. Each record has the figures as `record.memstats`, a `MemStats`.

    A daemon thread, `memscope-log`, does it: the program ends when it would without it, after a
    line that is being logged then. Where the logger does not take the level, nothing is
    looked at. `stop()` of what is given back ends it earlier. A forked child logs nothing until it
    asks for it itself.

    Raises MemscopeError if `every` is no such time, or no thread can be had.
    """
    if not _LEAST_S <= every <= threading.TIMEOUT_MAX:
        raise MemscopeError(f"log_memstats() takes seconds from {_LEAST_S} on, and not {every}")
    log = MemoryLog(every, logging.getLogger(logger) if isinstance(logger, str) else logger, level)
    log.start()
    return log
