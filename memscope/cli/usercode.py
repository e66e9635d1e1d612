"""`--user-code`: which lines are the user's, where memscope would take others for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from memscope.capture import Capture
from memscope.errors import one_line
from memscope.plain import replace
from memscope.usercode import is_path

Function = TypeVar("Function", bound=Callable[..., Any])

_KEY = "memscope.user_code"
_HELP = "Which code is yours: a package, a file or a directory. May be given several times."


def _checked(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if not word.strip():
            raise click.BadParameter("name a package, a file or a directory")
        if is_path(word) and not os.path.exists(word):
            raise click.BadParameter(f"there is no {word!r}: name a package, a file or a directory")
        if not is_path(word) and not all(part.isidentifier() for part in _parts(word)):
            raise click.BadParameter(f"{word!r} is neither a package nor a path")
    return words


def _parts(word: str) -> list[str]:
    """Of a package's name, or of a distribution's, which may have dashes."""
    return word.replace("-", "_").split(".")


def _remembered(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> None:
    """Sources need not be where a capture is read."""
    ctx.meta[_KEY] = words


# Of `run`: the recording remembers it.
user_code_option = click.option(
    "--user-code", multiple=True, metavar="PACKAGE|PATH", callback=_checked, help=_HELP
)


def user_code_of_captures(function: Function) -> Function:
    """Adds the option to a subcommand on captures; `as_named` does what it asks for."""
    return click.option(
        "--user-code",
        multiple=True,
        metavar="PACKAGE|PATH",
        callback=_remembered,
        expose_value=False,
        help=_HELP,
    )(function)


def as_named(capture: Capture) -> Capture:
    """The capture with the user code that the command line names, if it names any."""
    context = click.get_current_context(silent=True)
    words = context.meta.get(_KEY, ()) if context is not None else ()
    if words:
        from memscope.recording.projects import named

        here = [
            os.path.join(capture.meta.cwd, word)
            if is_path(word) and not os.path.exists(word)
            else word
            for word in words
        ]
        capture.meta = replace(capture.meta, user_code=named(here))
        say_unmatched(capture)
    return capture


def say_unmatched(capture: Capture) -> None:
    """One line on stderr if nothing of what was named is in the capture."""
    if not capture.meta.user_code:
        return
    from memscope.analysis.origins import Origins

    missing = Origins(capture.meta, capture.tables).unmatched
    if len(missing) == len(capture.meta.user_code):
        names = ", ".join(missing)
        line = one_line(f"memscope: --user-code: no code of {names} was recorded")
        click.echo(line, err=True)
