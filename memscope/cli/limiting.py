"""The option --fail-on of the subcommands that compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import click

from memscope.analysis.changes import Change, undecidable
from memscope.analysis.limits import GrowthLimit, Unit, parse_growth_limits

Function = TypeVar("Function", bound=Callable[..., Any])

LIMIT_PASSED = 3  # exit status


def fail_on_option(figures: Mapping[str, tuple[str, Unit]]) -> Callable[[Function], Function]:
    """Gives the command its `limits`: how much each of `figures` may grow."""

    def parsed(
        ctx: click.Context, param: click.Parameter, value: str | None
    ) -> tuple[GrowthLimit, ...]:
        try:
            return () if value is None else parse_growth_limits(value, figures)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    first, second, *_ = figures
    return click.option(
        "--fail-on",
        "limits",
        metavar="LIMITS",
        callback=parsed,
        help=f"End with status 3 if a figure has grown by more, as in {first}:5%,{second}:0%. "
        f"Figures: {', '.join(figures)}; as a share, in units ({first}:10MiB, wall:20ms), or both "
        "(wall:10%+20ms): what is added lets small figures vary.",
    )


def check_decidable(limits: Sequence[GrowthLimit], changes: Mapping[str, Change]) -> None:
    """A limit that nothing could pass is wrong usage, and no reason to be green."""
    reason = undecidable(limits, changes)
    if reason is not None:
        raise click.UsageError(reason)


def end(limits: Sequence[GrowthLimit], changes: Mapping[str, Change]) -> None:
    """Ends with status 3 and a line about each limit that was passed."""
    passed = [limit for limit in limits if changes[limit.figure].passes(limit)]
    if passed:
        _fail(passed, changes)


def _fail(passed: Sequence[GrowthLimit], changes: Mapping[str, Change]) -> NoReturn:
    for limit in passed:
        share = changes[limit.figure].share
        grown = "from nothing" if share is None else f"by {share:.2%}"
        click.echo(f"memscope: {limit.name} grew {grown}: more than {limit.text} allows", err=True)
    click.get_current_context().exit(LIMIT_PASSED)
