"""`--at`: which of a capture's snapshots."""

from __future__ import annotations

import click


def _number(ctx: click.Context, param: click.Parameter, value: str) -> int | None:
    if value == "last":
        return None
    if not value.isdecimal():
        raise click.BadParameter(f"{value!r} is neither a number nor 'last'.")
    return int(value)


moment_option = click.option(
    "--at", metavar="N|last", default="last", show_default=True, callback=_number,
    help="Show the N-th snapshot, counted from 1.",
)  # fmt: skip
