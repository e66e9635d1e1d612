"""Subcommands on a capture that take the newest one here where none is named."""

from __future__ import annotations

from pathlib import Path

import click

from memscope.errors import MemscopeError, one_line

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
    """The `.mscope` file that was written last; raises MemscopeError where there is none."""
    written: list[tuple[int, Path]] = []
    for path in folder.glob("*.mscope"):
        try:
            written.append((path.stat().st_mtime_ns, path))
        except OSError:  # gone meanwhile
            continue
    if not written:
        raise MemscopeError("no capture is named, and none is here", None, "memscope run makes one")
    return max(written)[1]
