"""`memscope compare`: what changed between captures of two versions of a program."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.compare import (
    SITE_GROUPS,
    SITE_MEASURES,
    Run,
    SiteGroup,
    SiteMeasure,
    compare,
    read_run,
)
from memscope.analysis.limits import Limit, Unit
from memscope.cli import limiting
from memscope.cli.answer import Destination, answer_options, give_about, open_capture
from memscope.errors import MemscopeError
from memscope.reports.comparisons import compare_document

if TYPE_CHECKING:
    from rich.console import Console

FIGURES: Mapping[str, tuple[str, Unit]] = {
    "peak": ("peak_bytes", "bytes"),
    "allocated": ("allocated_bytes", "bytes"),
    "allocations": ("allocations", "count"),
    "live": ("live_bytes", "bytes"),
    "blocks": ("live_blocks", "count"),
    "resident": ("resident_bytes", "bytes"),
    "wall": ("wall_s", "seconds"),
    "cpu": ("cpu_s", "seconds"),
}
BETWEEN = "vs"


def sides(
    ctx: click.Context, param: click.Parameter, words: tuple[str, ...]
) -> tuple[list[Path], list[Path]]:
    """`OLD NEW`, or `OLD... vs NEW...`."""
    if BETWEEN in words:
        place = words.index(BETWEEN)
        old, new = words[:place], words[place + 1 :]
    else:
        old, new = words[:1], words[1:]
        if len(new) > 1:
            raise click.UsageError(f"Of more than two captures, write {BETWEEN} between the sides.")
    if not old or not new or BETWEEN in new:
        raise click.UsageError(f"Name captures as OLD NEW, or OLD... {BETWEEN} NEW...")
    return list(map(Path, old)), list(map(Path, new))


@click.command("compare")
@click.argument("files", nargs=-1, callback=sides, metavar="OLD... [vs] NEW...")
@click.option(
    "--by",
    type=click.Choice(SITE_MEASURES),
    default="allocated_bytes",
    show_default=True,
    help="What to compare sites by.",
)
@click.option(
    "--group", type=click.Choice(SITE_GROUPS), default="line", show_default=True,
    help="What a site is.",
)  # fmt: skip
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True, help="Sites; 0 for all."
)
@limiting.fail_on_option(FIGURES)
@answer_options
def command(
    *,
    files: tuple[list[Path], list[Path]],
    by: SiteMeasure,
    group: SiteGroup,
    limit: int,
    limits: Sequence[Limit],
    as_json: bool,
    output: Path | None,
) -> None:
    """Say what changed between captures of two versions of a program.

    One capture each: memscope compare old.mscope new.mscope. Several of each, which also tells
    changes of time and resident memory from noise: memscope compare old-*.mscope vs new-*.mscope.
    """
    gc.disable()  # reading makes millions of small objects and no cycles to speak of
    old, new = ([_read(path, group) for path in paths] for paths in files)
    comparison = compare(old, new, by=by, group=group, limit=limit)
    if limits:
        _check_complete((*old, *new))
        limiting.check_decidable(limits, comparison.totals)

    def draw(console: Console) -> None:
        from memscope.reports.terminal.compare import print_comparison

        print_comparison(console, comparison)

    destination = Destination(as_json, output)
    give_about(
        destination, [*files[0], *files[1]], lambda: compare_document(comparison, limits), draw
    )
    limiting.end(limits, comparison.totals)


def _read(path: Path, group: SiteGroup) -> Run:
    with open_capture(path) as capture:
        return read_run(capture, group)


def _check_complete(runs: Sequence[Run]) -> None:
    for run in runs:
        if not run.complete:
            raise MemscopeError("is partial: no limit can be judged by it", run.path)
