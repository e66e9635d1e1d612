"""Many runs in one file for each table: of ten thousand files most of the time is their opening.

Whoever asks meanwhile reads each run once; see `memscope.fleet.listing`. Whoever is killed leaves
files that are read as before, or left out.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memscope.errors import MemscopeError
from memscope.fleet.listing import PACK, RUN_NAME, is_pack
from memscope.fleet.schema import TABLES
from memscope.fleet.storing import arrow_schemas, named_in_one_step
from memscope.plain import dataclass

if TYPE_CHECKING:
    import pyarrow as pa

_LOCK = ".compacting"
_GROUP_ROWS = 1 << 17  # of a row group: what is held in memory at once
LEFT_S = 3600.0  # how old files are that a killed process has left
_TIMES = b"memscope.packed"
_State = tuple[int, int]  # of a file: another inode or time is another file


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was done: how many runs were packed, in how many folders."""

    runs: int
    folders: int


def compact(place: Path) -> Compacted:
    """Pack the runs of each folder of service and day. Raises MemscopeError if it cannot be."""
    if not (place / "runs").is_dir():
        remedy = "memscope export --format parquet makes one"
        raise MemscopeError("is no data set of runs", place, remedy)
    schemas = arrow_schemas()
    packed = folders = 0
    try:
        with _alone(place):
            for folder in sorted(place.glob("runs/*/*")):
                count = _compact_folder(place, folder.relative_to(place / "runs"), schemas)
                packed += count
                folders += count > 0
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MemscopeError(f"cannot be compacted: {reason}", place) from None
    return Compacted(packed, folders)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Two at once would pack a run twice."""
    with (place / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MemscopeError("is being compacted already", place) from None
        yield


def _compact_folder(place: Path, folder: Path, schemas: Mapping[str, pa.Schema]) -> int:
    """How many runs were packed."""
    there = sorted(path.stem for path in (place / "runs" / folder).glob("*.parquet"))
    before = _runs_of_packs(place / "runs" / folder, filter(is_pack, there))
    there = [run for run in there if not _is_packed(place / "runs" / folder, run, before)]
    _take_away_leftovers(place, folder, before.keys() - there)
    # Who is in a pack and has files of its own was exported again: those count.
    states = {}
    for run in there:
        if RUN_NAME.fullmatch(run) and run not in before:
            paths = {table: place / table / folder / f"{run}.parquet" for table in TABLES}
            with suppress(FileNotFoundError):  # not whole, or just taken away
                states[run] = {table: _state(path) for table, path in paths.items()}
    if len(states) < 2:
        return 0
    name = f"{PACK}{hashlib.sha256(' '.join(states).encode()).hexdigest()[:16]}.parquet"
    for table in TABLES:  # `runs` last: what is not in it does not count
        files = [place / table / folder / f"{run}.parquet" for run in states]
        with named_in_one_step(place / table / folder / name) as draft:
            told = {run: found["runs"][1] for run, found in states.items()}
            _write_all(files, draft, _with_times(schemas[table], told))
    for run, found in states.items():
        for table in reversed(list(TABLES)):  # `runs` first: from then on the pack counts
            path = place / table / folder / f"{run}.parquet"
            with suppress(FileNotFoundError):
                if _state(path) == found[table]:  # or else it has just been exported again
                    path.unlink()
    return len(states)


def _with_times(schema: pa.Schema, told: Mapping[str, int]) -> pa.Schema:
    """When the file of each run was written: one that was written later was exported again."""
    return schema.with_metadata({**schema.metadata, _TIMES: json.dumps(told).encode()})


def _runs_of_packs(folder: Path, names: Iterator[str]) -> dict[str, int]:
    """And when the files that were packed had been written."""
    import pyarrow.parquet as pq

    found: dict[str, int] = {}
    for name in names:
        found |= json.loads(pq.read_schema(folder / f"{name}.parquet").metadata[_TIMES])
    return found


def _is_packed(folder: Path, run: str, before: Mapping[str, int]) -> bool:
    """Whether the pack has all of it: who had packed it did not come so far as to let it go."""
    if run not in before:
        return False
    path = folder / f"{run}.parquet"
    if path.stat().st_mtime_ns != before[run]:
        return False
    path.unlink()
    return True


def _take_away_leftovers(place: Path, folder: Path, packed: set[str]) -> None:
    """Files of runs that count by their pack: who had packed them has not come to the end."""
    oldest = time.time() - LEFT_S
    for table in TABLES:
        for path in (place / table / folder).glob("*.parquet"):
            if path.stem in packed and path.stat().st_mtime < oldest:
                path.unlink()


def _state(path: Path) -> _State:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _write_all(files: Sequence[Path], draft: Path, schema: pa.Schema) -> None:
    """The rows of all files, run after run."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
        waiting: list[pa.Table] = []
        count = 0
        for file in files:
            table = _as_now(pq.ParquetFile(file).read(), schema, file)
            waiting.append(table)
            count += len(table)
            if count >= _GROUP_ROWS:
                writer.write_table(pa.concat_tables(waiting))
                waiting, count = [], 0
        writer.write_table(pa.concat_tables(waiting) if waiting else schema.empty_table())


def _as_now(table: pa.Table, schema: pa.Schema, file: Path) -> pa.Table:
    """With the columns that came later; what a later memscope has written is not cut down."""
    import pyarrow as pa

    if not set(table.column_names) <= set(schema.names):
        raise MemscopeError("has columns that this memscope does not know", file, "upgrade it")
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
