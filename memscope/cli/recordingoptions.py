"""The options of all subcommands that record."""

from __future__ import annotations

from pathlib import Path

import click

from memscope.cli.quantities import share_of_time, size_in_bytes

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the capture goes.  [default: memscope-<script>-<pid>.mscope]",
)
force_option = click.option("-f", "--force", is_flag=True, help="Replace FILE if it exists.")
no_summary_option = click.option(
    "--no-summary", is_flag=True, help="Only say where the capture is."
)
sample_option = click.option(
    "--sample",
    "sample_bytes",
    default="0",
    metavar="BYTES",
    callback=size_in_bytes,
    help="Mean bytes between samples; 0 records everything, exactly.  [default: 0]",
)
budget_option = click.option(
    "--budget",
    metavar="SHARE",
    callback=share_of_time,
    help="Sample while recording costs more than this share of CPU time, as 2%; no objects.",
)
objects_option = click.option(
    "--objects/--no-objects",
    default=True,
    help="Record which objects blocks hold, and which lines made them.  [default: on]",
)
