"""`memscope completion`: has the shell complete subcommands and options."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from memscope.errors import MemscopeError

_VARIABLE = "_MEMSCOPE_COMPLETE"  # where click's own scripts look
# Where each shell looks by itself, relative to its folder; zsh does where fpath names the folder.
_PLACES = {
    "bash": ("XDG_DATA_HOME", ".local/share", "bash-completion/completions/memscope"),
    "zsh": ("XDG_DATA_HOME", ".local/share", "zsh/site-functions/_memscope"),
    "fish": ("XDG_CONFIG_HOME", ".config", "fish/completions/memscope.fish"),
}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(_PLACES)))
@click.option("--install", is_flag=True, help="Write it to where the shell looks for it.")
def command(shell: str, *, install: bool) -> None:
    """Print the shell's completion script for memscope, or --install it."""
    script = _script(shell)
    if not install:
        click.echo(script)
        return
    place = _place(shell, os.environ)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{script}\n")
    except OSError as error:
        raise MemscopeError(f"cannot be written: {error.strerror}", place) from None
    click.echo(f"memscope: installed as {place}; a new {shell} has it", err=True)
    if shell == "zsh":
        line = f"fpath+={place.parent}"
        click.echo(f"memscope: ~/.zshrc needs this before compinit: {line}", err=True)


def _script(shell: str) -> str:
    from memscope.cli.commands import cli

    completion = get_completion_class(shell)
    if completion is None:
        raise MemscopeError(f"this click does not know {shell}")
    return completion(cli, {}, "memscope", _VARIABLE).source()


def _place(shell: str, environment: Mapping[str, str]) -> Path:
    variable, usual, name = _PLACES[shell]
    folder = environment.get(variable)
    return (Path(folder) if folder else Path.home() / usual) / name
