"""`memscope summary`: where the memory went, on one screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memscope.cli.answer import Destination, capture_subcommand, give, open_capture

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("summary")
def command(path: Path, destination: Destination) -> None:
    """Say where the memory went, on one screen.

    Shows the peak and what made it, what allocated most, how much of the resident memory was
    tracked, and how the program ended. A block counts for the innermost line of user code on
    its stack; `memscope hotspots` has the lines that allocated themselves.
    """
    from memscope.analysis.summary import summarize
    from memscope.reports.summarydocuments import summary_document

    with open_capture(path) as capture:
        summary = summarize(capture, made_of=True)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.summary import print_summary

            print_summary(console, summary)

        give(destination, capture, lambda: summary_document(summary), draw)
