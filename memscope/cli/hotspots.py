"""`memscope hotspots`: what allocates, holds and churns the most."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.advice.program.compiledcalls import CompiledCalls
from memscope.analysis.compiledmodules import compiled_modules
from memscope.analysis.hotspots import Group, Selection, find_hotspots
from memscope.analysis.measures import Measures, SiteBy
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.selecting import compiled, site_options
from memscope.reports.documents import hotspots_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("hotspots")
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
@click.option("--by-type", is_flag=True, help="Each type of a place as a row of its own.")
def command(
    *,
    path: Path,
    destination: Destination,
    by: SiteBy,
    group: Group,
    limit: int,
    own_only: bool,
    pattern: re.Pattern[str] | None,
    no_imports: bool,
    by_type: bool,
) -> None:
    """List what allocates, holds and churns the most."""
    with open_capture(path) as capture:
        measures = Measures(capture)
        selection = Selection(own_only, not no_imports, pattern, by_type)
        hotspots = find_hotspots(measures, by=by, group=group, limit=limit, selection=selection)
        origins = measures.stacks.origins
        calls = CompiledCalls(capture.meta, compiled_modules(capture, origins))

        def draw(console: Console) -> None:
            from memscope.reports.terminal.hotspots import print_hotspots

            print_hotspots(console, hotspots, capture, origins, calls)

        give(destination, capture, lambda: hotspots_document(hotspots, capture, calls), draw)
