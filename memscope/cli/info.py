"""`memscope info`: what a capture is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.reports.contents import info_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("info")
def command(path: Path, destination: Destination) -> None:
    """Say what a capture is, and whether it is whole: every checksum is checked."""
    with open_capture(path) as capture:
        capture.verify()
        _ = capture.tables, capture.totals, capture.timeline
        for _ in capture.lifetime_parts():
            pass

        def draw(console: Console) -> None:
            from memscope.reports.terminal.info import print_info

            print_info(console, capture)

        give(destination, capture, lambda: info_document(capture), draw)
