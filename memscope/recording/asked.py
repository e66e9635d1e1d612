"""The supervisor's side of `control.py`: takes requests of the same user while a program runs.

It waits with no more than the interpreter has built in: `socket` is imported once somebody asks.
"""

from __future__ import annotations

import _socket
import os
import stat
import threading
from contextlib import suppress

from memscope.errors import MemscopeError

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from memscope.recording.memorylimits import MemoryLimit
    from memscope.recording.watched import Watched

    # Writes a capture into a file, until it is given up.
    Write = Callable[[int, Callable[[], bool]], None]

ASKING_S = 5.0  # to hand a file over
CHILD_S = 300.0  # to write a child's capture
CAPTURE = b"capture"
HEAP = b"heap"  # a capture, with a snapshot that the program takes for it
CHILD = b"child "  # and the number of a forked one, whose capture is wanted
PRESSURE = b"pressure"
DETACH = b"detach"
NOTE = "\n"  # begins an answer to which there is a capture all the same
MOST_ANSWER = 1000
_MOST_WORD = 16
_MOST_TOLD = 4  # connections of the program: one is what it needs


def runtime_directory() -> str:
    """This user's, whether it is there or not."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given.startswith("/") and _is_ours(given):
        return os.path.join(given, "memscope")
    return f"/tmp/memscope-{os.geteuid()}"


def _is_ours(directory: str) -> bool:
    """Whether nobody else may enter it."""
    try:
        status = os.lstat(directory)
    except OSError:
        return False
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    return ours and status.st_mode & 0o077 == 0


def listen(pid: int) -> tuple[_socket.socket | None, str]:
    """A socket for requests about a recorded process, and its path; None: there can be none."""
    directory = runtime_directory()
    path = os.path.join(directory, str(pid))
    with suppress(OSError):
        with suppress(FileExistsError):
            os.mkdir(directory, 0o700)
        if not _is_ours(directory):
            return None, path
        listening = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            with suppress(FileNotFoundError):
                os.unlink(path)  # of an earlier process with this number
            listening.bind(path)
            listening.listen(4)
        except OSError:
            listening.close()
            return None, path
        return listening, path
    return None, path


class Control:
    """A watcher who takes requests for captures, one after the other, until the program is over.

    Where it cannot listen nobody is answered, and the recording is as always.
    """

    def __init__(self, detach: Callable[[], None] | None = None) -> None:
        self._detach = detach  # None: the program is recorded to its end
        self._over = threading.Event()
        self._listening: _socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._path = ""
        self._client: socket.socket | None = None
        self._told: list[socket.socket] = []  # of the program's, to be told of its memory limit
        self._telling = threading.Lock()

    def start(self, recording: Watched) -> None:
        listening, self._path = listen(recording.pid)
        if listening is None:
            return
        self._listening = listening
        self._thread = threading.Thread(target=self._serve, args=(recording,), daemon=True)
        with suppress(OSError):
            self._thread.start()

    def stop(self) -> None:
        if self._listening is None or self._thread is None:
            return
        self._over.set()
        for each in (self._listening, self._client):
            with suppress(OSError):
                if each is not None:
                    each.shutdown(_socket.SHUT_RDWR)  # whoever waits for it comes back
        self._thread.join()
        self._listening.close()
        with self._telling:
            for each in self._told:
                each.close()
        with suppress(OSError):
            os.unlink(self._path)

    def _serve(self, recording: Watched) -> None:
        assert self._listening is not None
        while not self._over.is_set():
            try:
                fd, _ = self._listening._accept()  # type: ignore[attr-defined]
            except OSError:
                if self._over.wait(0.1):
                    return
                continue
            import socket

            self._client = client = socket.socket(fileno=fd)
            client.settimeout(ASKING_S)
            kept = False
            with suppress(OSError, ValueError):
                kept = self._answer(client, recording)
            if not kept:
                client.close()

    def _answer(self, client: socket.socket, recording: Watched) -> bool:
        """Whether the client is to be told more later."""
        import socket
        import struct

        credentials = struct.Struct("=iii")  # pid, uid, gid
        process, user, _ = credentials.unpack(
            client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
        )
        if user not in (os.geteuid(), 0):
            return False
        word, fds, _, _ = socket.recv_fds(client, _MOST_WORD, 1, socket.MSG_CMSG_CLOEXEC)
        try:
            if word == PRESSURE and process == recording.pid:
                return self._keep(client)
            if word == DETACH:
                return self._leave(client)
            if len(fds) == 1 and word == CAPTURE:
                self._write(client, fds[0], recording.write_interim)
            elif len(fds) == 1 and word == HEAP:
                why = recording.take_snapshot(self._over.is_set)
                self._write(client, fds[0], recording.write_interim, why and f"{NOTE}{why}")
            elif len(fds) == 1 and word.startswith(CHILD):
                self._write(client, fds[0], _of_child(recording, int(word.removeprefix(CHILD))))
        finally:
            for fd in fds:
                os.close(fd)
        return False

    def _write(self, client: socket.socket, fd: int, write: Write, note: str = "") -> None:
        answer = note
        try:
            write(fd, self._over.is_set)
        except MemscopeError as error:
            answer = str(error)
        client.sendall(answer.encode("utf-8", "replace")[:MOST_ANSWER])

    def _leave(self, client: socket.socket) -> bool:
        if self._detach is None:
            client.sendall(b"it is recorded by `memscope run`, from its start to its end")
            return False
        kept = self._keep(client)
        self._detach()
        return kept

    def _keep(self, client: socket.socket) -> bool:
        with self._telling:
            if len(self._told) >= _MOST_TOLD:
                return False
            self._told.append(client)
        return True

    def tell(self, limit: MemoryLimit) -> None:
        """Tell the program, where it has asked to be told, that it is near this limit."""
        with self._telling:
            for client in list(self._told):
                try:
                    client.sendall(_line_of_limit(limit))
                except OSError:
                    self._told.remove(client)
                    client.close()


def _of_child(recording: Watched, pid: int) -> Write:
    def write(fd: int, given_up: Callable[[], bool]) -> None:
        if recording.children is None:
            raise MemscopeError(
                f"process {pid} was forked by a program whose children are not recorded",
                None,
                "--follow-fork records them",
            )
        recording.children.write_interim(pid, fd, given_up, CHILD_S)

    return write


def _line_of_limit(limit: MemoryLimit) -> bytes:
    return f"{limit.source} {limit.limit_bytes} {limit.used_bytes}\n".encode()
