"""`memscope summary`: where the memory went, on one screen."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.cli.answer import Destination, answer_options, give, give_about, open_capture
from memscope.cli.newest import OnCapture
from memscope.cli.usercode import user_code_of_captures
from memscope.errors import MemscopeError

if TYPE_CHECKING:
    from rich.console import Console

    from memscope.analysis.summary import Summary

SITES = 6  # lines of all processes together


@click.command("summary", cls=OnCapture)
@click.argument("captures", type=click.Path(path_type=Path), nargs=-1, required=True)
@answer_options
@user_code_of_captures
def command(captures: tuple[Path, ...], as_json: bool, output: Path | None) -> None:
    """Say where the memory went, on one screen.

    Shows the peak and what made it, what allocated most, how much of the resident memory was
    tracked, and how the program ended. A block counts for the innermost line of user code on
    its stack; `memscope hotspots` has the lines that allocated themselves.

    Of several captures, as of the processes of one run: a line for each process, and the sums.
    """
    gc.disable()  # reading makes millions of small objects and no cycles to speak of
    destination = Destination(as_json, output)
    if len(captures) == 1:
        _summarize_one(captures[0], destination)
    else:
        _summarize_all(captures, destination)


def _summarize_one(path: Path, destination: Destination) -> None:
    from memscope.analysis.summary import summarize
    from memscope.reports.summarydocuments import summary_document

    with open_capture(path) as capture:
        summary = summarize(capture, made_of=True)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.summary import print_summary

            print_summary(console, summary)

        give(destination, capture, lambda: summary_document(summary), draw)


def _summarize_all(paths: Sequence[Path], destination: Destination) -> None:
    from memscope.analysis.together import together
    from memscope.reports.summarydocuments import together_document

    for place, path in enumerate(paths):
        if any(path.exists() and os.path.samefile(path, other) for other in paths[:place]):
            raise MemscopeError("is named twice", path)
    found = together([_summary_of(path) for path in paths], SITES)

    def draw(console: Console) -> None:
        from memscope.reports.terminal.together import print_together

        print_together(console, found)

    give_about(destination, paths, lambda: together_document(found), draw)


def _summary_of(path: Path) -> Summary:
    from memscope.analysis.summary import summarize

    with open_capture(path) as capture:
        return summarize(capture, sites=0)
