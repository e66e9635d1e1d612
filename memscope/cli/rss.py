"""`memscope rss`: what resident memory is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from memscope.analysis.measures import Measures
from memscope.analysis.rss import rss_of
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.oneprocess import check_one_process
from memscope.reports.rss import rss_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("rss")
@click.option(
    "--at", type=click.Choice(("peak", "end")), default="peak", show_default=True,
    help="When: as resident memory was highest, or when the program was over.",
)  # fmt: skip
@click.option(
    "-n", "limit", type=click.IntRange(0), default=5, show_default=True,
    help="Names of each origin, and lines; 0 for all. JSON has all names.",
)  # fmt: skip
def command(path: Path, destination: Destination, at: Literal["peak", "end"], limit: int) -> None:
    """Say what resident memory is made of: every byte that the kernel counts, in one part."""
    with open_capture(path) as capture:
        check_one_process(capture, "mappings are")
        measures = Measures(capture)
        resident = rss_of(measures, at)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.rss import print_rss

            print_rss(console, resident, capture, measures.stacks.origins, limit)

        give(destination, capture, lambda: rss_document(resident, capture), draw)
