"""A small HTTP server that nobody can hold: one thread, and one more while a costly answer is made.

    accept ─► reading ─► answered at once ───────────► writing ─► lingering ─► closed
                 │                                        ▲
                 └─► costly: waiting ─► on a thread ──────┘       or 503 and when to come again

Costly answers are made one at a time. A few requests wait for their turn, for some seconds.

Each connection is for one request. All that it may take is bounded: bytes, and time in each of its
states. When there are too many, those that have waited longest to say what they want are closed.
"""

from __future__ import annotations

import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Literal

from memscope.errors import MemscopeError
from memscope.serving.addresses import Door
from memscope.serving.messages import (
    MOST_HEAD_BYTES,
    RefusedError,
    Request,
    Response,
    is_whole,
    parse,
    refused,
)

MOST_CONNECTIONS = 64
MOST_A_SECOND = 100  # connections that are taken: asking without end must cost others little
READING_S = 10.0  # to say what is wanted
WRITING_S = 30.0  # to take the answer, and as much again for each
WRITING_BYTES = 8 << 20
TURN_S = 20.0  # to wait for a costly answer to be begun: pprof asks for all its addresses at once
MOST_IN_TURN = 8
LINGERING_S = 2.0  # for what was still on its way, so that nothing cuts the answer off
LONGEST_SLEEP_S = 60.0
_PIECE_BYTES = 256 << 10
RETRY_AFTER = {"Retry-After": "2"}

State = Literal["reading", "in turn", "waiting", "writing", "lingering"]
GivenUp = Callable[[], bool]
Job = Callable[[GivenUp], Response]
Answer = Callable[[Request], Response | Job]


class Connection:
    """One client, in one of its states until its deadline."""

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self.state: State = "reading"
        self.deadline = time.monotonic() + READING_S
        self.received = bytearray()
        self.closed = False
        self.is_head = False
        self.response: Response | None = None
        self.unsent = memoryview(b"")
        self.file_offset = 0

    def begin_writing(self, response: Response) -> None:
        self.response = response
        body = b"" if self.is_head or response.file is not None else response.body
        self.unsent = memoryview(response.head() + body)
        size = len(body) + (response.file_bytes if response.file is not None else 0)
        self.state = "writing"
        self.deadline = time.monotonic() + WRITING_S * (1 + size / WRITING_BYTES)

    def write(self) -> bool:
        """Sends as much as is taken now; whether that is all."""
        while self.unsent:
            self.unsent = self.unsent[self.socket.send(self.unsent) :]
        response = self.response
        if response is None or response.file is None or self.is_head:
            return True
        while self.file_offset < response.file_bytes:
            count = min(response.file_bytes - self.file_offset, _PIECE_BYTES)
            sent = os.sendfile(
                self.socket.fileno(), response.file.fileno(), self.file_offset, count
            )
            if sent == 0:  # it is shorter than it was said to be
                raise ConnectionError
            self.file_offset += sent
        return True

    def close(self) -> None:
        self.closed = True
        self.socket.close()
        if self.response is not None:
            self.response.close()


