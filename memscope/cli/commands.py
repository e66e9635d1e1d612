"""All subcommands: finds the one that is meant."""

from __future__ import annotations

import difflib
import importlib
import os
import shlex
from collections.abc import Mapping

import click

import memscope

# Where each subcommand lives. They are imported when they are used: rich and the analyses take
# longer to import than `memscope info` takes to run.
GROUPS: Mapping[str, Mapping[str, str]] = {
    "Record": {
        "run": "Run a program and record every allocation.",
        "attach": "Record a process that runs already, and leave it as it was.",
        "detach": "End what attach began.",
        "snapshot": "Write a capture of a running program as of now.",
        "top": "Show what a running program holds and what grows, step by step.",
    },
    "Look": {
        "summary": "Say where the memory went, on one screen.",
        "hotspots": "List what allocates, holds and churns the most.",
        "types": "List what the memory is: objects by type, and what only they hold.",
        "tree": "Show the call tree with what each call allocated.",
        "imports": "Show what memory the import of each module holds and requested, as a tree.",
        "rss": "Say what resident memory is made of, at the peak or the end, to the last byte.",
        "holders": "List what keeps the most memory alive.",
        "why": "Show which references keep objects of a type or a line alive.",
        "timeline": "Draw memory over time.",
        "lifetimes": "Show how long blocks live: in time, and in bytes allocated meanwhile.",
        "sizes": "Show how large requests are and what rounding costs.",
        "growth": "List what is copied because blocks grow.",
        "gc": "Say what the cyclic collector costs and frees.",
        "fragmentation": "Draw how full pymalloc's arenas are, and whose blocks keep them.",
        "info": "Say what a capture is, and whether it is whole.",
    },
    "Judge": {
        "advise": "Say which line to change, what it gains, and how to prove it.",
        "fits": "Say whether the run would have fitted into less memory, and what to change first.",
        "compare": "Say what changed between captures of two versions of a program.",
        "ab": "Say whether a change pays: run two programs in turn, without memscope.",
    },
    "Share": {
        "report": "Write a flame graph with tables as one HTML file that opens offline.",
        "export": "Write a capture in a format that other tools open.",
        "mcp": "Offer memscope to coding agents, as tools.",
        "fleet": "Ask one question of all captures of a fleet.",
        "push": "Send a capture's profile to Pyroscope, or to a receiver of pprof.",
        "merge": "Make one capture of several, which every subcommand reads.",
    },
    "Set up": {
        "completion": "Let the shell complete subcommands and options.",
    },
}
SUBCOMMANDS = {name: text for group in GROUPS.values() for name, text in group.items()}


_WIDEST = max(map(len, SUBCOMMANDS))

# Where a subcommand's module has another name.
MODULES = {"holders": "retainers"}


class Subcommands(click.Group):
    """A group whose commands are modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        module = MODULES.get(cmd_name, cmd_name)
        command: click.Command = importlib.import_module(f"memscope.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # The list of subcommands must not import them all.
        for title, group in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{_WIDEST}}", text) for name, text in group.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            hint = _hint(args)
            if not hint:
                raise
            raise click.UsageError(f"{args[0]!r} is not a subcommand; {hint}", ctx) from None


def _hint(words: list[str]) -> str:
    """What whoever wrote these words may have meant; empty where nobody can tell."""
    word = words[0]
    if word.endswith(".mscope"):
        return f"to look at it: memscope summary {shlex.join(words)}"
    if word.endswith(".py") or os.path.isfile(word):
        return f"to record it: memscope run {shlex.join(words)}"
    alike = difflib.get_close_matches(word, SUBCOMMANDS, 1)
    return f"did you mean memscope {alike[0]}?" if alike else ""


@click.group(
    cls=Subcommands,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(memscope.__version__, prog_name="memscope")
def cli() -> None:
    """An exact memory profiler for Python: where the memory goes, and what to change.

    \b
    memscope run app.py    first: record a program, and see a summary
    memscope advise        then: what to change, by the newest capture here
    memscope report        or look around: a flame graph to open in a browser
    """


def start() -> object:
    """Do what the command line says; the exit status, if it comes back. See `failing` for more."""
    try:
        return cli.main(prog_name="memscope", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
