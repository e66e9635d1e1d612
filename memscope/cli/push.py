"""`memscope push`: a capture's profile to a receiver."""

from __future__ import annotations

import gc
import io
import threading
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click

from memscope.cli.answer import open_capture
from memscope.cli.progress import stop_bars
from memscope.cli.pushoptions import credentials_option, destination_at, kind_option
from memscope.cli.usercode import user_code_of_captures
from memscope.errors import MemscopeError, one_line
from memscope.exports.pprof import Profile, write_profile

if TYPE_CHECKING:
    from memscope.pushing.destinations import PushReceiver
    from memscope.pushing.messages import Message

ATTEMPTS = 4
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0  # twice as long each time


@click.command("push")
@click.argument("path", metavar="CAPTURE", type=click.Path(path_type=Path))
@click.argument("url", metavar="URL")
@kind_option
@credentials_option
@user_code_of_captures
def command(*, path: Path, url: str, kind: str, credentials: Path | None) -> None:
    """Send a capture's profile to Pyroscope, or to any receiver of pprof.

    memscope run --push URL sends one again and again while a program runs.
    """
    from memscope.pushing.messages import Sender, message_of

    destination = destination_at(url, kind, credentials)
    gc.disable()  # reading makes millions of small objects and no cycles to speak of
    with open_capture(path) as capture:
        stream = io.BytesIO()
        write_profile(Profile(capture), stream)
        meta = capture.meta
        name = meta.labels.get("service") or PurePath(meta.main.removeprefix("-m ")).stem
        began = meta.started
        ended = began + capture.duration_ns / 1e9
        sender = Sender(name or path.stem, meta.labels)
        message = message_of(destination, sender, stream.getvalue(), began, ended)
    stop_bars()
    _send(destination, message)
    where = f"{one_line(str(path))} is at {destination.shown} as {one_line(sender.name)}"
    click.echo(f"memscope: {where}", err=True)


def _send(destination: PushReceiver, message: Message) -> None:
    """Again where that may help; raises MemscopeError where it is not taken."""
    from memscope.pushing.posting import NotTakenError, post

    for attempt in range(ATTEMPTS):
        try:
            post(destination, message)
            return
        except NotTakenError as error:
            reason, again, after_s = str(error), error.again, error.after_s
        if not again or attempt == ATTEMPTS - 1:
            break
        threading.Event().wait(min(max(FIRST_WAIT_S * 2**attempt, after_s), LONGEST_WAIT_S))
    tried = "" if not again else f" ({ATTEMPTS} attempts)"
    raise MemscopeError(f"did not take the profile: {reason}{tried}", destination.shown)
