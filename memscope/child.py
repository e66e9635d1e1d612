"""The recorded program as a child process: started like itself, told every signal, waited for."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

from memscope.target import Target, interpreter_flags, path0_of

_BOOT = Path(__file__).with_name("_boot.py")

# Signals that end up here are meant for the program. Those the kernel sent to the whole foreground
# group (a key on the terminal) have reached it already.
FORWARDED = {
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGWINCH,
    signal.SIGCONT,
    signal.SIGIO,
}
_FROM_KERNEL = 0x80  # siginfo's si_code SI_KERNEL


def spawn(target: Target, sample_bytes: int, inherited: list[int], mask: set[int]) -> int:
    """Start it with these descriptors and this mask of signals; its process id."""
    from memscope import _recorder

    flags = interpreter_flags()
    value = target.value
    if target.kind == "command" and sys.version_info >= (3, 14):
        import textwrap

        value = textwrap.dedent(value)  # as the interpreter does since 3.14
    extension = _recorder.__file__
    assert extension is not None
    argv = [
        sys.orig_argv[0],
        *flags,
        str(_BOOT),
        extension,
        str(inherited[0]),
        str(inherited[1]) if len(inherited) > 1 else "",
        str(sample_bytes),
        str(len(flags)),
        target.kind,
        path0_of(target),
        value,
        *target.args,
    ]
    for fd in inherited:
        os.set_inheritable(fd, True)
    try:
        return os.posix_spawn(
            sys.executable,
            argv,
            _environment(),
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
        given = Path("/proc/self/environ").read_bytes().split(b"\0")
        if not any(variable.startswith(b"LC_CTYPE=") for variable in given):
            environment.pop(b"LC_CTYPE", None)
    return environment


def _ignored_by_us() -> list[int]:
    """Signals that this interpreter itself has set to be ignored at its start."""
    return [signal.SIGPIPE, signal.SIGXFSZ]


def wait(pid: int, mask: set[int]) -> tuple[int, resource.struct_rusage]:
    """Forward signals until the child is over; its wait status and resource usage."""
    waiting = FORWARDED | {signal.SIGCHLD}
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG | os.WUNTRACED)
        if done == pid and not os.WIFSTOPPED(status):
            break
        if done == pid:
            if _has_job_control():
                # Ctrl-Z: the shell is waiting for this process to stop, too.
                os.kill(os.getpid(), signal.SIGSTOP)
                os.kill(pid, signal.SIGCONT)
            continue
        info = signal.sigwaitinfo(waiting)
        if info.si_signo == signal.SIGCHLD:
            continue
        if info.si_code == _FROM_KERNEL and not _alone_hung_up(info.si_signo):
            continue
        try:
            os.kill(pid, info.si_signo)
        except ProcessLookupError:
            continue
    # What came too late for the program is lost, as without us: it is not for this process.
    while signal.sigtimedwait(waiting, 0) is not None:
        pass
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return status, usage


def _alone_hung_up(number: int) -> bool:
    """Whether a terminal that went away told this process only: the leader of its session."""
    return number == signal.SIGHUP and os.getsid(0) == os.getpid()


def _has_job_control() -> bool:
    """Whether the parent is a shell that watches its jobs: it gave this process a group of its own.

    Anybody else who has the program stopped will have it continued, and nobody this process.
    """
    parent = os.getppid()
    try:
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgid(0)
    except OSError:
        return False


def exit_json(status: int, usage: resource.struct_rusage, own_peak_kib: int, wall_s: float) -> str:
    # Until it ran a program of its own the child shared this process's memory, and the kernel
    # keeps the higher of the two peaks.
    peak_kib = usage.ru_maxrss if usage.ru_maxrss > own_peak_kib else 0
    code = os.waitstatus_to_exitcode(status)
    return json.dumps(
        {
            "status": code if code >= 0 else None,
            "signal": -code if code < 0 else None,
            "wall_s": round(wall_s, 6),
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 6),
            "system_s": round(usage.ru_stime, 6),
            "peak_resident_bytes": peak_kib * 1024,
            "minor_faults": usage.ru_minflt,
        }
    )
