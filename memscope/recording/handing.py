"""Hands a run that has begun to a supervisor without Python, and takes over from it at the end.

    memscope run ── starts the program ── exec ──► cext/supervising/: drains, passes signals on,
                                                   answers requests, looks at memory limits
    cli/_finish.py packs and reports ◄─ starts ──┘ once the program is over, and ends as it did

An interpreter beside the program takes ten times the memory. Where it cannot be handed over the
supervisor goes on as it is (docs/decisions/0059-a-supervisor-without-python.md).
"""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import sys
from contextlib import suppress

from memscope.recording.executables import beside_recorder
from memscope.recording.target import interpreter_flags

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from memscope.recording.supervisor import StartedRun

_VARIABLE = b"_MEMSCOPE_HANDOVER"
_NUMBERS = struct.Struct("=25q")  # as cext/supervising/handover.h has them
_MOST_WORDS = 4096


def executable() -> str:
    """The supervisor without Python, whether it is there or not."""
    return beside_recorder("_supervisor")


def hand_over(run: StartedRun, state: bytes, script: str, limit_bytes: int | None) -> None:
    """Execute it in this process's place; comes back where that cannot be.

    In the end it has the script executed: with the numbers of two files, of which one holds `state`
    and the other what `handed.py` reads, and with this process's own words.
    """
    path = executable()
    told = signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL  # else nobody is told of the end
    if run.followers is not None or not told or not os.access(path, os.X_OK):
        return
    files: list[int] = []
    listening, socket = _listening(run.pid)
    try:
        files += [_file_of(state), _file_of(b"")]
        words = [sys.orig_argv[0], *interpreter_flags(), script, *map(str, files), *sys.argv[1:]]
        numbers = _numbers(run, files, listening, limit_bytes, len(words))
        files.append(_file_of(_packed(run, numbers, socket, words)))
        if len(words) <= _MOST_WORDS:
            _execute(path, run, files, listening)
    except OSError:
        pass
    for fd in files:
        os.close(fd)
    if listening >= 0:
        os.close(listening)
        with suppress(OSError):
            os.unlink(socket)


def _listening(pid: int) -> tuple[int, str]:
    """A socket for requests and its path; -1 and nothing where there can be none."""
    from memscope.recording.asked import listen

    listening, path = listen(pid)
    return (-1, "") if listening is None else (listening.detach(), path)


def _file_of(content: bytes) -> int:
    """A file without a name, under a number that is none of the standard streams'."""
    first = os.memfd_create("memscope")
    try:
        fd = fcntl.fcntl(first, fcntl.F_DUPFD, 3)
    finally:
        os.close(first)
    with open(fd, "wb", closefd=False) as file:
        file.write(content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _numbers(
    run: StartedRun, files: list[int], listening: int, limit_bytes: int | None, words: int
) -> list[int]:
    from memscope import _recorder

    how = run.options
    witness, records, news = run.witness.descriptors
    return [
        _recorder.INTERFACE,
        run.segment_fd,
        run.output_fd,
        -1 if run.snapshot_fd is None else run.snapshot_fd,
        *files,
        listening,
        run.pid,
        witness,
        records,
        news,
        run.relay.parent,
        how.sample_bytes,
        how.budget_ppm,
        how.snapshot_budget_ppm,
        how.events,
        how.imports,
        how.native,
        round(run.started * 1e9),
        run.own_peak_kib * 1024,
        limit_bytes or 0,
        how.snapshot,
        _as_signed(sum(1 << (number - 1) for number in run.mask)),
        words,
    ]


def _as_signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits


def _packed(run: StartedRun, numbers: list[int], socket: str, words: list[str]) -> bytes:
    from memscope.recording.interims import PACK

    meta = run.meta()
    with open("/proc/self/comm", "rb") as file:
        process = file.read().rstrip(b"\n")
    names = [run.name(), socket, sys.executable, PACK, *words]
    strings = b"\0".join([process, *map(os.fsencode, names)])
    return _NUMBERS.pack(*numbers, len(meta)) + strings + b"\0" + meta


def _execute(path: str, run: StartedRun, files: list[int], listening: int) -> None:
    """Only comes back by raising OSError."""
    kept = [*files, run.segment_fd, run.output_fd, run.snapshot_fd, listening]
    kept += run.witness.descriptors[1:]
    open_ones = [fd for fd in kept if fd is not None and fd >= 0]
    environment = {**os.environb, _VARIABLE: b"%d" % files[-1]}
    for fd in open_ones:
        os.set_inheritable(fd, True)
    try:
        os.execve(path, sys.orig_argv, environment)
    finally:
        for fd in open_ones:
            os.set_inheritable(fd, False)
