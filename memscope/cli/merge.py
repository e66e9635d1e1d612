"""`memscope merge`: several captures as one."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import click

from memscope.cli.answer import check_not_among, open_capture
from memscope.cli.files import opened
from memscope.cli.progress import stop_bars
from memscope.errors import one_line
from memscope.merging.merge import merge


@click.command("merge")
@click.argument(
    "paths", metavar="CAPTURE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE",
    help="The capture to write.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def command(*, paths: tuple[Path, ...], output: Path, force: bool) -> None:
    """Make one capture of several, which every subcommand reads.

    All sums are exact. A line is the same line wherever its machine keeps the file. A peak
    is the sum of the captures' peaks, which need not have been at the same time.
    """
    gc.disable()  # reading makes millions of small objects and no cycles to speak of
    check_not_among(output, paths, "one of the captures")
    with opened(output, paths[0], force) as stream:
        os.fchmod(stream.fileno(), 0o600)  # as captures have it: who may read those is not known
        sources = merge(paths, stream, open_capture)
    stop_bars()
    count = f"{len(sources)} captures" if len(sources) > 1 else "1 capture"
    click.echo(f"memscope: {one_line(str(output))} is {count} in one", err=True)
    for source in sources:
        if not source.complete:
            click.echo(f"memscope: {one_line(str(source.path))} is partial", err=True)
