"""`memscope top`: what a recorded program holds now and what grows, while it runs."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import click

from memscope.analysis.pace import PACE_BYS, PACE_GROUPS, PaceBy, PaceGroup
from memscope.cli.answer import one_object
from memscope.cli.quantities import seconds_of
from memscope.cli.selecting import compiled
from memscope.cli.topview import TopView, follow
from memscope.errors import MemscopeError, one_line
from memscope.plain import replace
from memscope.recording.control import recorded_process, recorded_processes
from memscope.reports.terminal.elements import make_console
from memscope.reports.terminal.top import screen_lines


@click.command("top")
@click.argument("pid", metavar="[PID]", type=click.IntRange(1), required=False)
@click.option(
    "--by",
    type=click.Choice(PACE_BYS),
    default="live",
    show_default=True,
    help="What to sort by: live bytes, their growth, or what is asked for per second.",
)
@click.option(
    "--group",
    type=click.Choice(PACE_GROUPS),
    default="own",
    show_default=True,
    help="What a row is. own: the line of your code that had it done.",
)
@click.option("--filter", "pattern", callback=compiled, metavar="REGEX", help="Only such rows.")
@click.option(
    "--every", default="2s", show_default=True, callback=seconds_of, metavar="TIME", help="A step."
)
@click.option(
    "-n",
    "limit",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    help="Rows to print if standard output is not a terminal; 0 for all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object after one step.")
def command(
    *,
    pid: int | None,
    by: PaceBy,
    group: PaceGroup,
    pattern: re.Pattern[str] | None,
    every: float,
    limit: int,
    as_json: bool,
) -> None:
    """Show what a running program holds and what grows, step by step.

    PID is a process under `memscope run`, or `memscope run` itself; without it, the only one there
    is. It runs in a terminal of its own: the program's output is left alone. Where standard output
    is no terminal, it prints the rows once, after one step, and ends.
    """
    gc.disable()  # as all that reads captures: millions of small objects, no cycles to speak of
    recorded = _only_one() if pid is None else recorded_process(pid)
    view = TopView(recorded, by, group, pattern.pattern if pattern else "", every)
    console = make_console()
    if as_json or not console.is_terminal or console.is_dumb_terminal:
        view.look_twice()
        if as_json:
            click.echo(one_object(view.document(limit)), nl=False)
        else:
            _print(view, limit)
        return
    follow(view, console)
    if view.looks.problem:
        _say_the_end(view, limit)


def _only_one() -> int:
    found = recorded_processes()
    if not found:
        raise MemscopeError(
            "no program of this user is being recorded", None, "start one: memscope run app.py"
        )
    if len(found) > 1:
        listed = "".join(f"\n  {pid}  {one_line(command)}" for pid, command in found)
        raise click.UsageError(f"Name one of the recorded processes:{listed}")
    return found[0][0]


def _print(view: TopView, limit: int) -> None:
    """The rows once, as lines."""
    look = view.looks.newest
    assert look is not None
    console = make_console()
    screen = view.screen(look, keys=False)
    rows = screen.paces[: limit or None]
    height = len(rows) + 12
    origins = look.by_group[view.group].origins
    for line in screen_lines(console, origins, replace(screen, paces=rows, every_s=None), height):
        console.print(line, no_wrap=True, overflow="crop")


def _say_the_end(view: TopView, limit: int) -> None:
    """What was seen last stays on the terminal, and why there is no more."""
    if view.looks.newest is None:
        raise MemscopeError(view.looks.problem)
    _print(view, limit)
    over = not Path(f"/proc/{view.pid}").exists()
    why = f"process {view.pid} has ended" if over else one_line(view.looks.problem)
    click.echo(f"memscope: {why}", err=True)
