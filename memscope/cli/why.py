"""`memscope why`: what keeps objects of one type or line alive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.oneprocess import check_one_process
from memscope.cli.whichsnapshot import moment_option
from memscope.reports.retainerdocuments import why_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("why")
@click.argument("what", metavar="LINE|TYPE")
@click.option(
    "-n", "limit", type=click.IntRange(0), default=10, show_default=True,
    help="Ways; 0 for all.",
)  # fmt: skip
@moment_option
def command(path: Path, destination: Destination, what: str, limit: int, at: int | None) -> None:
    """Show which references keep objects of a type (dict) or of a line (app.py:3) alive."""
    with open_capture(path) as capture:
        check_one_process(capture, "a snapshot is")
        found = Holdings(Measures(capture), at).why(what, limit)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.retainers import print_why

            print_why(console, found, capture)

        give(destination, capture, lambda: why_document(found, capture), draw)
