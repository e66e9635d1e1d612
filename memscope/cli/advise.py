"""`memscope advise`: which line to change, what it gains, and how to prove it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.advice.registry import BUILT_IN, kinds
from memscope.analysis.measures import Measures
from memscope.cli.answer import Destination, capture_verb, give, open_capture

if TYPE_CHECKING:
    from rich.console import Console

LIMIT_PASSED = 3
ANY = "any"


def known_kinds(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """Kinds by name, also those that other packages add; "any" where the option takes it."""
    for name in value:
        if (
            name not in BUILT_IN
            and name not in kinds()
            and not (name == ANY and param.name == "fail_on")
        ):
            choices = ", ".join([*kinds(), *([ANY] if param.name == "fail_on" else [])])
            raise click.BadParameter(f"{name!r} is not one of {choices}.")
    return value


@capture_verb("advise")
@click.option(
    "--kind",
    "wanted",
    multiple=True,
    callback=known_kinds,
    metavar="KIND",
    help=f"Only this kind; may be repeated. Kinds: {', '.join(BUILT_IN)}.",
)
@click.option(
    "-n", "limit", type=click.IntRange(0), default=10, show_default=True, help="Advice; 0 for all."
)
@click.option(
    "--fail-on",
    "fail_on",
    multiple=True,
    callback=known_kinds,
    metavar="KIND",
    help="Exit with status 3 if there is advice of this kind, or of 'any'; may be repeated.",
)
@click.option(
    "--no-calibration",
    is_flag=True,
    help="Do not measure this machine (0.1 s, once); take the costs of a slow one.",
)
def command(
    *,
    path: Path,
    destination: Destination,
    wanted: tuple[str, ...],
    limit: int,
    fail_on: tuple[str, ...],
    no_calibration: bool,
) -> None:
    """Say which line to change, what that gains, and how to prove it.

    Only what pays in CPython is advised: at least 1% of the CPU time, or 1 MB and 2% of the peak,
    even if the gain turns out at the low end of its interval. What looked tempting and was turned
    down is listed with the reason. Reads the sources that the capture names, as data, where they
    are still there and unchanged.
    """
    from memscope.advice.advise import advise
    from memscope.advice.calibration import host_costs
    from memscope.reports.advice import advise_document

    with open_capture(path) as capture:
        measures = Measures(capture)
        costs = host_costs(calibrate=not no_calibration)
        advised = advise(measures, costs, wanted)

        def draw(console: Console) -> None:
            from memscope.reports.terminal.advise import print_advised

            print_advised(console, advised, capture, measures.stacks.origins, limit)

        give(destination, capture, lambda: advise_document(advised, capture, costs, limit), draw)
    if any(ANY in fail_on or advice.kind in fail_on for advice in advised.advice):
        raise SystemExit(LIMIT_PASSED)
