"""The options of verbs that list sites: which, how many, and in what order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from memscope.analysis.hotspots import GROUPS
from memscope.analysis.measures import BYS

Function = TypeVar("Function", bound=Callable[..., Any])


def site_options(*, by_help: str, group_help: str) -> Callable[[Function], Function]:
    """Adds `by`, `group`, `limit`, `own_only` and `no_imports`."""
    options = (
        click.option(
            "--by",
            type=click.Choice(BYS),
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
        click.option("--own", "own_only", is_flag=True, help="Only your own code, no libraries."),
        click.option(
            "--no-imports", is_flag=True, help="Leave out what importing modules allocated."
        ),
    )

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate
