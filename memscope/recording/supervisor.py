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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from memscope.capture.packing import pack
from memscope.compiled import check_compiled
from memscope.errors import MemscopeError
from memscope.recording import child
from memscope.recording.background import MOST_EXECUTED, Program
from memscope.recording.followers import Followed, Followers
from memscope.recording.memorylimits import MemoryLimit
from memscope.recording.meta import describe, prefixes
from memscope.recording.native import check_native
from memscope.recording.outputs import open_output, place_output, usual_name
from memscope.recording.pressure import Pressure
from memscope.recording.sampling import check_budget, check_distance, distance_of, ppm_of
from memscope.recording.signals import BLOCKED, Relay
from memscope.recording.target import Target, check_target, command_of, main_of, name_of
from memscope.recording.usage import Usage, usage_of
from memscope.recording.watched import Watched, Watcher
from memscope.recording.witness import Witness

if TYPE_CHECKING:
    from memscope._recorder import Drain
    from memscope.capture.description import Project


_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}


SNAPSHOT_BUDGET = 0.02  # share of the run's time for snapshots at peaks


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to record; sample_bytes 0 is exact."""

    output: Path | None = None
    force: bool = False
    sample_bytes: int = 0
    budget: float = 0.0  # share of the program's CPU time; only above it is sampled; 0: none
    events: bool = False
    imports: bool = True
    objects: bool = True
    snapshot: bool = False
    snapshot_values: bool = False
    snapshot_budget: float = SNAPSHOT_BUDGET
    native: bool = False
    native_min_bytes: int = 0  # smaller native requests are only counted
    follow_fork: bool = False
    follow_exec: bool = False  # and what is forked, too
    user_code: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    project: Project | None = None

    @property
    def snapshot_budget_ppm(self) -> int:
        return ppm_of(self.snapshot_budget) if self.snapshot else 0

    @property
    def budget_ppm(self) -> int:
        return ppm_of(self.budget)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the program ended (one of status and signal is None), and where its capture is.

    path is None and problem says why in one line if the capture could not be written in full. Both
    are None if nothing of the program's began, since there is no such module. partial says what a
    capture lacks, if it lacks something. A signal meanwhile leaves it `unpacked`: as it was
    recorded, and larger.
    """

    status: int | None
    signal: int | None
    path: Path | None
    problem: str | None = None
    followed: Followed = field(default_factory=Followed)
    partial: str | None = None
    unpacked: bool = False


class Progress(Protocol):
    """Somebody who is told how much of a capture has been packed."""

    def __call__(self, done_bytes: int, whole_bytes: int) -> None: ...
    def stop(self) -> None: ...


def run(
    target: Target,
    options: RunOptions,
    watchers: Sequence[Watcher] = (),
    progress: Callable[[], Progress] | None = None,
) -> Outcome:
    """Record one run of a program. Raises MemscopeError before the program starts, never after.

    Watchers are given the recording while the program runs. Progress is made for the
    packing of the capture, and told of it.
    """
    from memscope import _recorder

    check_compiled(_recorder)
    check_target(target, options.output)
    check_budget(options.budget)
    if options.budget:  # to tell of objects costs as much again, also while it samples
        distance = distance_of(options.sample_bytes, options.budget)
        options = replace(options, sample_bytes=distance, objects=False)
    check_distance(options.sample_bytes)
    check_native(options.native, options.sample_bytes)
    this = _Run(target, _with_project(target, options))
    this.start_program()
    this.start_drain()
    with this.watched_by(watchers):
        ended = this.wait()
    this.finish(ended)
    this.pack(progress)
    return this.outcome(ended.status)


def _with_project(target: Target, options: RunOptions) -> RunOptions:
    """Whose code the program's is, by what is installed here: looked up before it starts."""
    from memscope.recording.projects import project_of

    site = prefixes()["site"]
    head = 0 if sys.flags.safe_path else 1  # the directory of our own script
    return replace(options, project=project_of(target, site, sys.path[head:]))


