"""Subcommands on a capture that take the newest one here where none is named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from memscope.errors import MemscopeError, one_line
from memscope.recording.control import recorded_processes

# Stands for the newest capture while the other words are looked at.
ANY = "newest.mscope"


class OnCapture(click.Command):
    """A command whose first argument is a capture: `memscope fits 256MB` is about the newest."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = list(args)  # parsing takes them away
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter as error:
            if not isinstance(error.param, click.Argument) or ctx.resilient_parsing:
                raise
        ctx.params.clear()
        # Wrong usage is told first, whichever captures lie here.
        super().parse_args(ctx, [ANY, *words])
        ctx.params.clear()
        newest = newest_capture(Path())
        rest = super().parse_args(ctx, [str(newest), *words])
        click.echo(f"memscope: the newest capture here is {one_line(str(newest))}", err=True)
        return rest


def newest_capture(folder: Path) -> Path:
    """The `.mscope` file that was written last; raises MemscopeError where there is none.

    One that a recording still writes is taken only where there is no other: it is cut off as yet.
    """
    written: list[tuple[bool, int, Path]] = []
    unfinished = _open_for_writing() if recorded_processes() else set()
    for path in folder.glob("*.mscope"):
        try:
            status = path.stat()
        except OSError:  # gone meanwhile
            continue
        finished = (status.st_dev, status.st_ino) not in unfinished
        written.append((finished, status.st_mtime_ns, path))
    if not written:
        raise MemscopeError("no capture is named, and none is here", None, "memscope run makes one")
    return max(written)[2]


def _open_for_writing() -> set[tuple[int, int]]:
    """The files that processes of this user may write, as far as that can be seen."""
    found: set[tuple[int, int]] = set()
    for process in Path("/proc").glob("[0-9]*/fd"):
        with suppress(OSError):  # another user's, or over
            for entry in os.scandir(process):
                found.update(_written(entry))
    return found


def _written(entry: os.DirEntry[str]) -> Iterator[tuple[int, int]]:
    """The file behind a descriptor, if that can be written through it."""
    with suppress(OSError):
        if entry.stat(follow_symlinks=False).st_mode & stat.S_IWUSR:
            status = entry.stat()
            yield status.st_dev, status.st_ino
