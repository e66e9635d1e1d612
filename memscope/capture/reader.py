"""Opening captures: `load()` gives a `Capture`, which reads each part when it is asked for."""

from __future__ import annotations

import json
import os
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from memscope.capture import _columns
from memscope.capture.columns import (
    WholeUnit,
    accumulated,
    as_type,
    joined,
    largest,
    narrowed,
    only_where,
    scaled,
    unzigzag,
)
from memscope.capture.counters import (
    Sums,
    WindowEnd,
    sums_of_end,
    sums_of_totals,
    totals_of_windows,
)
from memscope.capture.description import End, Exit, Meta
from memscope.capture.fields import scaled as scaled_number
from memscope.capture.format import (
    DOMAINS,
    KNOWN_FORMAT,
    LIFETIME_BYTE_BUCKETS,
    LIFETIME_TIME_BUCKETS,
    MAX_DESCRIPTION_BYTES,
    MAX_ENTRIES,
    MAX_POINTS,
    MAX_ROWS,
    MAX_SNAPSHOTS,
    MAX_SPARSE_ENTRIES,
    SAMPLED_UNIT,
    Allowance,
    Column,
    FormatError,
    FrameKind,
    StoredColumn,
    check_table,
    read_table,
)
from memscope.capture.frames import (
    CaptureFile,
    Frame,
    FrameIndex,
    Progress,
    check_magic,
    read_payload,
    walk,
)
from memscope.capture.looks import read_compiled, read_look_sums, read_looks
from memscope.capture.model import (
    TOTALS_COLUMNS,
    TOTALS_COLUMNS_OF_REQUESTS,
    Cohorts,
    CompiledModule,
    CopyChains,
    Events,
    LifetimeCounts,
    Look,
    LookSums,
    Survey,
    Tables,
    Timeline,
    Totals,
    Window,
)
from memscope.capture.snapshots import (
    Snapshot,
    SnapshotMoment,
    read_moment,
    read_snapshot,
    snapshots_of,
)
from memscope.capture.storedtotals import StoredTotals
from memscope.capture.surveys import read_surveys
from memscope.capture.tables import TableBuilder
from memscope.capture.values import Values, read_values
from memscope.compiled import check_compiled
from memscope.errors import CaptureError
from memscope.plain import replace

MAX_NOTES = 12

T = TypeVar("T")


