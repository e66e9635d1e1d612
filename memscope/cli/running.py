"""What `memscope run` does once its command line is read: records, reports, ends as the program.

The supervisor has this in memory while the program runs. So it imports no more than it needs then.
"""

from __future__ import annotations

import marshal
import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from memscope.cli.interims import interim_captures, say_problems
from memscope.cli.pressure import lines_of_pressure
from memscope.cli.saying import say
from memscope.recording.supervisor import Ending, outcome_of, record_started, start

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, NoReturn

    from memscope.cli.telling import Telling
    from memscope.recording.finishing import Progress
    from memscope.recording.followed import Followed
    from memscope.recording.pressure import Pressure
    from memscope.recording.runoptions import Prepared
    from memscope.recording.supervisor import Outcome, StartedRun
    from memscope.recording.watched import Watcher

# Captures of forked children that are told one by one.
MOST_NAMED = 6
_FINISH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_finish.py")


def record(
    prepared: Prepared,
    how: Telling,
    watchers: Sequence[Watcher] = (),
    first: Sequence[Watcher] = (),
    *,
    alone: bool = False,
) -> NoReturn:
    """Run and record the program, and end as it ends. `first` are those that stop first.

    `alone`: this process is the command's own, and nothing else is in it.
    """
    _take_interrupts()
    run = start(prepared)
    if alone and how.every_s is None and _is_own_process():
        _hand_over(run, how)
    pressure, writers = interim_captures(
        how.every_s, how.keep, how.limit_bytes, snapshots=prepared.options.snapshot
    )
    everybody = [*first, *writers, *watchers]
    outcome = record_started(run, everybody, None if how.quiet else _progress)
    _tell(outcome, everybody, pressure, how)
    _end_like(outcome)


def _take_interrupts() -> None:
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def _is_own_process() -> bool:
    """Whether this interpreter was started for the command, and not by somebody who calls it."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None:
        return bool(spec.name == "memscope.__main__")
    name = sys.argv[0] if sys.argv else ""
    return os.path.basename(name) == "memscope" and name in sys.orig_argv


def _hand_over(run: StartedRun, how: Telling) -> None:
    """To a supervisor without Python. Comes back where this one is to go on."""
    from memscope.recording.handing import hand_over
    from memscope.recording.runoptions import as_plain

    telling = (how.quiet, how.no_summary, how.every_s, how.keep, how.limit_bytes)
    ending = (run.draft, run.pid, [*map(int, run.mask)])
    state = marshal.dumps(
        ([str(each) for each in sys.path], (as_plain(run.prepared), telling, ending))
    )
    hand_over(run, state, _FINISH, how.limit_bytes)


def finish_handed(told: tuple[Any, ...], result: int) -> NoReturn:
    """Pack and report what a supervisor without Python has recorded; it ends as the program did."""
    from pathlib import Path

    from memscope.cli.telling import Telling
    from memscope.recording.handed import handed
    from memscope.recording.pressure import Pressure
    from memscope.recording.runoptions import of_plain

    prepared, telling, (draft, pid, mask) = told
    how = Telling(*telling)
    _take_interrupts()
    ending = Ending(of_plain(prepared), draft, pid)
    ending.mask = set(mask)
    done = handed(result)
    outcome = outcome_of(ending, done, None if how.quiet else _progress)
    pressure = Pressure(how.limit_bytes, snapshots=ending.prepared.options.snapshot)
    pressure.last, pressure.nearest, pressure.killed = done.last, done.nearest, done.killed
    pressure.written = [*map(Path, done.written)]
    pressure.problem = done.interim_problem
    _tell(outcome, [pressure], pressure, how)
    _flush()
    os._exit(0)


def _tell(outcome: Outcome, everybody: Sequence[Watcher], pressure: Pressure, how: Telling) -> None:
    # Whatever happens from here on, the program's own end is what counts.
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)
        say_problems(everybody)
        _report(outcome, quiet=how.quiet, no_summary=how.no_summary)
        _say_of_limits(outcome, pressure)
    except KeyboardInterrupt:
        say(f"the summary was interrupted; the capture is {outcome.path}")
    except Exception as error:
        say(f"the summary could not be printed: {error or type(error).__name__}")


def _progress() -> Progress:
    from memscope.cli.progress import ReadingProgress

    return ReadingProgress("packing")


def _interrupt(number: int, frame: object) -> NoReturn:
    """Once only: what is said then, and the end, are not interrupted."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _report(outcome: Outcome, *, quiet: bool, no_summary: bool) -> None:
    if outcome.problem is not None:
        say(outcome.problem)
    if outcome.partial is not None and (quiet or no_summary or outcome.unpacked):
        say(f"{outcome.path}: the capture is partial: {outcome.partial}")
    if outcome.unpacked:
        say(f"interrupted while the capture was made smaller; it stays as it was: {outcome.path}")
        return
    if outcome.path is None:
        return
    if quiet:
        _say_what_is_lost(outcome.followed)
        _say_what_is_unrecorded(outcome, briefly=True)
        return
    _say_what_is_followed(outcome.followed)
    if no_summary:
        say(f"the capture is {outcome.path}")
        _say_what_is_unrecorded(outcome)
        return
    from memscope.analysis.summary import summarize
    from memscope.cli.answer import open_capture
    from memscope.cli.usercode import say_unmatched
    from memscope.reports.terminal.elements import make_console
    from memscope.reports.terminal.summary import print_summary

    with open_capture(_from_here(outcome.path)) as capture:
        print_summary(make_console(stderr=True), summarize(capture, made_of=True))
        say_unmatched(capture)


