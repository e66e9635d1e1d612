"""The options of subcommands that list sites: which, how many, and in what order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from memscope.analysis.hotspots import GROUPS
from memscope.analysis.measures import SITE_BYS

Function = TypeVar("Function", bound=Callable[..., Any])


# Generic from click 8.4 on, where this says what it gives.
if TYPE_CHECKING:
    _Type = click.ParamType[Any]
else:
    _Type = click.ParamType


class MeasureChoice(_Type):
    """One of several measures; one in bytes also without its unit: `peak`."""

    name = "measure"

    def __init__(self, measures: Sequence[str]) -> None:
        self._measures = measures
        self._choice = click.Choice(measures)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        in_bytes = f"{value}_bytes"
        return self._choice.convert(in_bytes if in_bytes in self._measures else value, param, ctx)

    def get_metavar(self, *args: Any, **options: Any) -> str | None:
        return self._choice.get_metavar(*args, **options)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return self._choice.shell_complete(ctx, param, incomplete)


def site_options(*, by_help: str, group_help: str) -> Callable[[Function], Function]:
    """Adds `by`, `group`, `limit`, `own_only` and `no_imports`."""
    options = (
        click.option(
            "--by",
            type=MeasureChoice(SITE_BYS),
            default="allocated_bytes",
            show_default=True,
            help=by_help,
        ),
        click.option(
            "--group",
            type=click.Choice(GROUPS),
            default="line",
            show_default=True,
            help=group_help,
        ),
        click.option(
            "-n",
            "limit",
            type=click.IntRange(0),
            default=20,
            show_default=True,
            help="Rows; 0 for all.",
        ),
        click.option("--own", "own_only", is_flag=True, help="Only user code, no libraries."),
        click.option(
            "--no-imports", is_flag=True, help="Leave out what importing modules allocated."
        ),
    )

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def compiled(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> re.Pattern[str] | None:
    """The regular expression of --filter."""
    try:
        return None if value is None else re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise click.BadParameter(f"{value!r} is not a regular expression: {error}") from None
