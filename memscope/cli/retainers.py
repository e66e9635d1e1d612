"""`memscope holders`: who keeps how much alive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.measures import Measures
from memscope.analysis.retainergrowth import growth
from memscope.analysis.retainers import Holdings
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.oneprocess import check_one_process
from memscope.cli.whichsnapshot import moment_option
from memscope.reports.retainerdocuments import holders_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("holders")
@click.option(
    "-n", "limit", type=click.IntRange(0), default=10, show_default=True,
    help="Rows; 0 for all.",
)  # fmt: skip
@moment_option
@click.option(
    "--growth/--no-growth", "grow", default=True,
    help="Compare with the snapshots before.  [default: on]",
)  # fmt: skip
def command(path: Path, destination: Destination, limit: int, at: int | None, grow: bool) -> None:
    """List what keeps the most memory alive, by the names that Python code has for it."""
    with open_capture(path) as capture:
        check_one_process(capture, "a snapshot is")
        holdings = Holdings(Measures(capture), at)
        found = holdings.retainers(limit)
        rows = [row.number for row in found.rows]
        grown = growth(holdings.measures, holdings, rows) if grow else None

        def draw(console: Console) -> None:
            from memscope.reports.terminal.retainers import print_holders

            print_holders(console, found, grown, capture, holdings.measures.stacks)

        give(destination, capture, lambda: holders_document(found, grown, capture), draw)
