"""`memscope fragmentation`: how full pymalloc's arenas are, and whose blocks keep them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.fragmentation import Fragmentation, HeapMoment, find_fragmentation
from memscope.analysis.measures import Measures
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.oneprocess import check_one_process
from memscope.errors import MemscopeError
from memscope.reports.heapdocuments import fragmentation_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("fragmentation")
@click.option(
    "--at",
    type=click.Choice(["worst", "end", "low"]),
    default="worst",
    show_default=True,
    help="The moment to draw: the end, one far below the peak, or the worse of both.",
)
@click.option(
    "-n", "limit", type=click.IntRange(0), default=15, show_default=True, help="Lines; 0 for all."
)
def command(path: Path, destination: Destination, at: str, limit: int) -> None:
    """Draw how full pymalloc's arenas are, and say whose blocks keep them.

    pymalloc gives an arena back when no block is left in it, so a few small blocks may hold many
    mebibytes. Where they lie is recorded at the end, and while the program runs when live memory is
    far below its peak.
    """
    with open_capture(path) as capture:
        check_one_process(capture, "arenas are")
        measures = Measures(capture)
        found = find_fragmentation(measures)
        moment = _moment(found, at, path)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.fragmentation import print_fragmentation

            origins = measures.stacks.origins
            print_fragmentation(console, found, moment, capture, origins, limit=limit)

        give(destination, capture, lambda: fragmentation_document(found, capture, limit), draw)


def _moment(found: Fragmentation, at: str, path: Path) -> HeapMoment | None:
    if at == "worst" or not found.moments:
        return found.worst
    for moment in found.moments:
        if moment.survey.moment == at:
            return moment
    name = "the end" if at == "end" else "a moment far below the peak"
    raise MemscopeError(f"holds no map of {name}", path, "leave --at out")
