"""`memscope timeline`: memory over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memscope.analysis.cohorts import find_cohorts
from memscope.analysis.measures import Measures
from memscope.analysis.rss import resident_over_time
from memscope.analysis.timeline import memory_over_time
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.reports.documents import timeline_document
from memscope.reports.heapdocuments import cohorts_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("timeline")
@click.option(
    "--cohorts",
    is_flag=True,
    help="Also show when and where memory that is live at the end was allocated.",
)
def command(path: Path, destination: Destination, cohorts: bool) -> None:
    """Draw live and resident memory over time."""
    with open_capture(path) as capture:
        over_time = memory_over_time(capture)
        measures = Measures(capture)
        moments = resident_over_time(measures)
        survivors = find_cohorts(measures) if cohorts else None

        def draw(console: Console) -> None:
            from memscope.reports.terminal.timeline import print_timeline

            print_timeline(console, over_time, capture, moments)
            if survivors is not None:
                from memscope.reports.terminal.cohorts import print_cohorts

                print_cohorts(console, survivors, measures.stacks.origins)

        def document() -> dict[str, Any]:
            told = timeline_document(over_time, capture, moments)
            if survivors is not None:
                told["cohorts"] = cohorts_document(survivors)
            return told

        give(destination, capture, document, draw)
