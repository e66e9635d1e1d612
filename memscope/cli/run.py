"""`memscope run`: runs a program, records it, prints the summary and ends as the program ended."""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from memscope.cli.interims import interim_captures, say_problems
from memscope.cli.live import LiveLine
from memscope.cli.pressure import lines_of_pressure
from memscope.cli.progress import ReadingProgress
from memscope.cli.pushoptions import PushOptions, pushers, run_options
from memscope.cli.quantities import (
    labels_of,
    limit_of,
    seconds_of,
    share_of_time,
    size_in_bytes,
)
from memscope.cli.recordingoptions import (
    budget_option,
    force_option,
    no_summary_option,
    objects_option,
    output_option,
    sample_option,
)
from memscope.cli.serving import DEFAULT_ADDRESS, is_address, services
from memscope.cli.usercode import say_unmatched, user_code_option
from memscope.errors import MemscopeError, one_line

if TYPE_CHECKING:
    from memscope.recording.followers import Followed
    from memscope.recording.pressure import Pressure
    from memscope.recording.supervisor import Outcome
    from memscope.recording.target import Target
    from memscope.recording.watched import Watcher

# Captures of forked children that are told one by one.
MOST_NAMED = 6


class RunCommand(click.Command):
    """Takes options up to the program; everything after it is the program's, as with python."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            own, ctx.obj = self.split(args)
        except click.UsageError as error:
            error.ctx = ctx
            raise
        return super().parse_args(ctx, own)

    def split(self, args: list[str]) -> tuple[list[str], tuple[str, str, list[str]] | None]:
        """Our own options, and (kind, value, arguments) of the program if one is named."""
        takes_value = {
            name: not option.is_flag
            for option in self.params
            if isinstance(option, click.Option)
            for name in option.opts
        }
        index = 0
        while index < len(args):
            word = args[index]
            if word == "--" or not word.startswith("-") or word == "-":
                script = args[index + 1 :] if word == "--" else args[index:]
                program = ("file", script[0], script[1:]) if script else None
                return args[:index], program
            if word == "--serve":
                index += 2 if is_address(*args[index + 1 : index + 2]) else 1
                continue
            if word.startswith("--"):
                index += 2 if takes_value.get(word, False) else 1
                continue
            found = self._cluster(args, index, takes_value)
            if not isinstance(found, int):
                return found
            index = found
        return args, None

    def _cluster(
        self, args: list[str], index: int, takes_value: dict[str, bool]
    ) -> int | tuple[list[str], tuple[str, str, list[str]]]:
        """Goes through short options written as one word: the program, or where to go on."""
        word = args[index]
        for place, letter in enumerate(word[1:], 1):
            if letter in "mc":
                rest = [word[place + 1 :]] if word[place + 1 :] else []
                rest += args[index + 1 :]
                if not rest:
                    raise click.UsageError(f"-{letter} needs a value.")
                own = args[:index] + ([word[:place]] if place > 1 else [])
                return own, ("module" if letter == "m" else "command", rest[0], rest[1:])
            if takes_value.get(f"-{letter}", False):
                return index + (1 if word[place + 1 :] else 2)
        return index + 1

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS]", "(SCRIPT | -m MODULE | -c CODE)", "[ARGS]..."]


def _may_take_snapshots(objects: bool, budget: float | None) -> None:
    """UsageError where no snapshot can be taken."""
    if budget:
        raise click.UsageError("--snapshot is of objects, of which --budget does not tell.")
    if not objects:
        raise click.UsageError("--snapshot is of objects: it goes without --no-objects.")


@click.command("run", cls=RunCommand)
@output_option
@force_option
@click.option("-q", "--quiet", is_flag=True, help="Say only what fails or was not recorded.")
@no_summary_option
@sample_option
@budget_option
@click.option("--events", is_flag=True, help="Keep every single event: a large capture.")
@click.option("--no-imports", is_flag=True, help="Leave out what importing modules allocates.")
@objects_option
@click.option(
    "--snapshot",
    is_flag=True,
    help="Take a snapshot of all objects at the end, for `holders` and `why`.",
)
@click.option(
    "--snapshot-values",
    is_flag=True,
    help="As --snapshot, with the texts of all keys: they may be secret.",
)
@click.option(
    "--snapshot-budget",
    metavar="SHARE",
    callback=share_of_time,
    help="As --snapshot; the share of the run's time for more of them, at peaks.  [default: 2%]",
)
@click.option("--native", is_flag=True, help="Record what C code requests, too: malloc and mmap.")
@click.option(
    "--native-min",
    "native_min_bytes",
    default="0",
    metavar="BYTES",
    callback=size_in_bytes,
    help="As --native, but only count requests of malloc below BYTES.",
)
@click.option("--follow-fork", is_flag=True, help="Record forked children, too.")
@click.option(
    "--follow-exec",
    is_flag=True,
    help="Record forked children, and the Pythons that the program starts: spawn, subprocess.",
)
@user_code_option
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="KEY=VALUE",
    callback=labels_of,
    help="What the capture is told apart by, as version=1.4; may be given several times.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Show live memory in a line while it runs, on a terminal; `memscope top` shows more.",
)
@click.option(
    "--serve",
    "address",
    is_flag=False,
    flag_value=DEFAULT_ADDRESS,
    metavar="[ADDR]",
    help="Answer over HTTP while it runs: profiles, metrics, captures.  "
    f"[default: {DEFAULT_ADDRESS}]",
)
@click.option(
    "--serve-token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answer only who has the token in FILE, or in $MEMSCOPE_SERVE_TOKEN.",
)
@run_options
@click.option(
    "--every",
    metavar="TIME",
    callback=seconds_of,
    help="Write a capture of the run so far each TIME: 30s, 10m, 2h.",
)
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=24,
    metavar="N",
    help="How many of these are kept, the newest.  [default: 24]",
)
@click.option(
    "--limit",
    "limit_bytes",
    metavar="SIZE",
    callback=limit_of,
    help="Write captures at 80 and 90% of so much resident memory, such as 512MB.",
)
@click.pass_obj
def command(
    program: tuple[str, str, list[str]] | None,
    *,
    output: Path | None,
    force: bool,
    quiet: bool,
    no_summary: bool,
    sample_bytes: int,
    budget: float | None,
    events: bool,
    no_imports: bool,
    objects: bool,
    snapshot: bool,
    snapshot_values: bool,
    snapshot_budget: float | None,
    native: bool,
    native_min_bytes: int,
    follow_fork: bool,
    follow_exec: bool,
    user_code: tuple[str, ...],
    labels: dict[str, str],
    live: bool,
    address: str | None,
    serve_token_file: Path | None,
    every: float | None,
    keep: int,
    limit_bytes: int | None,
    push: PushOptions | None,
) -> NoReturn:
    """Run a program and record every allocation.

    Options of memscope come before the program; all that follows it is the program's own. Its
    output, its input and its exit status are its own too: memscope speaks on stderr alone.
    """
    if program is None:
        raise click.UsageError("Name a SCRIPT, -m MODULE or -c CODE to run.")
    snapshot = snapshot or snapshot_values or snapshot_budget is not None
    if snapshot:
        _may_take_snapshots(objects, budget)
    try:
        from memscope.recording.supervisor import SNAPSHOT_BUDGET, RunOptions, run
    except ImportError as error:
        raise MemscopeError(
            f"the recorder cannot be loaded: {error}", None, "was the extension built?"
        ) from None
    options = RunOptions(
        output=output,
        force=force,
        sample_bytes=sample_bytes,
        budget=budget or 0.0,
        events=events,
        imports=not no_imports,
        objects=objects,
        snapshot=snapshot,
        snapshot_values=snapshot_values,
        snapshot_budget=SNAPSHOT_BUDGET if snapshot_budget is None else snapshot_budget,
        native=native or native_min_bytes > 0,
        native_min_bytes=native_min_bytes,
        follow_fork=follow_fork,
        follow_exec=follow_exec,
        user_code=_named(user_code),
        labels=labels,
    )
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    watchers: list[Watcher] = [LiveLine()] if live else []
    pressure, writers = interim_captures(every, keep, limit_bytes, snapshots=snapshot)
    watchers += [*writers, *services(address, serve_token_file, limit_bytes, quiet=quiet)]
    watchers += pushers(push, _service_of(*program), labels)
    outcome = run(
        _target(*program),
        options,
        watchers,
        None if quiet else partial(ReadingProgress, "packing"),
    )
    # Whatever happens from here on, the program's own end is what counts.
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)
        say_problems(watchers)
        _report(outcome, quiet=quiet, no_summary=no_summary)
        _say_of_limits(outcome, pressure)
    except KeyboardInterrupt:
        _say(f"the summary was interrupted; the capture is {outcome.path}")
    except Exception as error:
        _say(f"the summary could not be printed: {error or type(error).__name__}")
    _end_like(outcome)


def _service_of(kind: str, value: str, arguments: list[str]) -> str:
    """What a program without the label `service` is called."""
    return {"module": value, "command": "command"}.get(kind) or Path(value).stem


def _interrupt(number: int, frame: object) -> NoReturn:
    """Once only: what is said then, and the end, are not interrupted."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _named(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words:
        return ()
    from memscope.recording.projects import named

    return named(words)


