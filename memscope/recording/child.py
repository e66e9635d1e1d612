"""The recorded program as a child process: started like itself, told every signal, waited for."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress

from memscope.plain import dataclass, field
from memscope.recording.native import preload
from memscope.recording.signals import Relay
from memscope.recording.target import Target, interpreter_flags, path0_of
from memscope.recording.usage import OwnShare, Usage, own_share

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from typing import Any

FOLLOW_VARIABLE = b"MEMSCOPE_FOLLOW"
_BOOT = os.path.join(os.path.dirname(__file__), "_boot.py")


@dataclass(frozen=True, slots=True)
class Ended:
    """A child that is over: its wait status, its own share of what it took, and all of it."""

    status: int
    own: OwnShare | None
    total: resource.struct_rusage


@dataclass(frozen=True, slots=True)
class Inherited:
    """Descriptors that the child gets: the segment, the followers' end, the snapshot's file."""

    segment: int
    followers: int | None = None
    snapshot: int | None = None

    @property
    def all(self) -> list[int]:
        return [fd for fd in (self.segment, self.followers, self.snapshot) if fd is not None]


@dataclass(frozen=True, slots=True)
class ChildOptions:
    """What the child is told of how it is recorded."""

    sample_bytes: int
    objects: bool
    native: int = 0  # least bytes of a native block that is told by itself; 0: native memory is not
    snapshots: str = ""  # "end": one is taken at the end; "values": with the texts of keys
    budgeted: bool = field(default=False, kw_only=True)  # it samples only while it is asked to
    follow_exec: str = ""  # what executed programs are told; empty: they are not recorded


def command_line(
    target: Target, how: ChildOptions, inherited: Inherited, starters: str
) -> list[str]:
    """What is executed to run the program. `starters` is the file that has starts of processes."""
    from memscope import _recorder

    flags = interpreter_flags()
    extension = _recorder.__file__
    assert extension is not None
    return [
        sys.orig_argv[0],
        *flags,
        _BOOT,
        extension,
        starters,
        str(inherited.segment),
        "" if inherited.followers is None else str(inherited.followers),
        how.follow_exec,
        "" if inherited.snapshot is None else str(inherited.snapshot),
        how.snapshots,
        str(how.sample_bytes),
        "1" if how.objects else "",
        str(how.native),
        "1" if how.budgeted else "",
        str(len(flags)),
        target.kind,
        path0_of(target),
        target.value,
        *target.args,
    ]


def spawn(words: list[str], inherited: list[int], mask: set[int], native: bool) -> int:
    """Start it with these descriptors and this mask of signals; its process id.

    native: with the library that sees native memory.
    """
    environment = _environment()
    if native:
        preload(environment)
    for fd in inherited:
        os.set_inheritable(fd, True)
    try:
        return os.posix_spawn(
            sys.executable,
            words,
            environment,
            setsigmask=mask,
            setsigdef=_ignored_by_us(),
        )
    finally:
        for fd in inherited:
            os.set_inheritable(fd, False)


def _environment() -> dict[bytes, bytes]:
    """This process's environment as it was given to it.

    An interpreter that starts in the C locale sets LC_CTYPE (PEP 538); the program's own must find
    that to be done, or it would not turn on UTF-8 mode (PEP 540).
    """
    environment = dict(os.environb)
    with suppress(OSError):
        with open("/proc/self/environ", "rb") as file:
            given = file.read().split(b"\0")
        if not any(variable.startswith(b"LC_CTYPE=") for variable in given):
            environment.pop(b"LC_CTYPE", None)
    # This may be part of a program whose children are recorded; the program here is recorded here.
    environment.pop(FOLLOW_VARIABLE, None)
    return environment


def _ignored_by_us() -> list[int]:
    """Signals that this interpreter itself has set to be ignored at its start."""
    return [signal.SIGPIPE, signal.SIGXFSZ]


def wait(pid: int, relay: Relay) -> Ended:
    """Pass signals on until the child is over; how it ended and what it took."""
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        stopped = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG)
        if stopped is None:
            relay.step()
        elif _has_job_control():
            relay.stop_like_program(stopped.si_status)
    own = own_share(pid)  # not waited for yet, it can still be told from its children's
    _, status, usage = os.wait4(pid, 0)
    return Ended(status, own, usage)


def _has_job_control() -> bool:
    """Whether the parent is a shell that watches its jobs: it gave this process a group of its own.

    Anybody else who has the program stopped will have it continued, and nobody this process.
    """
    parent = os.getppid()
    try:
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgid(0)
    except OSError:
        return False


def exit_json(
    status: int, usage: Usage, wall_s: float, more: Mapping[str, Any] | None = None
) -> str:
    """A capture's EXIT object."""
    code = os.waitstatus_to_exitcode(status)
    told = {
        "status": code if code >= 0 else None,
        "signal": -code if code < 0 else None,
        "wall_s": round(wall_s, 6),
        **usage_json(usage),
        **(more or {}),
    }
    import json  # once the program is over: not beside it

    return json.dumps(told)


def usage_json(usage: Usage) -> dict[str, Any]:
    """The part of an EXIT object that says what the process took."""
    return {
        "cpu_s": round(usage.cpu_s, 6),
        "system_s": round(usage.system_s, 6),
        "peak_resident_bytes": usage.peak_resident_bytes,
        "peak_resident_from": usage.peak_resident_from,
        "minor_faults": usage.minor_faults,
        "waited": usage.waited,
        "waited_cpu_s": round(usage.waited_cpu_s, 6),
    }
