"""`memscope lifetimes`: how long blocks live."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memscope.analysis.hotspots import Group, Selection
from memscope.analysis.lifetimes import find_lifetimes
from memscope.analysis.measures import Measures, SiteBy
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.selecting import site_options
from memscope.reports.documents import lifetimes_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("lifetimes")
@site_options(
    by_help="What to sort sites by, as in `memscope hotspots`.", group_help="What a site is."
)
def command(
    *,
    path: Path,
    destination: Destination,
    by: SiteBy,
    group: Group,
    limit: int,
    own_only: bool,
    no_imports: bool,
) -> None:
    """Show how long blocks live: in time, and in bytes allocated meanwhile.

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
