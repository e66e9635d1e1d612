"""Run a program as a child, record it, and finish its capture however it ends.

The child is this interpreter again, with the same flags, streams, environment and working
directory. Its events are drained in this process (docs/decisions): the recorded program keeps no
file open, and what it did up to its last moment is here even if it is killed.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from memscope import child
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
from memscope.target import Target, check_target, command_of, main_of, name_of

if TYPE_CHECKING:
    from memscope._recorder import Drain


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
        followers = Followers(options, command_of(target), main_of(target), name_of(target))
    inherited = [segment_fd] if followers is None else [segment_fd, followers.far_fd]
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, child.FORWARDED | {signal.SIGCHLD})
    started = time.monotonic()
    try:
        pid = child.spawn(target, options.sample_bytes, inherited, blocked)
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
    status, usage = child.wait(pid, blocked)
    if watcher is not None:
        watcher.stop()
    if drain is not None:
        try:
            drain.finish(
                "exited", child.exit_json(status, usage, own_peak_kib, time.monotonic() - started)
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
        path = place_output(draft, name_of(target), pid)
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
        describe(command_of(target), main_of(target), pid, options),
        sample_bytes=options.sample_bytes,
        keep_events=options.events,
        keep_imports=options.imports,
        pid=pid,
    )
    drain.start()
    return drain


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