def load(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Capture:
    """Open a capture. One that is damaged or cut is read as far as it goes: see `Capture.notes`.

    Args:
        path: The capture's file.
        progress: Called on the way with the bytes read so far and the bytes of the file.

    Raises:
        MemscopeError: The file is not a capture, or cannot be read.
    """
    check_compiled(_columns)
    return Capture(CaptureFile(Path(path)), progress)


class Capture:
    """What one recording left behind, read lazily; close it, or use it as a context manager."""

    def __init__(self, source: CaptureFile, progress: Progress | None = None) -> None:
        check_magic(source)
        self._source = source
        self._progress = progress
        self._read_bytes = 0
        self._index = walk(source)
        self._damage: dict[str, None] = dict.fromkeys(self._index.damage)
        self.meta = self._read_meta()
        self.unit = SAMPLED_UNIT if self.meta.sampled else 1
        end = self._read_json(FrameKind.END) if self._index.ended else None
        if self.meta.budget and end is not None and not _was_sampled(end):
            self.meta = replace(self.meta, sampled=False, sampled_share=0.0)
            self.unit = WholeUnit(SAMPLED_UNIT)
        self.end = None if end is None else End.from_json(end, self.unit)
        if self.end is not None and self.end.budget is not None and self.meta.sampled:
            recorded_ns = sum(part.duration_ns for part in self.meta.parts) or self.end.duration_ns
            share = self.end.budget.sampled_ns / max(recorded_ns, 1)
            self.meta = replace(self.meta, sampled_share=share)
        ended = self._read_json(FrameKind.EXIT)
        self.exit = None if ended is None else Exit.from_json(ended)
        if self.end is None:
            self._note("has no end: the recording was cut off, or is still going on")
        elif self.meta.parts:
            self._note_parts()
        elif not self.end.complete:
            self._note("the recorder could not take in everything before it ended")
        if self.end is not None and self.end.dropped_events:
            self._note(f"{self.end.dropped_events:,} events were dropped: all numbers are too low")

    @property
    def path(self) -> Path:
        return self._source.path

    @property
    def size_bytes(self) -> int:
        return self._source.size_bytes

    @cached_property
    def identity(self) -> str:
        """16 hexadecimal digits that are the same in all captures of one recording.

        Interim captures have that of their recording; packing does not change it.
        """
        import hashlib  # with OpenSSL, 4 MiB that who records need not have

        digest = hashlib.sha256()
        for frame in self._index.of(FrameKind.META):
            with suppress(FormatError):
                digest.update(read_payload(self._source, frame))
        return digest.hexdigest()[:16]

    @property
    def index(self) -> FrameIndex:
        """The frames the capture consists of."""
        return self._index

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything that is known by now to be missing or wrong with the file."""
        notes = (*self._damage, *self._index.remarks)
        if len(notes) > MAX_NOTES:
            notes = (*notes[:MAX_NOTES], f"and {len(notes) - MAX_NOTES:,} more like these")
        return notes

    @property
    def complete(self) -> bool:
        """Whether all of the recording is here, as far as it has been read."""
        return self.end is not None and self.end.complete and not self._damage

    @cached_property
    def tables(self) -> Tables:
        """Codes, stacks, threads and row keys."""
        builder = TableBuilder(self._payload, self._damaged)
        for frame in self._index.frames:
            builder.add(frame)
        return builder.build()

    @cached_property
    def totals(self) -> Totals:
        """Every row's counters; worked out from the windows if the file was cut before TOTALS."""
        rows = len(self.tables.rows.stack)
        room = Allowance(MAX_ROWS)
        found = self._index.of(FrameKind.TOTALS)
        pieces = [self._totals_of(frame, room) for frame in found]
        whole = [piece for piece in pieces if piece is not None]
        stored = sum(piece[0].entries for piece in whole)
        if not pieces or len(whole) < len(pieces) or stored < rows:
            again = "blocks from free lists count again, so requests are at most these; "
            self._note(
                f"totals are missing: {again if self.meta.objects else ''}"
                "counters are sums of the windows, peaks those of the highest window end"
            )
            return totals_of_windows(self.windows, rows)
        if stored > rows:
            self._note("some counters cannot be told to a stack: the stack tables are cut")
        columns = dict(zip(TOTALS_COLUMNS, zip(*whole, strict=True), strict=True))
        return StoredTotals(columns, rows, self.unit)

    @property
    def requests_at_most(self) -> bool:
        """Whether no more is known of requests than that there were not more: windows count a block
        again each time that an object is made in it, and only totals tell how often that was.
        """
        return self.meta.objects and self.totals.source == "windows"

    @cached_property
    def sums(self) -> Sums:
        """The counters of the whole recording; from END, or from the rows where that is missing."""
        if self.end is not None and self.end.domains:
            return sums_of_end(self.end)
        ends = [WindowEnd(window.end_ns, window.live_bytes) for window in self.windows()]
        return sums_of_totals(self.totals, self.tables.rows, ends)

    @property
    def duration_ns(self) -> int:
        return self.sums.duration_ns

    @cached_property
    def timeline(self) -> Timeline | None:
        """Memory over time, or None where the file has no TIMELINE."""
        for frame in self._index.of(FrameKind.TIMELINE):
            domains = len(self.meta.domains)
            columns = self._table(frame, domains + 5, Allowance(MAX_POINTS))
            if columns is None:
                continue
            times = accumulated(columns[0])
            *live, highest = map(self._scaled, columns[1 : domains + 2])
            rest = columns[domains + 2 : domains + 5]
            return Timeline(times, _of_each_domain(live, [0] * len(times)), highest, *rest)
        return None

    @property
    def has_lifetimes(self) -> bool:
        """Whether the file has LIFETIMES, whole or damaged."""
        return bool(self._index.of(FrameKind.LIFETIMES))

    def lifetime_parts(self) -> Iterator[LifetimeCounts]:
        """How long blocks lived, a frame at a time: all together are as long as rows, and longer.

        A row may be in several of them.
        """
        room = Allowance(MAX_SPARSE_ENTRIES)
        for frame in self._index.of(FrameKind.LIFETIMES):
            columns = self._table(frame, 4, room)
            if columns is None:
                continue
            if _no_bucket(columns[1], columns[2]):
                self._damaged(frame, "it has a bucket that does not exist")
                continue
            ids, known = self._row_ids(columns[0])
            scale, bucket, count = (column[:known] for column in columns[1:])
            yield LifetimeCounts(ids, scale, bucket, self._scaled(count))

    @cached_property
    def lifetimes(self) -> LifetimeCounts | None:
        """How long blocks lived, or None where the file has no LIFETIMES."""
        parts = [[part.row, part.scale, part.bucket, part.count] for part in self.lifetime_parts()]
        return LifetimeCounts(*_joined(parts)) if parts else None

    @cached_property
    def growth(self) -> CopyChains | None:
        """Copy chains, or None where the file has no GROWTH (none was found, or it is older)."""
        pieces: list[list[Column]] = []
        room = Allowance(MAX_ENTRIES)
        for frame in self._index.of(FrameKind.GROWTH):
            columns = self._table(frame, 7, room)
            if columns is None:
                continue
            if largest(columns[0]) >= len(self.tables.nodes.parent):
                self._damaged(frame, "it refers to a stack that does not exist")
                continue
            pieces.append(columns)
        return CopyChains(*_joined(pieces)) if pieces else None

    @cached_property
    def cohorts(self) -> Cohorts | None:
        """When what is live at the end was allocated, or None where the file has no COHORTS."""
        pieces: list[list[Column]] = []
        room = Allowance(MAX_SPARSE_ENTRIES)
        for frame in self._index.of(FrameKind.COHORTS):
            columns = self._table(frame, 5, room)
            if columns is not None:
                ids, known = self._row_ids(columns[0])
                pieces.append([ids, *(column[:known] for column in columns[1:])])
        if not pieces:
            return None
        row, start, until, blocks, size = _joined(pieces)
        return Cohorts(row, start, until, self._scaled(blocks), self._scaled(size))

    @cached_property
    def surveys(self) -> tuple[Survey, ...]:
        """What lay where in pymalloc's arenas, in the order in which it was written."""
        rows = len(self.tables.rows.stack)
        return read_surveys(self._index, self._payload, self._damaged, unit=self.unit, rows=rows)

    @cached_property
    def values(self) -> Values | None:
        """What objects were worth near the peak; None: nobody looked."""
        tables = self.tables
        for frame in self._index.of(FrameKind.VALUES):
            try:
                rows, types = len(tables.rows.stack), len(tables.types)
                return read_values(self._payload(frame), rows=rows, types=types)
            except FormatError as error:
                self._damaged(frame, str(error))
        return None

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """What resident memory was made of: as it was highest, and at the latest look."""
        data = self._read_json(FrameKind.RESIDENT)
        return () if data is None else read_looks(data, self.unit)

    @cached_property
    def look_sums(self) -> tuple[LookSums, ...]:
        """Where resident memory lay, at every look; captures of earlier versions have none."""
        data = self._read_json(FrameKind.RESIDENT)
        return () if data is None else read_look_sums(data)

    @cached_property
    def compiled(self) -> tuple[CompiledModule, ...]:
        """Loaded modules that Cython or mypyc made; captures of earlier versions tell none."""
        data = self._read_json(FrameKind.RESIDENT)
        return () if data is None else read_compiled(data)

    @cached_property
    def moments(self) -> tuple[SnapshotMoment, ...]:
        """When snapshots of all objects were to be taken, in the order in which they were.

        Those that are cut or damaged are left out, as far as the frames themselves say so.
        """
        found: list[SnapshotMoment] = []
        for frames in snapshots_of(self._index):
            if len(found) == MAX_SNAPSHOTS:
                self._note(f"only the first {MAX_SNAPSHOTS:,} snapshots are read")
                break
            data = self._json_of(frames[0])
            if data is not None:
                found.append(read_moment(data, frames, len(found) + 1))
        return tuple(found)

    @property
    def has_snapshot(self) -> bool:
        """Whether objects were taken down, of the one process that this is a capture of."""
        return not self.meta.parts and any(not moment.why for moment in self.moments)

    def snapshot_at(self, moment: SnapshotMoment) -> Snapshot | None:
        """What objects there were then, or None where a part of that is cut or damaged."""
        tables = self.tables
        return read_snapshot(
            moment,
            self._payload,
            self._damaged,
            types=len(tables.types),
            rows=len(tables.rows.stack),
        )

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The last snapshot of all objects, or None where none was asked for, or it is cut."""
        return self.snapshot_at(self.moments[-1]) if self.moments else None

    def windows(self) -> Iterator[Window]:
        """What changed, one stretch of time after the other; damaged windows are left out."""
        room = Allowance(MAX_SPARSE_ENTRIES)
        header = struct.Struct(f"<4Q{len(self.meta.domains)}Q")
        for frame in self._index.of(FrameKind.WINDOW):
            try:
                payload = self._payload(frame)
                if len(payload) < header.size:
                    raise FormatError("it is too short")
                start, end, first, last, *live = header.unpack_from(payload)
                count, columns = read_table(memoryview(payload)[header.size :], 5)
                room.take(count)
            except FormatError as error:
                self._damaged(frame, str(error))
                continue
            ids, known = self._row_ids(columns[0])
            signed: list[Sequence[float]] = list(columns[1:])
            if frame.version >= 2:
                signed = [narrowed(unzigzag(column)) for column in columns[1:]]
            counters = [scaled(column[:known], self.unit) for column in signed]
            yield Window(start, end, first, last, self._live(live), ids, *counters)

    def events(self) -> Iterator[Events]:
        """Every event in order, a frame at a time (captures made with --events only)."""
        for frame in self._index.of(FrameKind.EVENTS):
            columns = self._table(frame, 6)
            if columns is not None:
                yield Events(*columns)

    def verify(self) -> None:
        """Checks every frame's checksum; what fails is in `notes` afterwards."""
        for frame in self._index.frames:
            try:
                self._payload(frame)
            except FormatError as error:
                self._damaged(frame, str(error))

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> Capture:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Capture {str(self.path)!r}>"

    def _note_parts(self) -> None:
        """Of a merged capture: how many of those that it is made of are not whole."""
        parts = self.meta.parts
        partial = sum(not part.complete for part in parts)
        if partial:
            self._note(
                f"{partial:,} of {len(parts):,} merged captures are partial: sums are not exact"
            )

    def _read_meta(self) -> Meta:
        data = self._read_json(FrameKind.META)
        if data is None:
            self._note(
                "its description (META) cannot be read: whether numbers are exact or sampled"
                " is unknown, exact is assumed"
            )
            return Meta()
        meta = Meta.from_json(data)
        if meta.format > KNOWN_FORMAT:
            raise CaptureError(
                f"was written in format {meta.format} by memscope {meta.memscope or '(unknown)'}",
                self.path,
                "upgrade memscope to read it",
            )
        return meta

    def _read_json(self, kind: FrameKind) -> dict[str, Any] | None:
        for frame in self._index.of(kind):
            data = self._json_of(frame)
            if data is not None:
                return data
        return None

    def _json_of(self, frame: Frame) -> dict[str, Any] | None:
        try:
            payload = self._payload(frame)
            Allowance(MAX_DESCRIPTION_BYTES).take(len(payload))
            data = json.loads(payload)
        except FormatError as error:
            self._damaged(frame, str(error))
        except (ValueError, RecursionError):
            self._damaged(frame, "it is not JSON")
        else:
            if isinstance(data, dict):
                return data
            self._damaged(frame, "it is not a JSON object")
        return None

    def _table(
        self, frame: Frame, columns: int, room: Allowance | None = None, *, optional: int = 0
    ) -> list[Column] | None:
        try:
            count, found = read_table(self._payload(frame), columns, optional=optional)
            if room is not None:
                room.take(count)
            return found
        except FormatError as error:
            self._damaged(frame, str(error))
            return None

    def _totals_of(self, frame: Frame, room: Allowance) -> list[StoredColumn] | None:
        requests = len(TOTALS_COLUMNS_OF_REQUESTS)
        more = len(TOTALS_COLUMNS) - requests
        try:
            columns = check_table(self._payload(frame), requests, optional=more)
            room.take(columns[0].entries)
        except FormatError as error:
            self._damaged(frame, str(error))
            return None
        if frame.version < 2:  # three columns were reserved
            columns[requests:] = [StoredColumn(columns[0].entries, b"")] * more
        return columns

    def _payload(self, frame: Frame) -> bytes:
        payload = read_payload(self._source, frame)
        if self._progress is not None:
            # Not how far into the file: the run summary is at its end, and read first.
            self._read_bytes = min(self._read_bytes + frame.length, self.size_bytes)
            self._progress(self._read_bytes, self.size_bytes)
        return payload

    def _row_ids(self, gaps: Column) -> tuple[Column, int]:
        """The row ids that a column of gaps stands for, without those that are not known."""
        ids = accumulated(gaps)
        first = bisect_left(ids, 1)
        known = bisect_right(ids, len(self.tables.rows.stack))
        if first or known < len(ids):
            self._note("some changes cannot be told to a stack: the stack tables are cut")
        return (as_type("I", ids[:known]), known) if not first else (array("I"), 0)

    def _live(self, stored: Sequence[int]) -> tuple[float, ...]:
        live = stored if self.unit == 1 else [scaled_number(value, self.unit) for value in stored]
        return _of_each_domain(live, 0)

    def _scaled(self, column: Column) -> Sequence[float]:
        return scaled(column, self.unit)

    def _damaged(self, frame: Frame, why: str) -> None:
        self._note(f"a {frame.name} frame at byte {frame.offset:,} is left out: {why}")

    def _note(self, note: str) -> None:
        self._damage[note] = None


def _was_sampled(end: Mapping[str, Any]) -> bool:
    """Whether a recording with a budget has passed it, by its END."""
    budget = end.get("budget")
    return not isinstance(budget, dict) or budget.get("switches_ns") != []


def _of_each_domain(live: Iterable[T], none: T) -> tuple[T, ...]:
    """What a capture says of its domains, and none of those that it does not know of."""
    known = tuple(live)
    return (*known, *repeat(none, len(DOMAINS) - len(known)))


def _joined(pieces: list[list[Any]], length: int | None = None) -> list[Column]:
    """The columns of a table whose frames followed one another, cut to `length` entries."""
    found: list[Column] = []
    for _ in range(len(pieces[0])):
        # Each piece lets go of what has been joined.
        found.append(joined([piece.pop(0) for piece in pieces], length))
    return found


def _no_bucket(scale: Column, bucket: Column) -> bool:
    """Whether a bucket of LIFETIMES is beyond those of its scale."""
    return (
        largest(scale) > 1
        or largest(bucket) >= LIFETIME_BYTE_BUCKETS
        or largest(only_where(bucket, scale)) >= LIFETIME_TIME_BUCKETS
    )
