"""`memscope advise`: which line to change, what it gains, and how to prove it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memscope.advice.registry import BUILT_IN, kinds
from memscope.analysis.measures import Measures
from memscope.cli.answer import Destination, capture_subcommand, give, give_text, open_capture
from memscope.cli.progress import steps
from memscope.errors import MemscopeError
from memscope.plain import replace

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


def _numbers(count: int, limit: int, explain: int | None) -> range:
    """The numbers of the advice that is asked for, of `count`; the first is 1."""
    if explain is not None:
        return range(explain, explain + 1)
    return range(1, min(limit or count, count) + 1)


@capture_subcommand("advise")
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
    "--explain",
    type=click.IntRange(1),
    metavar="N",
    help="Show the facts that advice N rests on: what was measured, and what was not.",
)
@click.option(
    "--diff",
    "form",
    flag_value="diff",
    help="Give the changes that can be made mechanically as a patch.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "diff"]),
    default="text",
    help="text, json (as --json), diff (as --diff), or sarif, which editors and code hosts read.",
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
    explain: int | None,
    form: str,
    fail_on: tuple[str, ...],
    no_calibration: bool,
) -> None:
    """Say which line to change, what that gains, and how to prove it.

    Only what pays in CPython is advised: at least 1% of the CPU time, or 1 MiB and 2% of the peak,
    even if the gain turns out at the low end of its interval. What looked tempting and was turned
    down is listed with the reason. Reads the sources that the capture names, as data, where they
    are still there and unchanged.
    """
    from memscope.advice.advise import advise
    from memscope.advice.evidence.calibration import host_costs
    from memscope.analysis.mainholder import main_holder
    from memscope.reports.advice import advise_document

    with open_capture(path) as capture:
        measures = Measures(capture)
        costs = host_costs(calibrate=not no_calibration)
        with steps("weighing kinds of advice") as told:
            advised = advise(measures, costs, wanted, told)
        if explain is not None and explain > len(advised.advice):
            last = len(advised.advice)
            there = f"advice 1 to {last}" if last else "no advice"
            raise MemscopeError(f"there is {there}, and none of number {explain}", path)
        numbers = _numbers(len(advised.advice), limit, explain)
        about_leaks = not advised.advice and (not wanted or "leak" in wanted)
        # A second and more for a large snapshot, which a patch does not need.
        holder = main_holder(measures) if about_leaks and form in ("text", "json") else None

        def draw(console: Console) -> None:
            from memscope.reports.terminal.advise import print_advised, print_explained

            origins = measures.stacks.origins
            if explain is None:
                print_advised(console, advised, capture, origins, limit, holder)
            else:
                print_explained(console, advised, capture, origins, explain)

        def document() -> dict[str, Any]:
            if form == "sarif":
                from memscope.reports.sarif import sarif_document

                return sarif_document(advised, capture, numbers)
            return advise_document(advised, capture, costs, numbers, holder)

        if form == "diff":
            from memscope.reports.patches import patch_file

            give_text(destination, [capture.path], patch_file(advised, capture, numbers))
        else:
            as_json = destination.as_json or form in ("json", "sarif")
            give(replace(destination, as_json=as_json), capture, document, draw)
    if any(ANY in fail_on or advice.kind in fail_on for advice in advised.advice):
        raise SystemExit(LIMIT_PASSED)
