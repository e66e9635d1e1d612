"""`memscope growth`: what is copied because blocks grow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.growth import find_growth
from memscope.analysis.measures import Measures
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.reports.heapdocuments import growth_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("growth")
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True, help="Lines; 0 for all."
)
def command(path: Path, destination: Destination, limit: int) -> None:
    """List the lines that copy most because their blocks grow.

    Blocks grow by reallocations, which copy when they move, and by being replaced: `text += part`
    on an attribute copies everything each time. In steady steps that is quadratic.
    """
    with open_capture(path) as capture:
        measures = Measures(capture)
        found = find_growth(measures, limit=limit)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.growth import print_growth

            print_growth(console, found, capture, measures.stacks.origins)

        give(destination, capture, lambda: growth_document(found, capture), draw)
