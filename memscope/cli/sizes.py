"""`memscope sizes`: how large requests are and what rounding costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.measures import Measures
from memscope.analysis.sizeclasses import find_sizes
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.reports.documents import sizes_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("sizes")
@click.option("--by-site", is_flag=True, help="Also the sizes that each line requests.")
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True,
    help="Lines shown with --by-site; 0 for all.",
)  # fmt: skip
def command(path: Path, destination: Destination, by_site: bool, limit: int) -> None:
    """Show how large requests are and what rounding them to size classes costs."""
    with open_capture(path) as capture:
        measures = Measures(capture)
        sizes = find_sizes(measures, by_site=by_site, limit=limit)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.sizes import print_sizes

            print_sizes(console, sizes, capture, measures.stacks.origins, by_site=by_site)

        give(destination, capture, lambda: sizes_document(sizes, capture, by_site=by_site), draw)