class Server:
    """Serves one door on a thread of its own, from `start` to `stop`."""

    def __init__(self, door: Door, answer: Answer) -> None:
        self._door = door
        self._answer = answer
        self._selector = selectors.DefaultSelector()
        self._connections: dict[int, Connection] = {}
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._stopping = False
        self.problem = ""  # why it ended before it was stopped, if so
        self._thread = threading.Thread(target=self._serve, name="serve", daemon=True)
        self._job: threading.Thread | None = None
        self._in_turn: deque[tuple[Connection, Job]] = deque()
        self._finished: tuple[Connection, Response] | None = None
        self._listens = False
        self._room = float(MOST_A_SECOND)
        self._room_at = time.monotonic()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close everything, given up where it is not done."""
        self._stopping = True
        os.eventfd_write(self._wake, 1)
        self._thread.join()
        if self._job is not None:
            self._job.join()
        if self._finished is not None:
            self._finished[1].close()
        self._selector.close()
        os.close(self._wake)

    # ---- the loop -----------------------------------------------------------------------------

    def _serve(self) -> None:
        _give_way()
        try:
            self._loop()
        except Exception as error:  # nobody is there who could be told, and stderr is the program's
            self.problem = f"serving ended: {type(error).__name__}: {error}"
        for connection in list(self._connections.values()):
            self._close(connection)
        self._door.close()

    def _loop(self) -> None:
        self._selector.register(self._wake, selectors.EVENT_READ, self._woken)
        while not self._stopping:
            self._listen()
            for key, _ in self._selector.select(self._patience_s()):
                data = key.data
                if isinstance(data, Connection):
                    self._guarded(data)
                else:
                    data()
            now = time.monotonic()
            for connection in [c for c in self._connections.values() if c.deadline < now]:
                self._be_late(connection)

    def _patience_s(self) -> float:
        until = min((each.deadline for each in self._connections.values()), default=float("inf"))
        longest_s = LONGEST_SLEEP_S if self._listens else 1 / MOST_A_SECOND
        return min(max(until - time.monotonic(), 0.0) + 0.001, longest_s)

    def _listen(self) -> None:
        """Listen, or not, as there is room in this second."""
        now = time.monotonic()
        self._room = min(self._room + (now - self._room_at) * MOST_A_SECOND, MOST_A_SECOND)
        self._room_at = now
        wanted = self._room >= 1
        if wanted and not self._listens:
            self._selector.register(self._door.socket, selectors.EVENT_READ, self._accept)
        elif self._listens and not wanted:
            self._selector.unregister(self._door.socket)
        self._listens = wanted

    def _woken(self) -> None:
        with suppress(BlockingIOError):
            os.eventfd_read(self._wake)
        done, self._finished = self._finished, None
        if done is None:
            return
        if self._job is not None:
            self._job.join()
            self._job = None
        connection, response = done
        if connection.closed:
            response.close()
        else:
            self._reply(connection, response)
        self._begin_next()

    def _accept(self) -> None:
        try:
            client, _ = self._door.socket.accept()
        except OSError:  # gone again, or no more descriptors: it is asked for again
            self._room = 0.0
            return
        self._room -= 1
        if len(self._connections) >= MOST_CONNECTIONS:
            reading = [c for c in self._connections.values() if c.state in ("reading", "lingering")]
            if not reading:
                client.close()
                return
            self._close(min(reading, key=lambda each: each.deadline))
        client.setblocking(False)
        connection = Connection(client)
        self._connections[client.fileno()] = connection
        self._selector.register(client, selectors.EVENT_READ, connection)

    # ---- connections --------------------------------------------------------------------------

    def _guarded(self, connection: Connection) -> None:
        """Whatever a client does is its own loss."""
        if connection.closed:
            return
        try:
            self._step(connection)
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, ValueError):
            self._close(connection)

    def _step(self, connection: Connection) -> None:
        if connection.state == "writing":
            if connection.write():
                self._finish(connection)
            return
        received = connection.socket.recv(MOST_HEAD_BYTES)
        if not received:
            self._close(connection)  # a costly answer is given up then
        elif connection.state == "reading":
            connection.received += received
            self._read(connection)
        # Whatever else it says is not for us.

    def _read(self, connection: Connection) -> None:
        try:
            if not is_whole(connection.received):
                if len(connection.received) >= MOST_HEAD_BYTES:
                    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                    raise RefusedError(status, f"a request has {MOST_HEAD_BYTES:,} bytes at most")
                return
            request = parse(bytes(connection.received))
            connection.is_head = request.method == "HEAD"
            self._admit(request)
            answer = self._answer(request)
        except Exception as error:
            self._reply(connection, refused(_refusal(error)))
            return
        if isinstance(answer, Response):
            self._reply(connection, answer)
        elif len(self._in_turn) >= MOST_IN_TURN:
            self._reply(connection, _later("other costly answers are being made: come again"))
        else:
            connection.state = "in turn"
            connection.deadline = time.monotonic() + TURN_S
            self._in_turn.append((connection, answer))
            self._begin_next()

    def _begin_next(self) -> None:
        """Begin the next costly answer that somebody waits for, if none is being made."""
        while self._job is None and self._in_turn:
            connection, job = self._in_turn.popleft()
            if connection.state == "in turn" and not connection.closed:
                self._begin(connection, job)

    def _be_late(self, connection: Connection) -> None:
        """Its deadline is over."""
        if connection.state != "in turn":
            self._close(connection)
            return
        self._in_turn = deque(each for each in self._in_turn if each[0] is not connection)
        self._reply(connection, _later("another costly answer is being made: come again"))

    def _admit(self, request: Request) -> None:
        if not self._door.admits_host(request.headers["host"]):
            raise RefusedError(HTTPStatus.MISDIRECTED_REQUEST, "this host is not served here")
        if not self._door.admits_token(request.headers.get("authorization", "")):
            asked = {"WWW-Authenticate": 'Bearer realm="memscope", Basic realm="memscope"'}
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "a token is needed", asked)
        # No page of another site may have a browser ask.
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise RefusedError(HTTPStatus.FORBIDDEN, "another site asked for this")

    def _begin(self, connection: Connection, job: Job) -> None:
        thread = threading.Thread(
            target=self._run, args=(connection, job), name="serve-costly", daemon=True
        )
        try:
            thread.start()
        except (RuntimeError, MemoryError):  # this user has too many, or there is no memory
            self._reply(connection, _later("no thread can be had: come again"))
            return
        self._job = thread
        connection.state = "waiting"
        connection.deadline = float("inf")  # the job has limits of its own

    def _run(self, connection: Connection, job: Job) -> None:
        """On the job's thread."""
        try:
            response = job(lambda: self._stopping or connection.closed)
        except Exception as error:
            response = refused(_refusal(error))
        self._finished = connection, response
        os.eventfd_write(self._wake, 1)

    def _reply(self, connection: Connection, response: Response) -> None:
        connection.begin_writing(response)
        self._watch(connection, selectors.EVENT_WRITE)

    def _finish(self, connection: Connection) -> None:
        connection.socket.shutdown(socket.SHUT_WR)
        connection.state = "lingering"
        connection.deadline = time.monotonic() + LINGERING_S
        self._watch(connection, selectors.EVENT_READ)

    def _watch(self, connection: Connection, events: int) -> None:
        self._selector.modify(connection.socket, events, connection)

    def _close(self, connection: Connection) -> None:
        if connection.closed:
            return
        with suppress(KeyError, ValueError):
            self._selector.unregister(connection.socket)
        self._connections.pop(connection.socket.fileno(), None)
        connection.close()


def _give_way() -> None:
    """This thread and its children do not push the program off its processor when they wake up.

    No higher `nice` besides: who holds the drain's lock or the GIL must be done soon.
    """
    if os.sched_getscheduler(0) == os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _refusal(error: Exception) -> RefusedError:
    """What a client is told of a failure: of what is not ours its kind alone."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, MemscopeError):
        return RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    reason = f"it could not be answered: {type(error).__name__}"
    return RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, reason)


def _later(reason: str) -> Response:
    return refused(RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, reason, RETRY_AFTER))
