"""What the analysis subcommands share: a capture to read, and where and how the answer goes."""

from __future__ import annotations

import gc
import io
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from memscope.capture import Capture, load
from memscope.cli.newest import OnCapture
from memscope.cli.progress import ReadingProgress, stop_bars
from memscope.cli.usercode import as_named, user_code_of_captures
from memscope.errors import MemscopeError
from memscope.plain import dataclass

if TYPE_CHECKING:
    from rich.console import Console

Function = TypeVar("Function", bound=Callable[..., Any])

# A report in a file is read in an editor or a log: wider than a terminal, never coloured.
FILE_WIDTH = 120
MAX_JSON_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Destination:
    """How an answer is wanted: as JSON or as text, on standard output or in a file."""

    as_json: bool
    output: Path | None


def answer_options(function: Function) -> Function:
    """Adds --json and -o, as `as_json` and `output`."""
    wrapped = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(
        function
    )
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write to FILE instead of standard output.",
    )(wrapped)


def capture_subcommand(name: str) -> Callable[[Function], click.Command]:
    """A command on one capture, with --json and -o; it is given `path` and `destination`."""

    def decorate(function: Function) -> click.Command:
        def subcommand(capture: Path, as_json: bool, output: Path | None, **options: Any) -> None:
            # Reading makes millions of small objects and no cycles to speak of.
            gc.disable()
            function(path=capture, destination=Destination(as_json, output), **options)

        subcommand.__doc__ = function.__doc__
        subcommand.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        wrapped = click.argument("capture", type=click.Path(path_type=Path))(subcommand)
        return click.command(name, cls=OnCapture)(user_code_of_captures(answer_options(wrapped)))

    return decorate


LARGE_BYTES = 1 << 20  # of a file: half a million rows
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of malloc.h
KEPT_BYTES = 1 << 26  # of free memory at the end of the heap


def open_capture(path: Path) -> Capture:
    capture = load(path, progress=ReadingProgress())
    if capture.size_bytes >= LARGE_BYTES:
        reuse_columns()
    return as_named(capture)


def reuse_columns() -> None:
    """Has the C library lay columns where others were; for a process that is memscope's own.

    Else each is mapped anew, and all its pages are faults: of 6 million rows these were a quarter
    of the time. That takes 30 MB more, where it would be 115 if the C library were left alone.
    """
    import ctypes

    # Other C libraries do not have it, or take no notice.
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)


def give(
    destination: Destination,
    capture: Capture,
    document: Callable[[], dict[str, Any]],
    draw: Callable[[Console], None],
) -> None:
    """Writes an answer about one capture to where it is wanted."""
    give_about(destination, [capture.path], document, draw)


def give_about(
    destination: Destination,
    sources: Iterable[Path],
    document: Callable[[], dict[str, Any]],
    draw: Callable[[Console], None],
) -> None:
    """Writes the answer to where it is wanted; only the one of the two that is wanted is made.

    What the answer is about, `sources`, is never written over.
    """
    if destination.as_json:
        give_text(destination, sources, one_object(document()))
        return
    if destination.output is not None:
        check_not_among(destination.output, sources)
    from memscope.reports.terminal.elements import make_console

    stop_bars()
    if destination.output is None:
        draw(make_console())
        return
    from rich.console import Console

    drawn = io.StringIO()
    draw(Console(file=drawn, width=FILE_WIDTH, highlight=False, markup=False, emoji=False))
    _write(destination.output, drawn.getvalue())


def give_text(destination: Destination, sources: Iterable[Path], text: str) -> None:
    """Writes an answer that is for programs to where it is wanted, as it is."""
    if destination.output is not None:
        check_not_among(destination.output, sources)
    stop_bars()
    if destination.output is None:
        click.echo(text, nl=False)
    else:
        _write(destination.output, text)


def one_object(document: dict[str, Any]) -> str:
    """The document as a line of JSON, unless it is too long for anybody.

    Names in a hostile capture have up to 64 KiB, and a few of them may be those of millions of
    rows. Without indentation, which would take Python's own encoder: ten times as long.
    """
    parts: list[str] = []
    left = MAX_JSON_BYTES
    for name, value in document.items():
        parts.append(f"{', ' if parts else ''}{json.dumps(name)}: ")
        items = value if isinstance(value, list) else None
        for place, item in enumerate([value] if items is None else items):
            text = json.dumps(item, allow_nan=False)
            left -= len(text)
            if left < 0:
                most = f"{MAX_JSON_BYTES >> 20:,} MiB"
                raise MemscopeError(f"the answer would be longer than {most}", None, "ask for less")
            parts.append(f", {text}" if place else text if items is None else f"[{text}")
        if items is not None:
            parts.append("]" if items else "[]")
    return "".join(["{", *parts, "}\n"])


def check_not_among(output: Path, sources: Iterable[Path], what: str = "the capture") -> None:
    if any(_same_file(output, source) for source in sources):
        raise MemscopeError(f"is {what} itself", output, "name another file")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MemscopeError(f"cannot be written: {reason.lower()}", path) from None


def _same_file(left: Path, right: Path) -> bool:
    try:
        return os.path.samefile(left, right)
    except (OSError, ValueError):
        return False
