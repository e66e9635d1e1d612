"""Writing a run into a data set, beside any number of other writers.

A file is written under a name that no reader takes, brought to the disk, and named in one step. So
whoever is killed in the middle leaves no file that is not whole. A run's files are named by the
run: writing it again replaces them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from memscope.errors import MemscopeError
from memscope.fleet.contents import Entry, RunContents
from memscope.fleet.schema import TABLES, VERSION, Columns

if TYPE_CHECKING:
    import pyarrow as pa


def write_run(place: Path, run: RunContents, *, durable: bool = True) -> None:
    """Add a run to the data set, or replace it there. Raises MemscopeError if it cannot be.

    durable: wait until it is on the disk.
    """
    schemas = arrow_schemas()
    service = quote(run.service, safe="", errors="backslashreplace")
    folders = f"service={service}", f"day={run.day}"
    _check_not_elsewhere(place, run, folders)
    try:
        for name in TABLES:  # `runs` last: what is not in it does not count
            target = place.joinpath(name, *folders, f"{run.run}.parquet")
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, schemas[name], TABLES[name], run.tables[name], durable=durable)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MemscopeError(f"cannot be written: {reason}", place) from None


def _check_not_elsewhere(place: Path, run: RunContents, folders: tuple[str, str]) -> None:
    """Redacted, or with another user's service, the run would be there twice."""
    for found in place.glob(f"runs/*/*/{run.run}.parquet"):
        if found.parent != place.joinpath("runs", *folders):
            raise MemscopeError("has this run already, as another service or day's", found)


def _write(
    target: Path, schema: pa.Schema, columns: Columns, entries: Sequence[Entry], *, durable: bool
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = {
        name: [_value(kind, entry.get(name)) for entry in entries] for name, kind in columns.items()
    }
    try:
        table = pa.Table.from_pydict(values, schema=schema)
    except (OverflowError, pa.ArrowInvalid):  # of a hostile capture
        raise MemscopeError("has figures beyond what a data set holds", target.stem) from None
    with named_in_one_step(target, durable=durable) as draft:
        pq.write_table(table, draft, compression="zstd")


@contextmanager
def named_in_one_step(target: Path, *, durable: bool = True) -> Iterator[Path]:
    """A file to write, which gets its name once it is whole, and on the disk."""
    # Readers of data sets leave out what begins with a dot.
    draft = target.with_name(f".{target.stem}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        yield draft
        if durable:
            _sync(draft, os.O_RDONLY)
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    if durable:
        _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)


def _value(kind: str, value: Any) -> Any:
    if kind == "time" and value is not None:
        return round(value * 1e6)
    if kind == "text" and isinstance(value, str) and not value.isascii():
        # Names in captures may hold halves of characters, which Parquet cannot.
        return value.encode("utf-8", "backslashreplace").decode()
    return value


def _sync(path: Path, how: int) -> None:
    descriptor = os.open(path, how | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def arrow_schemas() -> Mapping[str, pa.Schema]:
    """Of each table. Raises MemscopeError where pyarrow is not installed."""
    try:
        import pyarrow as pa
    except ImportError:
        raise MemscopeError(
            "the format parquet needs a package that is not installed",
            None,
            "pip install 'memscope-profiler[fleet]'",
        ) from None
    types = {
        "text": pa.string(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "labels": pa.map_(pa.string(), pa.string()),
        "time": pa.timestamp("us", "UTC"),
    }
    told = {b"memscope.schema": f"memscope.fleet/{VERSION}".encode()}
    return {
        name: pa.schema([(column, types[kind]) for column, kind in columns.items()], told)
        for name, columns in TABLES.items()
    }
