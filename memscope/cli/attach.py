"""`memscope attach`: records a process that runs already, and leaves it as it was."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.cli.quantities import seconds_of
from memscope.cli.recordingoptions import (
    budget_option,
    force_option,
    no_summary_option,
    objects_option,
    output_option,
    sample_option,
)
from memscope.cli.serving import DEFAULT_ADDRESS, services
from memscope.errors import MemscopeError, one_line

if TYPE_CHECKING:
    from memscope.recording.attaching import Attachment, Detached

MOST_TYPES = 8


@click.command("attach")
@click.argument("pid", metavar="PID", type=click.IntRange(1))
@click.option(
    "--seconds", type=click.FloatRange(0.0), metavar="N", help="Leave it after N seconds."
)
@output_option
@force_option
@click.option("-q", "--quiet", is_flag=True, help="Say only what fails.")
@no_summary_option
@sample_option
@budget_option
@objects_option
@click.option(
    "--inventory/--no-inventory",
    default=True,
    help="Note which objects are there already; the process stands still for it.  [default: on]",
)
@click.option(
    "--wait",
    "wait_s",
    default="10s",
    metavar="TIME",
    callback=seconds_of,
    help="How long the process may take to let memscope in.  [default: 10s]",
)
@click.option(
    "--serve",
    "address",
    is_flag=False,
    flag_value=DEFAULT_ADDRESS,
    metavar="[ADDR]",
    help=f"Answer over HTTP meanwhile: profiles, metrics, captures.  [default: {DEFAULT_ADDRESS}]",
)
@click.option(
    "--serve-token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answer only those who send the token in FILE, or in $MEMSCOPE_SERVE_TOKEN.",
)
def command(
    *,
    pid: int,
    seconds: float | None,
    output: Path | None,
    force: bool,
    quiet: bool,
    no_summary: bool,
    sample_bytes: int,
    budget: float | None,
    objects: bool,
    inventory: bool,
    wait_s: float,
    address: str | None,
    serve_token_file: Path | None,
) -> None:
    """Record a process that runs already, until Ctrl-C or `memscope detach PID`.

    From Python 3.14 on any process of yours; before, one that has called memscope.listen() or was
    started with MEMSCOPE_LISTEN=1. It needs memscope of the same version installed.
    """
    try:
        from memscope.recording.asked import Control
        from memscope.recording.attaching import Attachment, AttachOptions
    except ImportError as error:
        raise MemscopeError(f"the recorder cannot be loaded: {error}") from None
    options = AttachOptions(
        output=output,
        force=force,
        sample_bytes=sample_bytes,
        budget=budget or 0.0,
        objects=objects,
        inventory=inventory and objects,
        wait_s=wait_s,
    )
    # Whoever asks for the end before it has begun has it at once.
    served = services(address, serve_token_file, None, quiet=quiet)
    attachment = Attachment(pid, options)
    _on_end(attachment.stop)
    if not quiet:
        name = one_line(" ".join(attachment.command))
        until = "Ctrl-C" if seconds is None else f"{seconds:g} seconds, Ctrl-C"
        _say(f"attached to process {pid}, {name}; until {until} or memscope detach {pid}")
    detached = attachment.wait([Control(attachment.stop), *served], seconds)
    _report(detached, attachment, quiet=quiet, no_summary=no_summary)


def _on_end(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop())


def _report(detached: Detached, attachment: Attachment, *, quiet: bool, no_summary: bool) -> None:
    pid = attachment.pid
    if detached.still is not None:
        _say(f"process {pid} has not answered; {detached.still}")
    if detached.problem is not None or detached.path is None:
        raise MemscopeError(detached.problem or "there is no capture")
    if quiet:
        return
    _say(f"process {pid} {'has ended' if detached.ended else 'goes on, and is left alone'}")
    if attachment.no_inventory:
        _say(f"there is no inventory: {attachment.no_inventory}")
    from memscope.recording.outputs import shown

    if no_summary:
        _say(f"the capture is {shown(detached.path)}")
        return
    from memscope.analysis.inventory import inventory
    from memscope.analysis.summary import summarize
    from memscope.analysis.units import bytes_text
    from memscope.cli.answer import open_capture
    from memscope.reports.terminal.elements import make_console
    from memscope.reports.terminal.summary import print_summary

    with open_capture(Path(shown(detached.path))) as capture:
        print_summary(make_console(stderr=True), summarize(capture, made_of=True))
        there = inventory(capture, MOST_TYPES)
    if there is None:
        return
    _say(f"there before: {there.objects:,} objects, {bytes_text(there.bytes)}; most of it:")
    for each in there.types:
        _say(f"  {bytes_text(each.bytes):>9} {each.objects:>11,}  {one_line(each.name)}")


def _say(line: str) -> None:
    click.echo(f"memscope: {line}", err=True)
