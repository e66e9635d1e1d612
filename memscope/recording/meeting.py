"""Where a process and `memscope attach` meet, and what they say to each other.

    memscope attach ── how to record, the segment ──► process (memscope.recording.attached)
                    ◄── meta: what it is; no: why not
                    ── go ──►
                    ◄── on: it records
                    ── stop ──►
                    ◄── off: it does not any more

Each word is a line. Who goes away has said "stop". On 3.14 and later the process comes to a socket
of whoever attaches; where it listens, that one comes to the process.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
from contextlib import suppress
from pathlib import Path

_CREDENTIALS = struct.Struct("=iii")  # pid, uid, gid
MOST_LINE = 8 << 20  # a command line of two MiB, escaped
MOST_REASON = 1000


def meeting_directory() -> Path:
    """This user's. Not of the environment, which may be another one at either end."""
    return Path(f"/tmp/memscope-{os.geteuid()}")


def make_private(directory: Path) -> None:
    """Make it if it is not there. Raises OSError where others may enter it."""
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    status = directory.lstat()
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    if not ours or status.st_mode & 0o077:
        raise PermissionError(f"{directory} is not this user's alone")


def attach_address(pid: int) -> Path:
    """Where whoever attaches waits for this process."""
    return meeting_directory() / f"attach-{pid}"


def listen_address(pid: int) -> Path:
    """Where this process listens."""
    return meeting_directory() / f"listen-{pid}"


def peer_of(link: socket.socket) -> tuple[int, int]:
    """The process and the user at the other end, as the kernel says."""
    there = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, user, _ = _CREDENTIALS.unpack(there)
    return pid, user


class Link:
    """One end of the connection.

    A program may close all descriptors there are; what it opens next has their numbers, and is
    neither read nor written here.
    """

    def __init__(self, connected: socket.socket, piece_bytes: int = 1 << 16) -> None:
        self._socket = connected
        self._piece_bytes = piece_bytes
        self._file = _identity(connected.fileno())
        self._received = bytearray()

    def say(self, word: str, text: str = "") -> bool:
        """One line; False: nobody is there."""
        line = f"{word} {text}\n".encode("utf-8", "backslashreplace")
        with suppress(OSError):
            if self._is_ours():
                self._socket.sendall(line)
                return True
        return False

    def hear(self) -> tuple[str, str]:
        """The next line's word and text; "" when the other end has gone.

        TimeoutError: it says nothing for longer than the socket's own limit.
        """
        seen = 0
        while (end := self._received.find(b"\n", seen)) < 0:
            seen = len(self._received)
            part = b""
            try:
                if self._is_ours() and len(self._received) < MOST_LINE:
                    part = self._socket.recv(self._piece_bytes)
            except TimeoutError:
                raise
            except OSError:
                part = b""
            if not part:
                return "", ""
            self._received += part
        word, _, text = self._received[:end].decode("utf-8", "replace").partition(" ")
        del self._received[: end + 1]
        return word, text

    def close(self) -> None:
        if self._is_ours():
            self._socket.close()
        else:
            self._socket.detach()

    def _is_ours(self) -> bool:
        return _identity(self._socket.fileno()) == self._file


def _identity(fd: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    return status.st_dev, status.st_ino
