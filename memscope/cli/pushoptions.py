"""The options of subcommands that push profiles, and what they come to."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

import click

from memscope.cli.quantities import seconds_of
from memscope.plain import dataclass

if TYPE_CHECKING:
    from memscope.pushing.destinations import PushReceiver
    from memscope.recording.watched import Watcher

Function = TypeVar("Function", bound=Callable[..., Any])
DEFAULT_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class PushOptions:
    """What the options of `memscope run` say of it."""

    url: str
    every_s: float
    kind: str
    credentials: Path | None


kind_option = click.option(
    "--push-as", "kind", type=click.Choice(("pyroscope", "pprof")), default="pyroscope",
    show_default=True, help="What the receiver takes: Pyroscope's /ingest, or pprof as it is.",
)  # fmt: skip
credentials_option = click.option(
    "--push-credentials", "credentials", type=click.Path(path_type=Path), metavar="FILE",
    help="A token or NAME:PASSWORD in FILE, or in $MEMSCOPE_PUSH_CREDENTIALS.",
)  # fmt: skip


def run_options(function: Function) -> Function:
    """Adds those of `memscope run`; it is given `push`, or None."""

    @functools.wraps(function)
    def with_push(
        *words: Any,
        url: str | None,
        push_every: float | None,
        kind: str,
        credentials: Path | None,
        **more: Any,
    ) -> Any:
        if url is None and (push_every is not None or credentials is not None):
            raise click.UsageError("--push-every and --push-credentials go with --push.")
        push = None
        if url is not None:
            push = PushOptions(url, push_every or DEFAULT_EVERY_S, kind, credentials)
        return function(*words, push=push, **more)

    every_option = click.option(
        "--push-every", metavar="TIME", callback=seconds_of,
        help="How often: 10s, 5m.  [default: 60s]",
    )  # fmt: skip
    url_option = click.option(
        "--push", "url", metavar="URL",
        help="Send profiles to URL while it runs: http://localhost:4040, say.",
    )  # fmt: skip
    wrapped = url_option(every_option(kind_option(credentials_option(with_push))))
    return cast(Function, wrapped)


def destination_at(url: str, kind: str, credentials: Path | None) -> PushReceiver:
    """Raises click.UsageError."""
    from memscope.errors import one_line
    from memscope.pushing.destinations import Kind, destination_of

    assert kind in get_args(Kind)
    try:
        return destination_of(url, cast(Kind, kind), credentials, os.environ)
    except ValueError as error:
        raise click.UsageError(f"push: {one_line(str(error))}") from None


def pushers(push: PushOptions | None, service: str, labels: Mapping[str, str]) -> list[Watcher]:
    """Who pushes while a program runs, if somebody is to."""
    if push is None:
        return []
    from memscope.pushing.children import ChildrenPusher
    from memscope.pushing.messages import Sender
    from memscope.pushing.pusher import Pusher
    from memscope.recording.labels import labels_in

    try:
        known = {"host": os.uname().nodename, **labels_in(os.environ), **labels}
    except ValueError:  # it is recorded all the same
        known = {"host": os.uname().nodename, **labels}
    destination = destination_at(push.url, push.kind, push.credentials)
    sender = Sender(known.get("service") or service, known)
    own = Pusher(destination, sender, push.every_s)
    return [own, ChildrenPusher(destination, sender, push.every_s)]
