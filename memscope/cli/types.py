"""`memscope types`: what the blocks are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.measures import Measures
from memscope.analysis.types import TYPES_BYS, TypesBy, find_types
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.selecting import MeasureChoice, compiled
from memscope.reports.typedocuments import types_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("types")
@click.option(
    "--by", type=MeasureChoice(TYPES_BYS), default="peak_bytes", show_default=True,
    help="What to sort by. reused: objects that were made in a block of a free list.",
)  # fmt: skip
@click.option("--by-line", is_flag=True, help="Each type by the lines that made it.")
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True,
    help="Rows; 0 for all.",
)  # fmt: skip
@click.option(
    "--filter", "pattern", callback=compiled, metavar="REGEX",
    help="Only types whose name matches, such as 'myapp.'.",
)  # fmt: skip
def command(
    path: Path,
    destination: Destination,
    by: TypesBy,
    by_line: bool,
    limit: int,
    pattern: re.Pattern[str] | None,
) -> None:
    """List what the memory is: objects by type, and what only they hold."""
    with open_capture(path) as capture:
        measures = Measures(capture)
        types = find_types(measures, by=by, by_line=by_line, limit=limit, pattern=pattern)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.types import print_types

            print_types(console, types, capture, measures.stacks.origins)

        give(destination, capture, lambda: types_document(types, capture), draw)
