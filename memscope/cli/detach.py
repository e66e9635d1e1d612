"""`memscope detach`: ends what `memscope attach` began; the process is as it was."""

from __future__ import annotations

import click


@click.command("detach")
@click.argument("pid", metavar="PID", type=click.IntRange(1))
def command(*, pid: int) -> None:
    """End the recording of a process that `memscope attach` records, and leave it as it was.

    When this ends, the hooks are out of it. `memscope attach` writes its capture then.
    """
    from memscope.recording.control import ask_to_detach

    ask_to_detach(pid)
    click.echo(f"memscope: process {pid} is left alone", err=True)