def _say_of_limits(outcome: Outcome, pressure: Pressure) -> None:
    if outcome.path is not None:
        for line in lines_of_pressure(pressure, outcome, outcome.path):
            say(line)


def _say_what_is_followed(followed: Followed) -> None:
    if followed.captures:
        more = len(followed.captures) - MOST_NAMED
        names = ", ".join(str(_from_here(path)) for path in followed.captures[:MOST_NAMED])
        names += f" and {more} more of that kind" if more > 0 else ""
        say(f"{'' if followed.executed else 'forked '}children are in {names}")
    if followed.running:
        pids = ", ".join(map(str, followed.running))
        kind = "children" if followed.executed else "forked children"
        say(f"still recorded, each with a capture when it ends: {kind} {pids}")
    _say_what_is_lost(followed)


def _say_what_is_lost(followed: Followed) -> None:
    if followed.lost:
        say("the recorder of forked children has gone; their captures end there")


def _say_what_is_unrecorded(outcome: Outcome, *, briefly: bool = False) -> None:
    if not (outcome.started_others or outcome.followed.refused) or outcome.path is None:
        return
    from memscope.analysis.processes import unrecorded_processes
    from memscope.cli.answer import open_capture
    from memscope.reports.processes import unrecorded_line, unrecorded_lines

    with open_capture(outcome.path) as capture:
        unrecorded = unrecorded_processes(capture.end, capture.exit)
    in_one = unrecorded_line(unrecorded)
    if in_one is not None:
        for line in [in_one] if briefly else unrecorded_lines(unrecorded):
            say(line)


def _from_here(path: Path) -> Path:
    """As short as the next command may name it: relative to where we are, if it is below."""
    try:
        return path.relative_to(os.getcwd())
    except (OSError, ValueError):
        return path


def _end_like(outcome: Outcome) -> NoReturn:
    """Ends this process as the program ended: with its status, or by the same signal."""
    _flush()
    if outcome.signal is not None:
        # The program has left its own core dump, if any; a second one would be of memscope.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if outcome.signal not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(outcome.signal, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {outcome.signal})
        os.kill(os.getpid(), outcome.signal)
        # Still here: the signal's default is to do nothing.
        os._exit(128 + outcome.signal)
    # Not sys.exit: a stream that cannot be flushed at exit would change the status.
    os._exit(outcome.status or 0)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is None:  # closed before we were started
            continue
        with suppress(OSError, ValueError):
            stream.flush()