class _Run:
    """One run from its open files to its outcome; its methods are its steps, in order.

    What goes wrong after the program's start is kept in `problem`.
    """

    def __init__(self, target: Target, options: RunOptions) -> None:
        self.target = target
        self.options = options
        # The output's name holds the child's process id, which is not known before it runs: the
        # child waits for nothing, so the file gets its name once it exists.
        self.output_fd, self.draft = open_output(options.output, options.force)
        self.segment_fd = _make_segment(self.output_fd, self.draft)
        # Somebody may ask for a snapshot, whatever the program was started with.
        self.snapshot_fd = _make_snapshot() if options.objects else None
        self.followers: Followers | None = None
        if options.follow_fork or options.follow_exec:
            self.followers = Followers(
                Program(
                    options,
                    options.snapshot_budget_ppm,
                    command_of(target),
                    main_of(target),
                    name_of(target),
                    # The library that sees native memory is not preloaded there.
                    replace(options, native=False),
                ),
                executed=options.follow_exec,
            )
        self.drain: Drain | None = None
        self.problem: str | None = None
        self.partial: str | None = None
        self.unpacked = False
        self.nothing_ran = False
        self.followed = Followed()
        self.limit: MemoryLimit | None = None  # of memory, as of the last look
        self.pid = 0
        self.mask: set[int] = set()  # of signals, as this process was given it
        self.started = 0.0
        self.own_peak_kib = 0

    def start_program(self) -> None:
        far_fd = None if self.followers is None else self.followers.far_fd
        inherited = child.Inherited(self.segment_fd, far_fd, self.snapshot_fd)
        how = self.options
        recorded = child.ChildOptions(
            how.sample_bytes,
            how.objects,
            max(how.native_min_bytes, 1) if how.native else 0,
            " ".join(
                word
                for word, wanted in (("end", how.snapshot), ("values", how.snapshot_values))
                if wanted
            ),
            self._told_to_executed(),
            budgeted=how.budget > 0,
        )
        words = child.command_line(self.target, recorded, inherited)
        self.mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED))
        self.witness = Witness(words[1:])
        self.relay = Relay(self.witness)
        self.started = time.monotonic()
        try:
            self.pid = child.spawn(words, inherited.all, self.mask, how.native)
        except OSError as error:
            self.witness.stop()
            signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
            os.close(self.output_fd)
            self.draft.unlink(missing_ok=True)
            raise MemscopeError(f"the program could not be started: {error.strerror}") from error
        self.relay.begin(self.pid)
        self.own_peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if self.followers is not None:
            self.followers.started()

    def _told_to_executed(self) -> str:
        if self.followers is None or not self.followers.address:
            return ""
        how = self.options
        flags = f"{int(how.objects)}:{int(how.budget > 0)}"
        return f"{how.sample_bytes}:{flags}:{self.followers.address}"

    def start_drain(self) -> None:
        from memscope import _recorder

        target, options = self.target, self.options
        # What imports have left: 1.4 MiB. The program starts meanwhile.
        _recorder.give_back_memory()
        try:
            drain = _recorder.Drain(
                self.segment_fd,
                self.output_fd,
                describe(command_of(target), main_of(target), self.pid, options),
                sample_bytes=options.sample_bytes,
                budget_ppm=options.budget_ppm,
                keep_events=options.events,
                keep_imports=options.imports,
                native=options.native,
                pid=self.pid,
                snapshot=self.snapshot_fd or 0,
                snapshot_budget_ppm=options.snapshot_budget_ppm,
            )
            drain.start()
            self.drain = drain
        except (OSError, MemoryError, RuntimeError) as error:
            self.problem = f"recording could not start: {error}"
        os.close(self.segment_fd)
        if self.snapshot_fd is not None:
            os.close(self.snapshot_fd)

    @contextmanager
    def watched_by(self, watchers: Sequence[Watcher]) -> Iterator[None]:
        """Whoever cannot begin to watch is left out: the program runs already."""
        if self.drain is None or not watchers:
            yield
            return
        recording = Watched(
            drain=self.drain,
            pid=self.pid,
            command=tuple(command_of(self.target)),
            capture=self.draft,
            sample_bytes=self.options.sample_bytes,
            name=self._name(),
            children=None if self.followers is None else self.followers.children,
        )
        started = [watcher for watcher in watchers if _has_started(watcher, recording)]
        yield
        for watcher in started:
            watcher.stop()
            if isinstance(watcher, Pressure):
                self.limit = watcher.last

    def _name(self) -> Path:
        """What the capture is called at the end, without its suffix."""
        output = self.options.output
        if output is None:
            return self.draft.with_name(usual_name(name_of(self.target), self.pid))
        return output.with_name(output.name.removesuffix(".mscope"))

    def wait(self) -> child.Ended:
        ended = child.wait(self.pid, self.relay)
        self.witness.stop()
        # What came too late for the program is lost, as without us: it is not for this process.
        while signal.sigtimedwait(BLOCKED, 0) is not None:
            pass
        return ended

    def finish(self, ended: child.Ended) -> None:
        """Write what is left of the program and its followers. Signals wait until it is done."""
        if self.drain is not None:
            self.nothing_ran = self.drain.nothing_ran()
            wall_s = time.monotonic() - self.started
            usage = _usage(ended, self.drain, self.own_peak_kib * 1024)
            if self.followers is not None:
                self.followed = self.followers.stop()
            more: dict[str, Any] = {"refused": self.followed.refused}
            if self.options.follow_exec:
                more["executed"] = self.followed.executed.get(self.pid, ())[:MOST_EXECUTED]
                more["replacement_recorded"] = self.pid in chain(*self.followed.executed.values())
            if self.limit is not None:
                more["limit_bytes"] = self.limit.limit_bytes
                more["limit_source"] = self.limit.source
            exit_json = child.exit_json(ended.status, usage, wall_s, more)
            try:
                end = json.loads(self.drain.finish("exited", exit_json))
                self.partial = _what_is_missing(end)
            except (OSError, MemoryError) as error:
                reason = error.strerror if isinstance(error, OSError) else "out of memory"
                self.problem = f"the capture could not be written in full: {reason}"
        os.close(self.output_fd)

    def pack(self, progress: Callable[[], Progress] | None) -> None:
        """Make the capture smaller, unless a signal says that this takes too long."""
        if self.nothing_ran:
            self.problem = None
        elif self.problem is None:
            telling = progress() if progress is not None else None
            self.unpacked = not pack(self.draft, telling, _is_told_to_end)
            if telling is not None:
                telling.stop()
        while _is_told_to_end():  # whoever asks for the same again has been heard
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)

    def outcome(self, status: int) -> Outcome:
        """Name the capture and tell how the program ended."""
        path = self.draft
        if self.nothing_ran:
            path.unlink(missing_ok=True)
        elif self.options.output is None:
            path = place_output(self.draft, name_of(self.target), self.pid)
        problem = self.problem
        if problem is not None and path.exists():
            problem = f"{path}: {problem}"
        code = os.waitstatus_to_exitcode(status)
        return Outcome(
            status=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            path=None if problem or self.nothing_ran else path,
            problem=problem,
            followed=self.followed,
            partial=self.partial,
            unpacked=self.unpacked,
        )


