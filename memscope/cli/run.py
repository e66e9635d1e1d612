"""`memscope run`: runs a program, records it, prints the summary and ends as the program ended."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from memscope.cli.live import LiveLine
from memscope.errors import MemscopeError, one_line

if TYPE_CHECKING:
    from memscope.supervisor import Outcome
    from memscope.target import Target

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?", re.IGNORECASE)
_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


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


def size_in_bytes(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """`65536`, `64K`, `64 KiB`, `64KB`: K is 1024 in every spelling."""
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise click.BadParameter(f"{value!r} is no size: write 65536 or 64KiB")
    return round(float(match[1]) * _FACTORS[match[2].upper()])


@click.command("run", cls=RunCommand)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the capture goes.  [default: memscope-<script>-<pid>.mscope]",
)
@click.option("-f", "--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something fails.")
@click.option("--no-summary", is_flag=True, help="Only say where the capture is.")
@click.option(
    "--sample",
    "sample_bytes",
    default="0",
    metavar="BYTES",
    callback=size_in_bytes,
    help="Mean bytes between samples; 0 records everything, exactly.  [default: 0]",
)
@click.option("--events", is_flag=True, help="Keep every single event: a large capture.")
@click.option("--no-imports", is_flag=True, help="Leave out what importing modules allocates.")
@click.option("--follow-fork", is_flag=True, help="Record forked children, too.")
@click.option("--live", is_flag=True, help="Show live memory while it runs, on a terminal.")
@click.pass_obj
def command(
    program: tuple[str, str, list[str]] | None,
    *,
    output: Path | None,
    force: bool,
    quiet: bool,
    no_summary: bool,
    sample_bytes: int,
    events: bool,
    no_imports: bool,
    follow_fork: bool,
    live: bool,
) -> NoReturn:
    """Run a program and record every allocation.

    Options of memscope come before the program; all that follows it is the program's own. Its
    output, its input and its exit status are its own too: memscope speaks on stderr alone.
    """
    if program is None:
        raise click.UsageError("Name a SCRIPT, -m MODULE or -c CODE to run.")
    try:
        from memscope.supervisor import RunOptions, run
    except ImportError as error:
        raise MemscopeError(
            f"the recorder cannot be loaded: {error}", None, "was the extension built?"
        ) from None
    options = RunOptions(
        output=output,
        force=force,
        sample_bytes=sample_bytes,
        events=events,
        imports=not no_imports,
        follow_fork=follow_fork,
    )
    outcome = run(_target(*program), options, LiveLine() if live else None)
    # Whatever happens from here on, the program's own end is what counts.
    try:
        _report(outcome, quiet=quiet, no_summary=no_summary)
    except KeyboardInterrupt:
        pass
    except Exception as error:
        _say(f"the summary could not be printed: {error or type(error).__name__}")
    _end_like(outcome)


def _target(kind: str, value: str, arguments: list[str]) -> Target:
    from memscope.target import Target

    if kind == "module":
        return Target("module", value, tuple(arguments))
    return Target("command" if kind == "command" else "file", value, tuple(arguments))


def _report(outcome: Outcome, *, quiet: bool, no_summary: bool) -> None:
    if outcome.problem is not None:
        _say(outcome.problem)
    if outcome.path is None or quiet:
        return
    if outcome.followed:
        _say(f"forked children are in {', '.join(map(str, outcome.followed))}")
    if no_summary:
        _say(f"the capture is {outcome.path}")
        return
    from memscope.analysis.summary import summarize
    from memscope.cli.answer import open_capture
    from memscope.reports.terminal.elements import make_console
    from memscope.reports.terminal.summary import print_summary

    with open_capture(_from_here(outcome.path)) as capture:
        print_summary(make_console(stderr=True), summarize(capture))


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
