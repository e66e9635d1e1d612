"""`memscope.listen()`: this process may be attached to from outside, on any version of Python.

    memscope attach PID ──► /tmp/memscope-UID/listen-PID ──► a thread of this process

The thread waits, and nothing else, until somebody comes. From 3.14 on `memscope attach` needs none,
unless the main thread is in C code for long.
"""

from __future__ import annotations

import atexit
import os
import socket
import threading  # noqa: F401  whoever imports it first is its main thread, and waited for at the end
from _thread import start_new_thread
from contextlib import suppress
from pathlib import Path

from memscope.errors import MemscopeError
from memscope.recording.meeting import listen_address, make_private, meeting_directory

_WAITING = 4


class _Listening:
    """What listens in this process, if something does."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.path: Path | None = None
        self.pid = 0
        self.watches = False

    @property
    def is_here(self) -> bool:
        return self.socket is not None and self.pid == os.getpid()

    def forked(self) -> None:
        """In a forked child, which has no such thread: it listens as itself."""
        if self.socket is not None:
            with suppress(OSError):
                self.socket.close()
            self.socket = self.path = None
            with suppress(MemscopeError):
                listen()

    def over(self) -> None:
        if self.is_here and self.path is not None:
            with suppress(OSError):
                self.path.unlink()


_listening = _Listening()


def listen() -> None:
    """Let `memscope attach` record this process, from now on until its end.

    A thread that waits is all that is added. Only processes of this user are let in: the socket is
    in a directory that nobody else may enter, and the kernel says who comes. Forked children listen
    as well. To call it again does nothing.

    Raises MemscopeError where nothing can listen.
    """
    if _listening.is_here:
        return
    path = listen_address(os.getpid())
    try:
        make_private(meeting_directory())
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path.unlink(missing_ok=True)  # of an earlier process with this number
            listening.bind(str(path))
            path.chmod(0o600)
            listening.listen(_WAITING)
            _listening.socket, _listening.path, _listening.pid = listening, path, os.getpid()
            if not _listening.watches:
                _listening.watches = True
                atexit.register(_listening.over)
                os.register_at_fork(after_in_child=_listening.forked)
            start_new_thread(_serve, (listening,))
        except BaseException:
            _listening.socket = None
            listening.close()
            raise
    except (OSError, RuntimeError) as error:
        raise MemscopeError(f"nothing can listen: {error}", path) from error


def _serve(listening: socket.socket) -> None:
    """One after the other, on a thread of its own."""
    file = os.fstat(listening.fileno()).st_ino
    with suppress(OSError):
        # A program may close all descriptors: what has the number then is not ours to wait at.
        while os.fstat(listening.fileno()).st_ino == file:
            client, _ = listening.accept()
            # What a recording needs is imported when somebody comes.
            from memscope.recording.attached import be_recorded

            be_recorded(client.detach())
