"""`memscope tree`: the call tree, root first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.calltree import call_tree
from memscope.analysis.measures import BYS, By, Measures
from memscope.cli.answer import Destination, capture_subcommand, give, open_capture
from memscope.cli.selecting import MeasureChoice
from memscope.reports.documents import tree_document

if TYPE_CHECKING:
    from rich.console import Console


@capture_subcommand("tree")
@click.option(
    "--by",
    type=MeasureChoice(BYS),
    default="allocated_bytes",
    show_default=True,
    help="What to weigh calls by. short_lived: blocks released before 1 KiB more was allocated.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    default=1.0,
    show_default=True,
    metavar="PERCENT",
    help="Leave out calls that weigh less than this share of the whole.",
)
@click.option("--depth", type=click.IntRange(1), help="Cut calls deeper than this.")
@click.option("--no-imports", is_flag=True, help="Leave out what importing modules allocated.")
def command(
    *,
    path: Path,
    destination: Destination,
    by: By,
    threshold: float,
    depth: int | None,
    no_imports: bool,
) -> None:
    """Show the call tree with what each call and everything it called allocated."""
    with open_capture(path) as capture:
        measures = Measures(capture)
        tree = call_tree(
            measures, by=by, threshold=threshold / 100, depth=depth, imports=not no_imports
        )

        def draw(console: Console) -> None:
            from memscope.reports.terminal.tree import print_tree

            print_tree(console, tree, capture, measures.stacks.origins)

        give(destination, capture, lambda: tree_document(tree, capture), draw)