def _target(kind: str, value: str, arguments: list[str]) -> Target:
    from memscope.recording.target import Target

    if kind == "module":
        return Target("module", value, tuple(arguments))
    return Target("command" if kind == "command" else "file", value, tuple(arguments))


def _report(outcome: Outcome, *, quiet: bool, no_summary: bool) -> None:
    if outcome.problem is not None:
        _say(outcome.problem)
    if outcome.partial is not None and (quiet or no_summary or outcome.unpacked):
        _say(f"{outcome.path}: the capture is partial: {outcome.partial}")
    if outcome.unpacked:
        _say(f"interrupted while the capture was made smaller; it stays as it was: {outcome.path}")
        return
    if outcome.path is None:
        return
    if quiet:
        _say_what_is_lost(outcome.followed)
        _say_what_is_unrecorded(outcome.path, briefly=True)
        return
    _say_what_is_followed(outcome.followed)
    if no_summary:
        _say(f"the capture is {outcome.path}")
        _say_what_is_unrecorded(outcome.path)
        return
    from memscope.analysis.summary import summarize
    from memscope.cli.answer import open_capture
    from memscope.reports.terminal.elements import make_console
    from memscope.reports.terminal.summary import print_summary

    with open_capture(_from_here(outcome.path)) as capture:
        print_summary(make_console(stderr=True), summarize(capture, made_of=True))
        say_unmatched(capture)


