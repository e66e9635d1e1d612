"""The `memscope` command: finds the verb, and turns failures into one line and an exit status."""

from __future__ import annotations

import importlib
import os
import sys

import click

import memscope
from memscope.errors import MemscopeError

# Where each verb lives. Verbs are imported when they are used: rich and the analyses take longer
# to import than `memscope info` takes to run.
VERBS = {
    "run": "Run a program and record every allocation.",
    "summary": "Say where the memory went, on one screen.",
    "hotspots": "List what allocates, holds and churns the most.",
    "tree": "Show the call tree with what each call allocated.",
    "sizes": "Show how large requests are and what rounding costs.",
    "lifetimes": "Show how long blocks live, in bytes allocated meanwhile and in time.",
    "timeline": "Draw memory over time.",
    "growth": "List what is copied because blocks grow.",
    "fragmentation": "Draw how full pymalloc's arenas are, and whose blocks keep them.",
    "gc": "Say what the cyclic collector costs and frees.",
    "compare": "Say what changed between captures of two versions of a program.",
    "ab": "Say whether a change pays: run two programs in turn, without memscope.",
    "report": "Write a flame graph with tables as one HTML file that opens offline.",
    "export": "Write a capture in a format that other tools open.",
    "advise": "Say which line to change, what it gains, and how to prove it.",
    "info": "Say what a capture is, and whether it is whole.",
}


class Verbs(click.Group):
    """A group whose commands are modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"memscope.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # The list of verbs must not import them all.
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: memscope run app.py",
)
@click.version_option(memscope.__version__, prog_name="memscope")
def cli() -> None:
    """An exact memory profiler for Python: where the memory goes, and what churns."""


def main() -> None:
    """The console script's entry point."""
    for stream in (sys.stdout, sys.stderr):
        # File names and code may hold what the terminal's encoding cannot show.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(cli.main(prog_name="memscope", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except MemscopeError as error:
        click.echo(f"memscope: {error}", err=True)
        sys.exit(1)
    except MemoryError:
        click.echo("memscope: there is not enough memory to read the capture", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read the output has had enough. What is still buffered must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        click.echo(f"memscope: cannot write: {error.strerror or error}", err=True)
        sys.exit(1)