def _has_started(watcher: Watcher, recording: Watched) -> bool:
    """Whether it could be: there may be no more threads, or descriptors."""
    try:
        watcher.start(recording)
    except (OSError, RuntimeError, MemoryError):
        return False
    return True


def _what_is_missing(end: dict[str, Any]) -> str | None:
    """What a capture with this run summary does not hold, if there is something."""
    if end.get("dropped_events"):
        return f"{end['dropped_events']:,} events were dropped, so all numbers are too low"
    if end.get("complete") is not True:
        return "the recorder could not take in everything before it ended"
    return None


def _is_told_to_end() -> bool:
    """Whether a key or another process wants this one to end; takes one such signal."""
    return signal.sigtimedwait(_ENDING, 0) is not None


def _usage(ended: child.Ended, drain: Drain, starter_peak_bytes: int) -> Usage:
    """What the program took itself, and not its children, nor a program that took its place."""
    seen_peak_bytes, seen_cpu_ns, replaced = drain.measured()
    usage = usage_of(ended.own, ended.total, seen_peak_bytes, starter_peak_bytes)
    if not replaced:
        return usage
    return replace(
        usage,
        cpu_s=seen_cpu_ns / 1e9,
        system_s=min(usage.system_s, seen_cpu_ns / 1e9),
        peak_resident_bytes=seen_peak_bytes,
        peak_resident_from="looks",
    )


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


def _make_snapshot() -> int | None:
    """A file for a snapshot of all objects. Without one there is no snapshot, and a capture."""
    from memscope import _recorder

    try:
        return _out_of_the_way(_recorder.snapshot_create())
    except OSError:
        return None


def _out_of_the_way(fd: int) -> int:
    """The same file under a number that no program expects to be its own or a standard stream."""
    lowest = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2, 512)
    higher = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest)
    os.close(fd)
    return higher
