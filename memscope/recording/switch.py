"""The state of recording in this process: what is on, what is being finished, who may change it."""

from __future__ import annotations

import atexit
import os
import sys
from _thread import RLock
from collections.abc import Callable
from contextlib import suppress

from memscope.compiled import other_version
from memscope.errors import one_line
from memscope.recording.unfinished import UnfinishedCapture

try:
    from memscope import _recorder
except ImportError as _error:  # for one, in a subinterpreter
    unsupported = str(_error)
else:
    unsupported = other_version(_recorder)


class Switch:
    """Guards the hooks: one thread at a time turns a recording on or off.

    Signal handlers, finalizers and callbacks of weak references may run in the midst of that, in
    the same thread, and ask for the same: `changing` tells them not to.
    """

    def __init__(self) -> None:
        self.reset()
        self.over = False  # the interpreter is shutting down
        self._told_of_exit: list[Callable[[], None]] = []
        os.register_at_fork(after_in_child=self.reset)

    def reset(self) -> None:
        """Also in a forked child, where whoever held the lock does not exist."""
        self.lock = RLock()
        self.changing: object | None = None  # the recording that is being turned on or off
        self.unwanted = False  # somebody asked to stop what is being started
        # By path: the hooks are out, the capture is not finished.
        self.writing: dict[str, UnfinishedCapture] = {}
        self.said: set[str] = set()

    def watch_exit(self, stop: Callable[[], None]) -> None:
        """Have this called at the interpreter's end, once and for all: atexit never forgets one.

        Where one is unregistered, Python up to 3.13 keeps its place.
        """
        if stop not in self._told_of_exit:
            atexit.register(stop)
            self._told_of_exit.append(stop)

    def say_once(self, text: str) -> None:
        """One line on stderr, the first time in this process."""
        if text not in self.said:
            self.said.add(text)
            say(text)


switch = Switch()


def is_recorded() -> bool:
    """Whether this process is being recorded, by whomever."""
    return not unsupported and _recorder.is_recording()


def say(text: str) -> None:
    """One line on stderr, if there is one."""
    with suppress(Exception):
        stream = sys.stderr
        if stream is not None:
            stream.write(f"memscope: {one_line(text)}\n")
