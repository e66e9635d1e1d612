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
from memscope.analysis.limits import GrowthLimit, Unit
from memscope.analysis.measures import Measures
from memscope.analysis.retainerchanges import RetainerChanges, retainer_changes
from memscope.cli import limiting
from memscope.cli.answer import Destination, answer_options, give_about, open_capture
from memscope.cli.labelled import sides_by_label
from memscope.cli.quantities import labels_of
from memscope.cli.selecting import MeasureChoice
from memscope.cli.usercode import user_code_of_captures
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


Sides = tuple[list[Path], list[Path]]


def _sides_of(
    words: tuple[str, ...], old_labels: dict[str, str], new_labels: dict[str, str]
) -> Sides:
    """By the labels of both sides if they are named, else by where the captures stand."""
    if not old_labels and not new_labels:
        return _sides_in(words)
    if not old_labels or not new_labels:
        raise click.UsageError("--old and --new go together.")
    if not words or BETWEEN in words:
        raise click.UsageError("With --old and --new, name all captures, in any order.")
    paths = [Path(word) for word in words]
    return sides_by_label(paths, old_labels, new_labels)


def _sides_in(words: tuple[str, ...]) -> Sides:
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
@click.argument("words", nargs=-1, metavar="OLD... [vs] NEW...")
@click.option(
    "--old", "old_labels", multiple=True, metavar="KEY=VALUE", callback=labels_of,
    help="The old side: all captures with this label; may be given several times.",
)  # fmt: skip
@click.option(
    "--new", "new_labels", multiple=True, metavar="KEY=VALUE", callback=labels_of,
    help="The new side, by its label.",
)  # fmt: skip
@click.option(
    "--by",
    type=MeasureChoice(SITE_MEASURES),
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
@user_code_of_captures
def command(
    *,
    words: tuple[str, ...],
    old_labels: dict[str, str],
    new_labels: dict[str, str],
    by: SiteMeasure,
    group: SiteGroup,
    limit: int,
    limits: Sequence[GrowthLimit],
    as_json: bool,
    output: Path | None,
) -> None:
    """Say what changed between captures of two versions of a program.

    One capture each: memscope compare old.mscope new.mscope. Several of each, which also tells
    changes of time and resident memory from noise: memscope compare old-*.mscope vs new-*.mscope.
    By their labels: memscope compare --old version=1.3 --new version=1.4 *.mscope.
    """
    files = _sides_of(words, old_labels, new_labels)
    gc.disable()  # reading makes millions of small objects and no cycles to speak of
    old, new = ([_read(path, group) for path in paths] for paths in files)
    comparison = compare(old, new, by=by, group=group, limit=limit)
    if limits:
        _check_complete((*old, *new))
        limiting.check_decidable(limits, comparison.totals)

    def draw(console: Console) -> None:
        from memscope.reports.terminal.compare import print_comparison

        print_comparison(console, comparison, holders, everything=limit == 0)

    holders = _holders(*files, limit)
    destination = Destination(as_json, output)
    give_about(
        destination,
        [*files[0], *files[1]],
        lambda: compare_document(comparison, limits, holders),
        draw,
    )
    limiting.end(limits, comparison.totals)


def _read(path: Path, group: SiteGroup) -> Run:
    with open_capture(path) as capture:
        return read_run(capture, group)


def _holders(old: Sequence[Path], new: Sequence[Path], limit: int) -> RetainerChanges | None:
    """Which holders changed; None where one of two captures has no snapshot, or there are more."""
    if len(old) != 1 or len(new) != 1:
        return None
    with open_capture(old[0]) as was, open_capture(new[0]) as now:
        return retainer_changes(Measures(was), Measures(now), limit)


def _check_complete(runs: Sequence[Run]) -> None:
    for run in runs:
        if not run.complete:
            raise MemscopeError("is partial: no limit can be judged by it", run.path)
