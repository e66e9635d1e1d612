"""`memscope lifetimes`: how long blocks live."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.hotspots import GROUPS, Group, Selection
from memscope.analysis.lifetimes import find_lifetimes
from memscope.analysis.measures import BYS, By, Measures
from memscope.cli.answer import Destination, capture_verb, give, open_capture
from memscope.reports.documents import lifetimes_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_verb("lifetimes")
@click.option(
    "--by",
    type=click.Choice(BYS),
    default="allocated_bytes",
    show_default=True,
    help="What to sort sites by, as in `memscope hotspots`.",
)
@click.option(
    "--group", type=click.Choice(GROUPS), default="line", show_default=True, help="What a site is."
)
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True, help="Sites; 0 for all."
)
@click.option("--own", "own_only", is_flag=True, help="Only your own code, no libraries.")
@click.option("--no-imports", is_flag=True, help="Leave out what importing modules allocated.")
def command(
    *,
    path: Path,
    destination: Destination,
    by: By,
    group: Group,
    limit: int,
    own_only: bool,
    no_imports: bool,
) -> None:
    """Show how long blocks live, in bytes allocated meanwhile and in time.

    A block lives from its allocation to its release, be it a free or a reallocation; what is
    allocated meanwhile includes itself. Blocks that are live at the end are not in the histograms.
    Medians and 95th percentiles are given as the bucket in which they lie.
    """
    with open_capture(path) as capture:
        measures = Measures(capture)
        selection = Selection(own_only, not no_imports)
        lifetimes = find_lifetimes(measures, by=by, group=group, limit=limit, selection=selection)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.lifetimes import print_lifetimes

            print_lifetimes(console, lifetimes, capture, measures.stacks.origins)

        give(destination, capture, lambda: lifetimes_document(lifetimes, capture), draw)
