"""Run a program as a child, record it, and finish its capture however it ends.

The child is this interpreter again, with the same flags, streams, environment and working
directory. Its events are drained in this process (docs/decisions): the recorded program keeps no
file open, and what it did up to its last moment is here even if it is killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from memscope.capture.packing import pack
from memscope.errors import MemscopeError
from memscope.followers import Followers
from memscope.recording import (
    SAMPLE_BYTES_MAX,
    describe,
    open_output,
    place_output,
    tallies_of,
)

if TYPE_CHECKING:
    from memscope._recorder import Drain

_BOOT = Path(__file__).with_name("_boot.py")

# Signals that end up here are meant for the program. Those the kernel sent to the whole foreground
# group (a key on the terminal) have reached it already.
_FORWARDED = {
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


@dataclass(frozen=True, slots=True)
class Target:
    """What to run: a script's path, a module's name or source text, and its arguments."""

    kind: Literal["file", "module", "command"]
    value: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to record; sample_bytes 0 is exact."""

    output: Path | None = None
    force: bool = False
    sample_bytes: int = 0
    events: bool = False
    imports: bool = True
    follow_fork: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the program ended (one of status and signal is None), and where its capture is.

    path is None and problem says why in one line if the capture could not be written in full.
    followed are the captures of forked children, with follow_fork.
    """

    status: int | None
    signal: int | None
    path: Path | None
    problem: str | None = None
    followed: tuple[Path, ...] = ()


class Watcher(Protocol):
    """Somebody who looks on while a program is being recorded."""

    def start(self, tallies: Callable[[], dict[str, int]]) -> None: ...
    def stop(self) -> None: ...


def run(target: Target, options: RunOptions, watcher: Watcher | None = None) -> Outcome:
    """Record one run of a program. Raises MemscopeError before the program starts, never after.

    A watcher is given a function that tells the counts and bytes so far.
    """
    check_target(target, options.output)
    if not 0 <= options.sample_bytes <= SAMPLE_BYTES_MAX:
        raise MemscopeError(f"the mean sampling distance must be 0 to {SAMPLE_BYTES_MAX} bytes")
    # The output's name holds the child's process id, which is not known before it runs: the child
    # waits for nothing, so the file gets its name once it exists.
    output_fd, draft = open_output(options.output, options.force)
    segment_fd = _make_segment(output_fd, draft)
    followers = None
    if options.follow_fork:
        followers = Followers(options, _command(target), _main(target), _name(target))
    inherited = [segment_fd] if followers is None else [segment_fd, followers.far_fd]
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED | {signal.SIGCHLD})
    started = time.monotonic()
    try:
        pid = _spawn(target, options, inherited, blocked)
        own_peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    except OSError as error:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        os.close(output_fd)
        draft.unlink(missing_ok=True)
        raise MemscopeError(f"the program could not be started: {error.strerror}") from error
    if followers is not None:
        followers.start()
    problem: str | None = None
    drain = None
    try:
        drain = _start_drain(target, options, pid, segment_fd, output_fd)
    except (OSError, MemoryError, RuntimeError) as error:
        problem = f"recording could not start: {error}"
    os.close(segment_fd)
    if watcher is not None and drain is not None:
        watcher.start(partial(tallies_of, drain, options.sample_bytes))
    status, usage = _wait(pid, blocked)
    if watcher is not None:
        watcher.stop()
    if drain is not None:
        try:
            drain.finish(
                "exited", _exit_json(status, usage, own_peak_kib, time.monotonic() - started)
            )
        except (OSError, MemoryError) as error:
            reason = error.strerror if isinstance(error, OSError) else "out of memory"
            problem = f"{draft}: the capture could not be written in full: {reason}"
    os.close(output_fd)
    followed = followers.stop() if followers is not None else ()
    if problem is None:
        pack(draft)
    path: Path | None = draft
    if options.output is None:
        path = place_output(draft, _name(target), pid)
    code = os.waitstatus_to_exitcode(status)
    return Outcome(
        status=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        path=None if problem else path,
        problem=problem,
        followed=followed,
    )


def _start_drain(
    target: Target, options: RunOptions, pid: int, segment_fd: int, output_fd: int
) -> Drain:
    from memscope import _recorder

    drain = _recorder.Drain(
        segment_fd,
        output_fd,
        describe(_command(target), _main(target), pid, options),
        sample_bytes=options.sample_bytes,
        keep_events=options.events,
        keep_imports=options.imports,
        pid=pid,
    )
    drain.start()
    return drain


def check_target(target: Target, output: Path | None = None) -> None:
    """Raise MemscopeError if a script is not there, surely no Python, or where the capture goes."""
    if target.kind != "file":
        return
    path = Path(target.value)
    if output is not None and output.exists() and path.exists() and output.samefile(path):
        raise MemscopeError("the capture would replace the script", output)
    if not path.exists():
        raise MemscopeError("there is no such script", path, "for a module use -m")
    if path.is_dir():
        if not (path / "__main__.py").exists() and not (path / "__main__.pyc").exists():
            raise MemscopeError("the directory holds no __main__.py", path)
        return
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise MemscopeError(f"the script cannot be read: {error.strerror}", path) from error
    archive_or_bytecode = start.startswith(b"PK") or path.suffix == ".pyc"
    if b"\0" in start and not archive_or_bytecode:
        raise MemscopeError("this is a binary file, not a Python script", path)


def _name(target: Target) -> str:
    """The script as people name it, for the capture's own name."""
    return {
        "file": Path(target.value).stem or "program",
        "module": target.value,
        "command": "command",
    }[target.kind]


