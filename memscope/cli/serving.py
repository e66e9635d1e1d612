"""The option `--serve` of `memscope run`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.errors import MemscopeError, one_line

if TYPE_CHECKING:
    from memscope.serving.service import Service


DEFAULT_ADDRESS = "127.0.0.1:6060"
# What `--serve` takes for its value, and not for the program.
_ADDRESS = re.compile(r"unix:.+|[^/\s]*:[0-9]+")


def is_address(word: str = "") -> bool:
    """Whether a word after `--serve` is the address, and not the program."""
    return _ADDRESS.fullmatch(word) is not None


def services(
    address: str | None, token_file: Path | None, limit_bytes: int | None, *, quiet: bool
) -> list[Service]:
    """The service that is asked for, if one is."""
    if address is not None:
        return [service_at(address, token_file, limit_bytes, quiet=quiet)]
    if token_file is not None:
        raise click.UsageError("--serve-token-file goes with --serve.")
    return []


def service_at(
    address: str, token_file: Path | None, limit_bytes: int | None, *, quiet: bool
) -> Service:
    """A service that listens already, and answers once it is started.

    Raises click.UsageError where the address cannot be had, so nothing has begun then.
    """
    from memscope.serving.addresses import open_door, read_token
    from memscope.serving.service import Service

    try:
        door = open_door(address, read_token(token_file, os.environ))
    except (ValueError, MemscopeError) as error:
        raise click.UsageError(f"--serve: {one_line(str(error))}") from None
    # A port that the kernel chose nobody could know otherwise.
    if not quiet or address.endswith(":0"):
        click.echo(f"memscope: serving {one_line(door.url)}", err=True)
    return Service(door, limit_bytes)
