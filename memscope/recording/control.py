"""How others of the same user ask a supervisor for a capture of now, and the program itself.

    memscope snapshot PID ── opens a file, and hands it over ──► supervisor ── writes into it, or
              ◄────────────── one line: nothing, or what went wrong ──────────┘   asks for a child's

    the program ── asks to be told of its memory limit ──► supervisor
              ◄────────── a line each time that it is near ──────┘

    memscope detach PID ── asks to leave the process ──► memscope attach
              ◄────────── closed when that is done ───────────┘

The socket is named after the recorded process, in a directory that only this user may enter. No
name of a file crosses it: whoever asks has opened the file, with its own rights.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from memscope.errors import MemscopeError
from memscope.recording.memorylimits import MemoryLimit, Source

if TYPE_CHECKING:
    from memscope.recording.watched import Watched

ASKING_S = 5.0  # to hand a file over
CHILD_S = 300.0  # to write a child's capture
BOOT_CAPTURES = 13  # of _boot.py's, before the program's own
_CAPTURE = b"capture"
_HEAP = b"heap"  # a capture, with a snapshot that the program takes for it
_CHILD = b"child "  # and the number of a forked one, whose capture is wanted
PRESSURE = b"pressure"
_DETACH = b"detach"
_CREDENTIALS = struct.Struct("=iii")  # pid, uid, gid
# Writes a capture into a file, until it is given up.
Write = Callable[[int, Callable[[], bool]], None]
_MOST_ANSWER = 1000
_NOTE = "\n"  # begins an answer to which there is a capture all the same
_MOST_WORD = 16
_MOST_TOLD = 4  # connections of the program: one is what it needs


def runtime_directory() -> Path:
    """This user's, whether it is there or not."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given.startswith("/") and _is_ours(Path(given)):
        return Path(given) / "memscope"
    return Path(f"/tmp/memscope-{os.geteuid()}")


def _is_ours(directory: Path) -> bool:
    """Whether nobody else may enter it."""
    try:
        status = directory.lstat()
    except OSError:
        return False
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    return ours and status.st_mode & 0o077 == 0


