"""Which of many captures have the labels that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from memscope.cli.answer import open_capture
from memscope.errors import MemscopeError
from memscope.labels import has_labels

_MOST_NAMED = 8  # values that captures have instead


def sides_by_label(
    paths: Sequence[Path], old: Mapping[str, str], new: Mapping[str, str]
) -> tuple[list[Path], list[Path]]:
    """The captures of both sides, in their order; those of neither are left out, and counted.

    Raises MemscopeError where a side has none, or where a capture is of both.
    """
    labels = {path: _labels(path) for path in paths}
    sides = [[path for path in labels if has_labels(labels[path], side)] for side in (old, new)]
    for path in set(sides[0]) & set(sides[1]):
        raise MemscopeError("has the labels of both sides", path)
    for side, found in zip((old, new), sides, strict=True):
        if not found:
            raise MemscopeError(_none(side, list(labels.values())))
    left = len(labels) - len(sides[0]) - len(sides[1])
    if left:
        has = "capture has" if left == 1 else "captures have"
        click.echo(f"memscope: {left} {has} the labels of neither side", err=True)
    return sides[0], sides[1]


def _labels(path: Path) -> Mapping[str, str]:
    with open_capture(path) as capture:
        return capture.meta.labels


def _none(side: Mapping[str, str], labels: Sequence[Mapping[str, str]]) -> str:
    asked = " ".join(f"{key}={value}" for key, value in side.items())
    there = sorted({f"{key}={of[key]}" for of in labels for key in side if key in of})
    if not there:
        return f"no capture has {asked}; none has a label of that name"
    more = f", and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else ""
    return f"no capture has {asked}; there are {', '.join(there[:_MOST_NAMED])}{more}"
