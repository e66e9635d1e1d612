"""`memscope.on_pressure(f)`: functions of the program that are called when memory gets scarce.

    supervisor ── a line as a threshold is passed ──► a thread of the program ──► f(limit)
    no supervisor: the thread looks at the limits itself ────┘

They run on one thread, which is there from the first `on_pressure` on: never in a hook, never in a
signal handler, never in the midst of what another thread does.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from memscope.errors import MemscopeError
from memscope.recording.asked import PRESSURE
from memscope.recording.control import limit_of_line, runtime_directory
from memscope.recording.memorylimits import MemoryLimit
from memscope.recording.thresholds import Thresholds, tightest_of, wait_s

Called = TypeVar("Called", bound=Callable[[MemoryLimit], object])
_MOST_LINE = 1000


class _Calls:
    """The functions of this process, and the thread that calls them."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """In a forked child: the thread is its parent's, and so is what was asked for."""
        self._functions: tuple[Callable[[MemoryLimit], object], ...] = ()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, function: Callable[[MemoryLimit], object]) -> None:
        with self._lock:
            self._functions += (function,)
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="memscope-pressure", daemon=True)
            try:
                thread.start()
            except (RuntimeError, MemoryError) as error:
                self._functions = ()
                raise MemscopeError(f"on_pressure() cannot start a thread: {error}") from error
            self._thread = thread

    def _run(self) -> None:
        with suppress(OSError, ValueError):
            self._hear()
        self._look()

    def _hear(self) -> None:
        """Wait for the supervisor's lines. OSError: there is none, or it has gone."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.connect(str(runtime_directory() / str(os.getpid())))
            asking.sendall(PRESSURE)
            with asking.makefile("rb") as lines:
                while line := lines.readline(_MOST_LINE):
                    self._call(limit_of_line(line))

    def _look(self) -> None:
        """Look at this process's limits, as a supervisor does."""
        thresholds = Thresholds()
        never = threading.Event()
        limit = None
        while not never.wait(wait_s(limit)):
            limit = tightest_of(os.getpid())
            if thresholds.passed(limit) and limit is not None:
                self._call(limit)

    def _call(self, limit: MemoryLimit) -> None:
        """Call each. What one raises is told as what ends a thread is, and the next is called."""
        for function in self._functions:
            try:
                function(limit)
            except Exception:
                kind, error, trace = sys.exc_info()
                told = threading.ExceptHookArgs((kind, error, trace, threading.current_thread()))
                threading.excepthook(told)


_calls = _Calls()


def on_pressure(function: Called) -> Called:
    """Have a function called when this process comes to 80 and to 90 % of its memory limit.

    It is given the limit, a `MemoryLimit`: who set it, its bytes, and how many are taken. The
    limits are those of `memscope run --limit`, of the process's cgroups, and RLIMIT_AS; a cgroup's
    counts where this process holds half of it. It is called again when the process comes there
    again: after 10 % less, or, under `memscope run`, after live bytes fell by 20 %. All such
    functions run on one thread, one after the other, some tenths of a second later; what one raises
    goes to `threading.excepthook`. To be used as a decorator, too. A forked child asks anew.
    Without `memscope run` the thread looks itself, twice a second and more often above half of the
    limit.

    Raises MemscopeError if no thread can be had.
    """
    _calls.add(function)
    return function
