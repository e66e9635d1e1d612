"""`memscope snapshot`: a capture of a program that runs under `memscope run`, as of now."""

from __future__ import annotations

import os
from pathlib import Path

import click

from memscope.errors import MemscopeError, one_line


@click.command("snapshot")
@click.argument("pid", metavar="PID", type=click.IntRange(1))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the capture goes.  [default: memscope-snapshot-<pid>.mscope]",
)
@click.option("-f", "--force", is_flag=True, help="Replace FILE if it exists.")
@click.option(
    "--heap",
    is_flag=True,
    help="With a snapshot of all objects as they are now, for `holders` and `why`; the program "
    "stands still for it.",
)
def command(*, pid: int, output: Path | None, force: bool, heap: bool) -> None:
    """Write all that was recorded of a running program so far; the program goes on.

    PID is the recorded process, `memscope run` itself, or a forked child that
    --follow-fork records.
    """
    from memscope.capture.packing import pack
    from memscope.recording.control import ask_for_capture
    from memscope.recording.outputs import open_output, place_output, shown

    fd, path = open_output(output, force)
    try:
        why = ask_for_capture(pid, fd, heap)
    except MemscopeError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)
    pack(path)
    if output is None:
        path = place_output(path, "snapshot", pid)
    if why:
        click.echo(f"memscope: no snapshot of the objects: {one_line(why)}", err=True)
    click.echo(f"memscope: the capture is {one_line(shown(path))}", err=True)