class Control:
    """A watcher who takes requests for captures, one after the other, until the program is over.

    Where it cannot listen nobody is answered, and the recording is as always.
    """

    def __init__(self, detach: Callable[[], None] | None = None) -> None:
        self._detach = detach  # None: the program is recorded to its end
        self._over = threading.Event()
        self._listening: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._path = Path()
        self._client: socket.socket | None = None
        self._told: list[socket.socket] = []  # of the program's, to be told of its memory limit
        self._telling = threading.Lock()

    def start(self, recording: Watched) -> None:
        directory = runtime_directory()
        with suppress(OSError):
            directory.mkdir(mode=0o700, exist_ok=True)
            if not _is_ours(directory):
                return
            listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self._path = directory / str(recording.pid)
                self._path.unlink(missing_ok=True)  # of an earlier process with this number
                listening.bind(str(self._path))
                listening.listen(4)
            except OSError:
                listening.close()
                return
            self._listening = listening
            self._thread = threading.Thread(target=self._serve, args=(recording,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        if self._listening is None or self._thread is None:
            return
        self._over.set()
        for each in (self._listening, self._client):
            with suppress(OSError):
                if each is not None:
                    each.shutdown(socket.SHUT_RDWR)  # whoever waits for it comes back
        self._thread.join()
        self._listening.close()
        with self._telling:
            for each in self._told:
                each.close()
        with suppress(OSError):
            self._path.unlink()

    def _serve(self, recording: Watched) -> None:
        assert self._listening is not None
        while not self._over.is_set():
            try:
                client, _ = self._listening.accept()
            except OSError:
                if self._over.wait(0.1):
                    return
                continue
            self._client = client
            client.settimeout(ASKING_S)
            kept = False
            with suppress(OSError, ValueError):
                kept = self._answer(client, recording)
            if not kept:
                client.close()

    def _answer(self, client: socket.socket, recording: Watched) -> bool:
        """Whether the client is to be told more later."""
        process, user, _ = _CREDENTIALS.unpack(
            client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        )
        if user not in (os.geteuid(), 0):
            return False
        word, fds, _, _ = socket.recv_fds(client, _MOST_WORD, 1, socket.MSG_CMSG_CLOEXEC)
        try:
            if word == PRESSURE and process == recording.pid:
                return self._keep(client)
            if word == _DETACH:
                return self._leave(client)
            if len(fds) == 1 and word == _CAPTURE:
                self._write(client, fds[0], recording.write_interim)
            elif len(fds) == 1 and word == _HEAP:
                why = recording.take_snapshot(self._over.is_set)
                self._write(client, fds[0], recording.write_interim, why and f"{_NOTE}{why}")
            elif len(fds) == 1 and word.startswith(_CHILD):
                self._write(client, fds[0], _of_child(recording, int(word.removeprefix(_CHILD))))
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
        client.sendall(answer.encode("utf-8", "replace")[:_MOST_ANSWER])

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


def limit_of_line(line: bytes) -> MemoryLimit:
    """What a supervisor has told. Raises ValueError if it is no such line."""
    source, limit_bytes, used_bytes = line.decode().split()
    for known in get_args(Source):
        if source == known:
            return MemoryLimit(known, int(limit_bytes), int(used_bytes))
    raise ValueError(f"{source!r} is no source of a limit")


def ask_for_capture(pid: int, fd: int, heap: bool = False) -> str:
    """Have a recording of this user's so far written into an empty file.

    `pid`: of the recorded process, of its supervisor, or of a forked child that is recorded, too.
    `heap`: with a snapshot of the program's objects as they are now. Why there is none is returned,
    else it is empty. Raises MemscopeError if there is no capture.
    """
    program, word = recorded_process(pid), _HEAP if heap else _CAPTURE
    parent = _recorded_parent(program)
    if parent:
        program, word = parent, _CHILD + str(pid).encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        try:
            asking.connect(str(runtime_directory() / str(program)))
            socket.send_fds(asking, [word], [fd])
            answer = b""
            while part := asking.recv(_MOST_ANSWER):
                answer += part
        except OSError:
            raise MemscopeError(
                f"process {pid} is not being recorded by `memscope run` of this user"
            ) from None
    told = answer.decode("utf-8", "replace")
    if told and not told.startswith(_NOTE):
        raise MemscopeError(told)
    if os.fstat(fd).st_size == 0:
        raise MemscopeError(f"process {pid} ended before the capture was written")
    if parent and heap:
        return "it is a forked child, which takes snapshots at new peaks alone"
    return told.removeprefix(_NOTE)


def can_be_asked(pid: int) -> bool:
    """Whether a recording of this very process is going on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking, suppress(OSError):
        asking.connect(str(runtime_directory() / str(pid)))
        return True
    return False


def ask_to_detach(pid: int) -> None:
    """Have `memscope attach` leave this process, and wait until it has. Raises MemscopeError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        try:
            asking.connect(str(runtime_directory() / str(recorded_process(pid))))
            asking.sendall(_DETACH)
            answer = asking.recv(_MOST_ANSWER)
        except OSError:
            raise MemscopeError(f"no memscope of this user is attached to process {pid}") from None
    if answer:
        raise MemscopeError(f"process {pid}: {answer.decode('utf-8', 'replace')}")


def recorded_process(pid: int) -> int:
    """The process that is recorded, of a supervisor; any other is itself."""
    directory = runtime_directory()
    with suppress(OSError, ValueError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for child in map(int, children):
            if (directory / str(child)).exists():
                return child
    return pid


def _recorded_parent(pid: int) -> int:
    """The program whose forked child this is, or a child's child; 0: it is none's, or a program."""
    directory = runtime_directory()
    with suppress(OSError, ValueError):
        while pid > 1 and not (directory / str(pid)).exists():
            stat_line = Path(f"/proc/{pid}/stat").read_text()
            parent = int(stat_line.rpartition(")")[2].split()[1])
            if (directory / str(parent)).exists():
                return parent
            pid = parent
    return 0


def recorded_processes() -> list[tuple[int, str]]:
    """The processes of this user's that can be asked for, each with its command, oldest first."""
    found = []
    with suppress(OSError):
        for path in runtime_directory().iterdir():
            with suppress(OSError, ValueError):
                pid = int(path.name)
                words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                started = Path(f"/proc/{pid}").stat().st_ctime_ns
                # A socket may be left by a supervisor that was killed.
                if path.is_socket() and words != [b""]:
                    found.append((started, pid, " ".join(_of_program(words))))
    return [(pid, command) for _, pid, command in sorted(found)]


def _of_program(words: list[bytes]) -> list[str]:
    """What was asked to be run, of a recorded process's command line."""
    decoded = [os.fsdecode(word) for word in words]
    boot = next((at for at, word in enumerate(decoded) if word.endswith("/_boot.py")), None)
    return decoded if boot is None else decoded[boot + 1 + BOOT_CAPTURES :]
