"""`memscope imports`: what the import of each module made and holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.imports import IMPORTS_BYS, ImportsBy, find_imports
from memscope.analysis.measures import Measures
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.selecting import MeasureChoice
from memscope.errors import MemscopeError
from memscope.reports.importdocuments import imports_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("imports")
@click.option(
    "--by",
    type=MeasureChoice(IMPORTS_BYS),
    default="live_bytes",
    show_default=True,
    help="What to sort by: what imports hold at the end, or what they requested.",
)
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True, help="Rows; 0 for all."
)
def command(path: Path, destination: Destination, by: ImportsBy, limit: int) -> None:
    """Show what memory the import of each module holds and requested, as a tree.

    Beside each module stands what its own import came to, without the modules that it imported.
    That is what was allocated while the module was found, loaded and run. What its functions
    allocate later is not part of it.
    """
    with open_capture(path) as capture:
        if not capture.meta.imports:
            raise MemscopeError(
                "has no imports: they were left out", path, "record without --no-imports"
            )
        measures = Measures(capture)
        imports = find_imports(measures, by=by, limit=limit)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.imports import print_imports

            print_imports(console, imports, capture, measures.stacks.origins)

        give(destination, capture, lambda: imports_document(imports, capture), draw)
