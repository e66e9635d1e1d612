"""`memscope hotspots`: what allocates, holds and churns the most."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.hotspots import Group, Selection, find_hotspots
from memscope.analysis.measures import By, Measures
from memscope.cli.answer import Destination, capture_verb, give, open_capture
from memscope.cli.selecting import site_options
from memscope.reports.documents import hotspots_document

if TYPE_CHECKING:
    from rich.console import Console


def compiled(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> re.Pattern[str] | None:
    """The regular expression of --filter."""
    try:
        return None if value is None else re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise click.BadParameter(f"{value!r} is no regular expression: {error}") from None


@capture_verb("hotspots")
@site_options(
    by_help="What to sort by. short_lived: blocks released before 1 KiB more was allocated.",
    group_help="What a row is; at `line` it is the line that allocated, not its callers.",
)
@click.option(
    "--filter",
    "pattern",
    callback=compiled,
    metavar="REGEX",
    help="Only rows whose 'file:line function' matches (of a stack: any frame).",
)
def command(
    *,
    path: Path,
    destination: Destination,
    by: By,
    group: Group,
    limit: int,
    own_only: bool,
    pattern: re.Pattern[str] | None,
    no_imports: bool,
) -> None:
    """List what allocates, holds and churns the most."""
    with open_capture(path) as capture:
        measures = Measures(capture)
        selection = Selection(own_only, not no_imports, pattern)
        hotspots = find_hotspots(measures, by=by, group=group, limit=limit, selection=selection)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.hotspots import print_hotspots

            print_hotspots(console, hotspots, capture, measures.stacks.origins)

        give(destination, capture, lambda: hotspots_document(hotspots, capture), draw)
