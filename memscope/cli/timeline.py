"""`memscope timeline`: memory over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memscope.analysis.timeline import memory_over_time
from memscope.cli.answer import Destination, capture_verb, give, open_capture
from memscope.reports.documents import timeline_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_verb("timeline")
def command(path: Path, destination: Destination) -> None:
    """Draw live and resident memory over time."""
    with open_capture(path) as capture:
        over_time = memory_over_time(capture)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.timeline import print_timeline

            print_timeline(console, over_time, capture)

        give(destination, capture, lambda: timeline_document(over_time, capture), draw)
