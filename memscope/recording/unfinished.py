"""A recording's drain and the file of its capture, until that is finished."""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident, start_new_thread
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memscope._recorder import Drain

_DONE = -1  # no thread
_finishers: set[int] = set()  # threads


def is_finishing() -> bool:
    """Whether this thread finishes a capture.

    The collector may run the program's finalizers in it. None of them may wait there for
    `switch.lock`: whoever has that may be waiting for this thread, in a signal handler.
    """
    return get_ident() in _finishers


os.register_at_fork(after_in_child=_finishers.clear)


class UnfinishedCapture:
    """What one recording holds: its drain, and the capture's file until that is finished.

    `write_rest` is called once, to write what is left of the capture; it raises nothing.
    """

    __slots__ = (
        *("_begun", "_file", "_finished", "_finisher", "_write_rest"),
        *("drain", "output_fd", "path", "path_text", "pid", "takes_snapshots"),
    )

    def __init__(
        self,
        drain: Drain,
        output_fd: int,
        path: Path,
        write_rest: Callable[[UnfinishedCapture], None],
    ) -> None:
        self.drain = drain
        self.output_fd = output_fd
        self.path = path  # absolute
        self.path_text = str(path)
        self.pid = os.getpid()
        self.takes_snapshots = False
        self._write_rest = write_rest
        self._begun = False  # to finish the capture
        self._finisher = 0  # the thread that finishes it
        self._finished = allocate_lock()
        self._finished.acquire()  # released when that is done
        self._file = _identity(os.fstat(output_fd))

    @property
    def is_here(self) -> bool:
        """False in a forked child: recording and capture are its parent's."""
        return self.pid == os.getpid()

    def is_at_its_path(self) -> bool:
        """Whether the path still leads to the file, which others may have moved or replaced."""
        with suppress(OSError):
            return _identity(os.stat(self.path)) == self._file
        return False

    def finish(self) -> bool:
        """Finish the capture, or wait until another thread has. False: this thread is at it.

        It is done in a thread of its own, where no signal handler of the program's can raise an
        exception, and where a recursion at its limit has room. What such a handler raises comes out
        of here; then this can be called again.
        """
        if self.is_here and not self._begun:
            self._begun = True
            try:
                start_new_thread(self._finish_once, ())
            except (RuntimeError, MemoryError):  # none can be had, as at the interpreter's end
                self._finish_once()
        # Looked at again and again: a signal handler may fork, and the child would wait for ever.
        while self.is_here and self._finisher != _DONE:
            if self._finisher == get_ident():
                return False
            if self._finished.acquire(timeout=1):
                self._finished.release()
        return True

    def _finish_once(self) -> None:
        if self._finisher == 0:
            self._finisher = finisher = get_ident()
            _finishers.add(finisher)
            try:
                self._write_rest(self)
            finally:
                _finishers.discard(finisher)
                self._finisher = _DONE
                self._finished.release()

    def close(self) -> None:
        """Close the file, once, and only if the descriptor is still ours.

        A program that turns itself into a daemon closes all descriptors there are, and the next
        files that it opens get their numbers.
        """
        fd, self.output_fd = self.output_fd, -1
        with suppress(OSError):
            if fd >= 0 and _identity(os.fstat(fd)) == self._file:
                os.close(fd)


def _identity(file: os.stat_result) -> tuple[int, int]:
    return file.st_dev, file.st_ino