def _say_of_limits(outcome: Outcome, pressure: Pressure) -> None:
    if outcome.path is not None:
        for line in lines_of_pressure(pressure, outcome, outcome.path):
            _say(line)


def _say_what_is_followed(followed: Followed) -> None:
    if followed.captures:
        more = len(followed.captures) - MOST_NAMED
        names = ", ".join(str(_from_here(path)) for path in followed.captures[:MOST_NAMED])
        names += f" and {more} more of that kind" if more > 0 else ""
        _say(f"{'' if followed.executed else 'forked '}children are in {names}")
    if followed.running:
        pids = ", ".join(map(str, followed.running))
        kind = "children" if followed.executed else "forked children"
        _say(f"still recorded, each with a capture when it ends: {kind} {pids}")
    _say_what_is_lost(followed)


def _say_what_is_lost(followed: Followed) -> None:
    if followed.lost:
        _say("the recorder of forked children has gone; their captures end there")


def _say_what_is_unrecorded(path: Path, *, briefly: bool = False) -> None:
    from memscope.analysis.processes import unrecorded_processes
    from memscope.cli.answer import open_capture
    from memscope.reports.processes import unrecorded_line, unrecorded_lines

    with open_capture(path) as capture:
        unrecorded = unrecorded_processes(capture.end, capture.exit)
    in_one = unrecorded_line(unrecorded)
    if in_one is not None:
        for line in [in_one] if briefly else unrecorded_lines(unrecorded):
            _say(line)


def _from_here(path: Path) -> Path:
    """As short as the next command may name it: relative to where we are, if it is below."""
    try:
        return path.relative_to(Path.cwd())
    except (OSError, ValueError):
        return path


def _say(line: str) -> None:
    try:
        click.echo(f"memscope: {one_line(line)}", err=True)
    except OSError:
        return  # stderr is gone, and with it everyone to be told


def _end_like(outcome: Outcome) -> NoReturn:
    """Ends this process as the program ended: with its status, or by the same signal."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:  # closed before we were started
            continue
        with suppress(OSError, ValueError):
            stream.flush()
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
