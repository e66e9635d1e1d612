"""`memscope export --format parquet`: captures into the data set of a fleet."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

import click

from memscope.analysis.redaction import RedactedCapture
from memscope.cli.answer import open_capture
from memscope.cli.newest import newest_capture
from memscope.cli.progress import stop_bars
from memscope.errors import MemscopeError, one_line

DATA_SET = "parquet"


def add_to_data_set(paths: Sequence[Path], output: Path | None, redact_key: str | None) -> None:
    """Adds each; without `output` the last of the paths is the folder.

    redact_key: None for names as they are, "" for pseudonyms that tell nothing.
    """
    from memscope.fleet.contents import contents_of
    from memscope.fleet.storing import arrow_schemas, write_run

    arrow_schemas()  # if it is not installed, nothing is begun
    *captures, place = paths if output is None else (*paths, output)
    if place.is_file() or place.suffix == ".mscope":
        raise MemscopeError("is no folder", place, "name a folder last, or after -o")
    for path in captures or [newest_capture(Path())]:
        gc.disable()  # reading makes millions of small objects and no cycles to speak of
        with open_capture(path) as capture:
            known = capture
            if redact_key is not None:
                known = RedactedCapture(capture, redact_key or None)
            run = contents_of(known, with_advice=redact_key is None)
            write_run(place, run)
        stop_bars()
        where = f"run {run.run} of {run.service}, {run.day}"
        click.echo(f"memscope: {one_line(str(path))} is {one_line(where)}", err=True)
        if not capture.complete:
            click.echo(f"memscope: {one_line(str(path))} is partial", err=True)