def _main(target: Target) -> str:
    """What was started, as captures have it: a path, `-m name` or `-c`."""
    return {"file": target.value, "module": f"-m {target.value}", "command": "-c"}[target.kind]


def _command(target: Target) -> list[str]:
    switch = {"module": ["-m"], "command": ["-c"], "file": []}[target.kind]
    return ["python", *interpreter_flags(), *switch, target.value, *target.args]


def interpreter_flags() -> list[str]:
    """The flags this interpreter was started with, to be passed on: all before the target."""
    flags: list[str] = []
    words = iter(sys.orig_argv[1:])
    for word in words:
        if not word.startswith("-") or word in ("-", "--") or word[1] in "mc":
            break
        if word.startswith("--"):
            flags.append(word)
            if word == "--check-hash-based-pycs":
                flags.append(next(words, ""))
            continue
        # In a cluster of letters, m and c begin the target, and W and X take the rest or the next
        # word.
        for place, letter in enumerate(word[1:], 1):
            if letter in "mc":
                if place > 1:
                    flags.append(word[:place])
                return flags
            if letter in "WX":
                break
        flags.append(word)
        if word[-1] in "WX" and place == len(word) - 1:
            flags.append(next(words, ""))
    return flags


def _path0(target: Target) -> str:
    """What the interpreter would put at the head of sys.path."""
    if target.kind == "module":
        return os.getcwd()
    if target.kind == "command":
        return ""
    return os.path.dirname(os.path.realpath(target.value))


def _make_segment(output_fd: int, draft: Path) -> int:
    """A new segment; without one there is no capture either."""
    from memscope import _recorder

    try:
        return _out_of_the_way(_recorder.segment_create())
    except OSError as error:
        os.close(output_fd)
        draft.unlink(missing_ok=True)
        raise MemscopeError(
            f"no shared memory to record into: {error.strerror}", None, "see ulimit -f and -v"
        ) from error


def _out_of_the_way(fd: int) -> int:
    """The same file under a number that no program expects to be its own or a standard stream."""
    lowest = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2, 512)
    higher = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest)
    os.close(fd)
    return higher


def _spawn(target: Target, options: RunOptions, inherited: list[int], mask: set[int]) -> int:
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
        str(options.sample_bytes),
        str(len(flags)),
        target.kind,
        _path0(target),
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


def _wait(pid: int, mask: set[int]) -> tuple[int, resource.struct_rusage]:
    """Forward signals until the child is over; its wait status and resource usage."""
    waiting = _FORWARDED | {signal.SIGCHLD}
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


def _exit_json(status: int, usage: resource.struct_rusage, own_peak_kib: int, wall_s: float) -> str:
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
