"""`memscope gc`: what the cyclic collector costs and frees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.gcpressure import find_gc_pressure
from memscope.analysis.measures import Measures
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.reports.heapdocuments import gc_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("gc")
@click.option(
    "-n", "limit", type=click.IntRange(0), default=10, show_default=True, help="Lines; 0 for all."
)
def command(path: Path, destination: Destination, limit: int) -> None:
    """Say what the cyclic collector costs and frees, and which lines may keep it busy.

    How often it ran and what it freed are the interpreter's own counts. How long it took is exact
    from Python 3.15 on; before, it is an estimate with bounds. Which lines keep it busy is a guess.
    """
    with open_capture(path) as capture:
        measures = Measures(capture)
        found = find_gc_pressure(measures, limit=limit)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.gc import print_gc

            print_gc(console, found, capture, measures.stacks.origins)

        give(destination, capture, lambda: gc_document(found, capture), draw)
