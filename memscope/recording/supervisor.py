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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain

from memscope.errors import MemscopeError
from memscope.plain import dataclass, field, replace
from memscope.recording import child
from memscope.recording.finishing import Packed, is_told_to_end, pack_apart, pack_here
from memscope.recording.followed import Followed
from memscope.recording.metaprocess import with_process
from memscope.recording.outputs import beside, open_file, place_file, usual_name
from memscope.recording.pressure import Pressure
from memscope.recording.runoptions import Prepared, RunOptions
from memscope.recording.signals import BLOCKED, Relay
from memscope.recording.target import Target, command_of, main_of, name_of
from memscope.recording.usage import Usage, usage_of
from memscope.recording.watched import Watched
from memscope.recording.witness import Witness

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from memscope._recorder import Drain
    from memscope.recording.finishing import Progress
    from memscope.recording.followers import Followers
    from memscope.recording.handed import Handed
    from memscope.recording.memorylimits import MemoryLimit
    from memscope.recording.watched import Watcher

    Pack = Callable[[str, bytes, Callable[[], Progress] | None], Packed]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the program ended (one of status and signal is None), and where its capture is.

    path is None and problem says why in one line if the capture could not be written in full. Both
    are None if nothing of the program's began, since there is no such module. partial says what a
    capture lacks, if it lacks something. A signal meanwhile leaves it `unpacked`: as it was
    recorded, and larger. `started_others`: the program may have started processes.
    """

    status: int | None
    signal: int | None
    file: str | None
    problem: str | None = None
    followed: Followed = field(default_factory=Followed)
    partial: str | None = None
    unpacked: bool = False
    started_others: bool = False

    @property
    def path(self) -> Path | None:
        from pathlib import Path

        return None if self.file is None else Path(self.file)


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
    from memscope.recording.preparing import prepare

    return run_prepared(prepare(target, options), watchers, progress)


def run_prepared(
    prepared: Prepared,
    watchers: Sequence[Watcher] = (),
    progress: Callable[[], Progress] | None = None,
) -> Outcome:
    """The same of what is prepared already, here or in another process."""
    return record_started(start(prepared), watchers, progress)


def start(prepared: Prepared) -> StartedRun:
    """Start the program; nothing is taken of it yet."""
    this = StartedRun(prepared)
    this.start_program()
    return this


def record_started(
    this: StartedRun,
    watchers: Sequence[Watcher] = (),
    progress: Callable[[], Progress] | None = None,
) -> Outcome:
    """Record a program that was started."""
    this.start_drain()
    with this.watched_by(watchers):
        ended = this.wait()
    this.finish(ended)
    this.pack(progress)
    return this.outcome(ended.status)


class Ending:
    """What is done with a capture, and told of a run, once the program is over.

    What goes wrong after the program's start is kept in `problem`.
    """

    def __init__(self, prepared: Prepared, draft: str, pid: int = 0) -> None:
        self.prepared = prepared
        self.target: Target = prepared.target
        self.draft = draft
        self.pid = pid
        self.mask: set[int] = set()  # of signals, as this process was given it
        self.problem: str | None = None
        self.end = b""  # the run summary, as JSON
        self.finished = Packed()
        self.waited = False  # the program has, for a process that it started
        self.nothing_ran = False
        self.followed = Followed()

    def pack(self, progress: Callable[[], Progress] | None, pack: Pack = pack_apart) -> None:
        """Make the capture smaller, unless a signal says that this takes too long."""
        if self.nothing_ran:
            self.problem = None
        elif self.problem is None:
            self.finished = pack(self.draft, self.end, progress)
        while is_told_to_end():  # whoever asks for the same again has been heard
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)

    def outcome(self, status: int) -> Outcome:
        """Name the capture and tell how the program ended."""
        path = self.draft
        if self.nothing_ran:
            _remove(path)
        elif self.prepared.output is None:
            path = place_file(self.draft, name_of(self.target), self.pid)
        problem = self.problem
        if problem is not None and os.path.exists(path):
            problem = f"{path}: {problem}"
        code = os.waitstatus_to_exitcode(status)
        return Outcome(
            status=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            file=None if problem or self.nothing_ran else path,
            problem=problem,
            followed=self.followed,
            partial=self.finished.partial,
            unpacked=self.finished.unpacked,
            started_others=self.finished.started_others or self.waited,
        )


class StartedRun(Ending):
    """One run from its open files to its outcome; its methods are its steps, in order."""

    def __init__(self, prepared: Prepared) -> None:
        self.options: RunOptions = prepared.options
        # The output's name holds the child's process id, which is not known before it runs: the
        # child waits for nothing, so the file gets its name once it exists.
        options = prepared.options
        self.output_fd, draft = open_file(prepared.output, options.force)
        super().__init__(prepared, draft)
        self.segment_fd = _make_segment(self.output_fd, self.draft)
        # Somebody may ask for a snapshot, whatever the program was started with.
        self.snapshot_fd = _make_snapshot() if options.objects else None
        self.followers: Followers | None = None
        if options.follow_fork or options.follow_exec:
            self.followers = _followers(prepared)
        self.drain: Drain | None = None
        self.limit: MemoryLimit | None = None  # of memory, as of the last look
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
        target = replace(self.target, value=self.prepared.value)
        words = child.command_line(target, recorded, inherited, self.prepared.starters)
        self.mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED))
        self.witness = Witness(words)
        self.relay = Relay(self.witness)
        self.started = time.monotonic()
        try:
            self.pid = child.spawn(words, inherited.all, self.mask, how.native)
        except OSError as error:
            self.witness.stop()
            signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
            os.close(self.output_fd)
            _remove(self.draft)
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

        options = self.options
        # What imports have left: 1.4 MiB. The program starts meanwhile.
        _recorder.give_back_memory()
        try:
            drain = _recorder.Drain(
                self.segment_fd,
                self.output_fd,
                self.meta(),
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

    def meta(self) -> bytes:
        return with_process(self.prepared.meta, self.pid)

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
            files=(self.draft, self.name()),
            sample_bytes=self.options.sample_bytes,
            children=None if self.followers is None else self.followers.children,
        )
        started = [watcher for watcher in watchers if _has_started(watcher, recording)]
        yield
        for watcher in started:
            watcher.stop()
            if isinstance(watcher, Pressure):
                self.limit = watcher.last

    def name(self) -> str:
        """What the capture is called at the end, without its suffix."""
        output = self.prepared.output
        if output is None:
            return beside(self.draft, usual_name(name_of(self.target), self.pid))
        return output.removesuffix(".mscope")

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
            self.waited = usage.waited
            if self.followers is not None:
                self.followed = self.followers.stop()
            more: dict[str, Any] = {"refused": self.followed.refused}
            if self.options.follow_exec:
                from memscope.recording.background import MOST_EXECUTED

                more["executed"] = self.followed.executed.get(self.pid, ())[:MOST_EXECUTED]
                more["replacement_recorded"] = self.pid in chain(*self.followed.executed.values())
            if self.limit is not None:
                more["limit_bytes"] = self.limit.limit_bytes
                more["limit_source"] = self.limit.source
            exit_json = child.exit_json(ended.status, usage, wall_s, more)
            try:
                self.end = self.drain.finish("exited", exit_json)
            except (OSError, MemoryError) as error:
                reason = error.strerror if isinstance(error, OSError) else "out of memory"
                self.problem = f"the capture could not be written in full: {reason}"
        os.close(self.output_fd)


def _followers(prepared: Prepared) -> Followers:
    # Not above: who records no children needs nothing of it.
    from memscope.recording.background import Program
    from memscope.recording.followers import Followers

    target, options = prepared.target, prepared.options
    return Followers(
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


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _has_started(watcher: Watcher, recording: Watched) -> bool:
    """Whether it could be: there may be no more threads, or descriptors."""
    try:
        watcher.start(recording)
    except (OSError, RuntimeError, MemoryError):
        return False
    return True


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


def _make_segment(output_fd: int, draft: str) -> int:
    """A new segment; without one there is no capture either."""
    from memscope import _recorder

    try:
        return _out_of_the_way(_recorder.segment_create())
    except OSError as error:
        os.close(output_fd)
        _remove(draft)
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


def outcome_of(ending: Ending, told: Handed, progress: Callable[[], Progress] | None) -> Outcome:
    """Of a run that a supervisor without Python has recorded."""
    ending.problem = told.problem or None
    ending.waited, ending.nothing_ran, ending.end = told.waited, told.nothing_ran, told.summary
    ending.pack(progress, pack_here)
    return ending.outcome(told.status)
