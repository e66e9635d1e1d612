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
from contextlib import suppress
from pathlib import Path

from memscope.errors import MemscopeError
from memscope.recording import asked
from memscope.recording.memorylimits import SOURCES, MemoryLimit

BOOT_CAPTURES = 13  # of _boot.py's, before the program's own


def runtime_directory() -> Path:
    """This user's, whether it is there or not."""
    return Path(asked.runtime_directory())


def limit_of_line(line: bytes) -> MemoryLimit:
    """What a supervisor has told. Raises ValueError if it is no such line."""
    source, limit_bytes, used_bytes = line.decode().split()
    for known in SOURCES:
        if source == known:
            return MemoryLimit(known, int(limit_bytes), int(used_bytes))
    raise ValueError(f"{source!r} is no source of a limit")


def ask_for_capture(pid: int, fd: int, heap: bool = False) -> str:
    """Have a recording of this user's so far written into an empty file.

    `pid`: of the recorded process, of its supervisor, or of a forked child that is recorded, too.
    `heap`: with a snapshot of the program's objects as they are now. Why there is none is returned,
    else it is empty. Raises MemscopeError if there is no capture.
    """
    program, word = recorded_process(pid), asked.HEAP if heap else asked.CAPTURE
    parent = _recorded_parent(program)
    if parent:
        program, word = parent, asked.CHILD + str(pid).encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        try:
            asking.connect(str(runtime_directory() / str(program)))
            socket.send_fds(asking, [word], [fd])
            answer = b""
            while part := asking.recv(asked.MOST_ANSWER):
                answer += part
        except OSError:
            raise MemscopeError(
                f"process {pid} is not being recorded by `memscope run` of this user"
            ) from None
    told = answer.decode("utf-8", "replace")
    if told and not told.startswith(asked.NOTE):
        raise MemscopeError(told)
    if os.fstat(fd).st_size == 0:
        raise MemscopeError(f"process {pid} ended before the capture was written")
    if parent and heap:
        return "it is a forked child, which takes snapshots at new peaks alone"
    return told.removeprefix(asked.NOTE)


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
            asking.sendall(asked.DETACH)
            answer = asking.recv(asked.MOST_ANSWER)
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
