"""How a supervisor asks the background process for what forked children hold now.

    supervisor ── {"do": "list"} or {"do": "write", "pid": N}, a file, where to reply ──► background
              ◄──────────── one line: nothing, or what went wrong ──────────────────────────┘

Each question brings a socket of its own for the reply, so none waits for another's.
"""

from __future__ import annotations

import json
import os
import select
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from memscope.errors import MemscopeError
from memscope.plain import dataclass

MOST_QUESTION = 200
_MOST_ANSWER = 1000
_LIST_S = 2.0  # the metrics are to be had at any moment
_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class ChildNow:
    """A forked child that is recorded: its run summary so far, as JSON."""

    pid: int
    summary: bytes


class ChildrenAsked:
    """The supervisor's end. May be used by several threads."""

    def __init__(self, asking: socket.socket) -> None:
        self._asking = asking

    def now(self) -> list[ChildNow]:
        """Those that are recorded at this moment, by process id. Raises MemscopeError."""
        with tempfile.TemporaryFile() as file:
            self._ask({"do": "list"}, file.fileno(), lambda: False, _LIST_S)
            file.seek(0)
            told: list[dict[str, Any]] = json.loads(file.read() or b"[]")
        return [ChildNow(each["pid"], each["summary"].encode()) for each in told]

    def write_interim(
        self, pid: int, fd: int, given_up: Callable[[], bool], limit_s: float
    ) -> None:
        """As `Watched.write_interim`, of one child. Raises MemscopeError."""
        self._ask({"do": "write", "pid": pid}, fd, given_up, limit_s)

    def _ask(
        self, question: dict[str, Any], fd: int, given_up: Callable[[], bool], limit_s: float
    ) -> None:
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with here:
            with there:
                try:
                    fds = [there.fileno(), fd]
                    socket.send_fds(self._asking, [json.dumps(question).encode()], fds)
                except OSError as error:
                    raise MemscopeError("the recorder of forked children has gone") from error
            until = time.monotonic() + limit_s
            while not select.select([here], [], [], _EVERY_S)[0]:
                # What is still written then is written into a file that nobody has any more.
                if given_up() or time.monotonic() > until:
                    raise MemscopeError("the recorder of forked children has not answered in time")
            answer = here.recv(_MOST_ANSWER)
        if answer != b"ok":
            told = answer.decode("utf-8", "replace") or "the recorder of forked children has gone"
            raise MemscopeError(told)


@dataclass(frozen=True, slots=True)
class FollowedRecording:
    """One forked child's recording, as whoever takes interim captures needs it."""

    pid: int
    capture: Path  # where the program's own is being written to
    children: ChildrenAsked

    def write_interim(
        self, fd: int, given_up: Callable[[], bool] = lambda: False, limit_s: float = 300.0
    ) -> None:
        """As `Watched.write_interim`."""
        self.children.write_interim(self.pid, fd, given_up, limit_s)


def take_question(asked: socket.socket, answer: Callable[[dict[str, Any], int], None]) -> bool:
    """At the other end: take one question on, to be answered on a thread of its own.

    `answer` is given the question and the file; a MemscopeError is what is replied. False: there
    will be no more questions.
    """
    try:
        data, fds, _, _ = socket.recv_fds(asked, MOST_QUESTION, 2, socket.MSG_CMSG_CLOEXEC)
    except OSError:
        return False
    if not data:
        return False
    if len(fds) == 2:
        replying, fd = socket.socket(fileno=fds[0]), fds[1]
        thread = threading.Thread(target=_reply, args=(data, replying, fd, answer), daemon=True)
        with suppress(RuntimeError):
            thread.start()
            return True
        replying.close()
        fds = fds[1:]
    for each in fds:
        os.close(each)
    return True


def _reply(
    data: bytes,
    replying: socket.socket,
    fd: int,
    answer: Callable[[dict[str, Any], int], None],
) -> None:
    told = "ok"
    try:
        answer(json.loads(data), fd)
    except MemscopeError as error:
        told = str(error)
    except Exception as error:
        told = f"it could not be told: {type(error).__name__}"
    finally:
        os.close(fd)
    with replying, suppress(OSError):
        replying.send(told.encode("utf-8", "replace")[:_MOST_ANSWER])
