"""`memscope export`: a capture as a file that other tools open."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from memscope.analysis.measures import BYS, By
from memscope.analysis.redaction import RedactedCapture
from memscope.capture import Capture
from memscope.cli.answer import open_capture
from memscope.cli.exportdataset import DATA_SET, add_to_data_set
from memscope.cli.files import opened
from memscope.cli.newest import OnCapture
from memscope.cli.progress import stop_bars, writing
from memscope.cli.selecting import MeasureChoice
from memscope.cli.usercode import user_code_of_captures
from memscope.errors import MemscopeError, one_line
from memscope.exports.exporter import Exporter
from memscope.exports.provenance import remarks
from memscope.exports.registry import find_exporter, format_names, is_built_in

DEFAULT_BY: By = "allocated_bytes"
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_OUTPUT = Path("-")
# An export is at most that long, or so many times as long as a capture that is large itself. A row
# of 20 bytes is 360 of JSON.
MAX_EXPORT_BYTES = 1 << 31
MAX_EXPORT_SHARE = 64


def list_formats(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    """Prints every format, also those that are broken, and ends."""
    if not wanted or ctx.resilient_parsing:
        return
    formatter = ctx.make_formatter()
    with formatter.section("Formats"):
        formats = [(name, _described(name)) for name in format_names()]
        formatter.write_dl(
            [*formats, (DATA_SET, "memscope fleet: a folder of many captures (extra)")]
        )
    click.echo(formatter.getvalue(), nl=False)
    ctx.exit()


def _described(name: str) -> str:
    try:
        exporter = find_exporter(name)
    except MemscopeError as error:
        return f"cannot be used: {error}"
    return f"{one_line(str(exporter.description))} ({one_line(str(exporter.suffix))})"


def named_format(ctx: click.Context, param: click.Parameter, name: str) -> str:
    names = (*format_names(), DATA_SET)
    if name not in names:
        raise click.BadParameter(f"{name!r} is not one of {', '.join(names)}")
    return name


@click.command("export", cls=OnCapture)
@click.argument("path", metavar="CAPTURE", type=click.Path(path_type=Path))
@click.argument("more", metavar="[MORE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--format",
    "name",
    required=True,
    callback=named_format,
    metavar="NAME",
    help="Which format; --list shows them.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to; - is standard output.  [default: the capture's name with the format's suffix]",
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option(
    "--by",
    type=MeasureChoice(BYS),
    help=f"The measure, for formats that carry one.  [default: {DEFAULT_BY}]",
)
@click.option("--redact", is_flag=True, help="Pseudonyms instead of paths and names.")
@click.option(
    "--redact-key",
    metavar="KEY",
    help="As --redact; the same KEY gives the same pseudonyms, so that exports can be compared.",
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=list_formats,
    help="List the formats and what opens them.",
)
@user_code_of_captures
def command(
    *,
    path: Path,
    more: tuple[Path, ...],
    name: str,
    output: Path | None,
    force: bool,
    by: By | None,
    redact: bool,
    redact_key: str | None,
) -> None:
    """Write a capture in a format that other tools open.

    The format parquet takes several captures, and adds them to the folder that -o or the last word
    names.
    """
    if name == DATA_SET:
        if by is not None:
            raise click.BadParameter(f"{DATA_SET} carries all measures", param_hint="--by")
        key = "" if redact and redact_key is None else redact_key
        add_to_data_set((path, *more), output, key)
        return
    if more:
        raise click.UsageError(f"Only the format {DATA_SET} takes several captures.")
    exporter = find_exporter(name)
    if by is not None and by not in exporter.bys:
        carried = ", ".join(exporter.bys) or "all it can at once"
        raise click.BadParameter(f"{name} carries {carried}", param_hint="--by")
    # Reading makes millions of small objects and no cycles to speak of.
    gc.disable()
    with open_capture(path) as capture:
        exported = (
            RedactedCapture(capture, redact_key) if redact or redact_key is not None else capture
        )
        place = Path(path.stem + exporter.suffix) if output is None else output
        with _opened(place, capture, exporter, force) as stream:
            with writing() as told:
                shown = told if place != STANDARD_OUTPUT else _unseen
                bounded = _Bounded(stream, shown, capture.size_bytes)
                left_out = _write(exporter, name, exported, bounded, by or _default_by(exporter))
            stop_bars()
        if place != STANDARD_OUTPUT:
            click.echo(f"memscope: the {name} export is {one_line(str(place))}", err=True)
        for remark in (*remarks(exported), *left_out):
            click.echo(f"memscope: {one_line(remark)}", err=True)


class _Bounded(io.RawIOBase):
    """Refuses to write more than any tool opens, as a few kilobytes from an enemy may ask it to."""

    def __init__(self, stream: BinaryIO, told: Callable[[int], None], capture_bytes: int) -> None:
        self._stream = stream
        self._told = told
        self._most = max(MAX_EXPORT_BYTES, MAX_EXPORT_SHARE * capture_bytes)
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        size = memoryview(data).nbytes
        self._written += size
        if self._written > self._most:
            raise MemscopeError(f"the export would be longer than {self._most >> 20:,} MiB")
        self._stream.write(data)
        self._told(self._written)
        return size


def _unseen(written: int) -> None:
    """Standard output may be the terminal that a bar would be on."""


def _default_by(exporter: Exporter) -> By:
    return exporter.bys[0] if exporter.bys and DEFAULT_BY not in exporter.bys else DEFAULT_BY


def _write(
    exporter: Exporter, name: str, capture: Capture, bounded: _Bounded, by: By
) -> tuple[str, ...]:
    try:
        return tuple(map(str, exporter.write(capture, cast(BinaryIO, bounded), by) or ()))
    except (MemscopeError, OSError, MemoryError):
        raise
    except Exception as error:
        if is_built_in(name):
            raise
        reason = one_line(f"{type(error).__name__}: {error}")
        raise MemscopeError(f"the format {name!r} failed: {reason}") from None


@contextmanager
def _opened(place: Path, capture: Capture, exporter: Exporter, force: bool) -> Iterator[BinaryIO]:
    """The stream to write to: standard output, or a file."""
    if place == STANDARD_OUTPUT:
        if sys.stdout is None:
            raise MemscopeError("standard output is closed", None, "use -o FILE")
        if not exporter.is_text and sys.stdout.isatty():
            raise MemscopeError(f"{exporter.name} is not text for a terminal", None, "use -o FILE")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with opened(place, capture.path, force) as stream:
        yield stream
