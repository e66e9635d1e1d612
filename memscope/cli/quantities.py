"""Values of options that are sizes, times, shares and labels, as click's callbacks."""

from __future__ import annotations

import re

import click

from memscope.analysis.limits import parse_size
from memscope.labels import parse_labels

_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m|h|d)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LEAST_S = 1.0


def size_in_bytes(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """Bytes, with a unit or without."""
    return _size(value, bare=True)


def limit_of(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """A size with its unit, at least a byte."""
    if value is None:
        return None
    size_bytes = _size(value, bare=False)
    if size_bytes < 1:
        raise click.BadParameter("a limit is at least 1 B")
    return size_bytes


def _size(value: str, *, bare: bool) -> int:
    try:
        return parse_size(value, bare=bare)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def seconds_of(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """A time with its unit, in seconds."""
    if value is None:
        return None
    found = _TIME.fullmatch(value)
    if found is None:
        raise click.BadParameter(f"{value!r} is not a time such as 30s, 10m or 2h")
    seconds = float(found[1]) * _SECONDS[found[2]]
    if not LEAST_S <= seconds <= 365 * _SECONDS["d"]:
        raise click.BadParameter("a time is from 1s to 365d")
    return seconds


def labels_of(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Words KEY=VALUE, by key."""
    try:
        return parse_labels(values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def share_of_time(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """A share, such as 2%, as a number up to 1."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,9})?)\s*%", value)
    if found is None or not float(found[1]) <= 100:
        raise click.BadParameter(
            f"{value!r} is not a share: write a number up to 100 and %, as in 2%"
        )
    return float(found[1]) / 100
