"""Opening captures: `load()` gives a `Capture`, which reads each part when it is asked for."""

from __future__ import annotations

import json
import os
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, chain, compress
from pathlib import Path
from types import TracebackType
from typing import Any

from memscope.capture.description import End, Exit, Meta
from memscope.capture.format import (
    LIFETIME_BYTE_BUCKETS,
    LIFETIME_TIME_BUCKETS,
    MAX_DESCRIPTION_BYTES,
    MAX_ENTRIES,
    MAX_POINTS,
    MAX_SPARSE_ENTRIES,
    SAMPLED_UNIT,
    Allowance,
    Column,
    FormatError,
    Kind,
    read_table,
)
from memscope.capture.frames import (
    Frame,
    FrameIndex,
    Progress,
    Source,
    check_magic,
    read_payload,
    walk,
)
from memscope.capture.model import (
    TOTALS_COLUMNS,
    Cohorts,
    Events,
    Growth,
    Lifetimes,
    Survey,
    Tables,
    Timeline,
    Totals,
    Window,
)
from memscope.capture.sums import Sums, WindowEnd, sums_of_end, sums_of_totals, totals_of_windows
from memscope.capture.surveys import read_surveys
from memscope.capture.tables import TableBuilder
from memscope.errors import CaptureError

MAX_NOTES = 12
_WINDOW_HEADER = struct.Struct("<7Q")


def load(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Capture:
    """Opens a capture; `progress` is told (bytes read so far, bytes of the file) on the way.

    Raises `MemscopeError` if the file is no capture. A damaged or cut capture is read as far as it
    goes, and says so in `Capture.notes`.
    """
    return Capture(Source(Path(path)), progress)


class Capture:
    """What one recording left behind, read lazily; close it, or use it as a context manager."""

    def __init__(self, source: Source, progress: Progress | None = None) -> None:
        check_magic(source)
        self._source = source
        self._progress = progress
        self._index = walk(source)
        self._damage: dict[str, None] = dict.fromkeys(self._index.damage)
        self.meta = self._read_meta()
        self.unit = SAMPLED_UNIT if self.meta.sampled else 1
        end = self._read_json(Kind.END) if self._index.ended else None
        self.end = None if end is None else End.from_json(end, self.unit)
        ended = self._read_json(Kind.EXIT)
        self.exit = None if ended is None else Exit.from_json(ended)
        if self.end is None:
            self._note("has no end: the recording was cut off, or is still going on")
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
        """Every row's tallies; worked out from the windows if the file was cut before TOTALS."""
        rows = len(self.tables.rows.stack)
        room = Allowance(MAX_ENTRIES)
        found = self._index.of(Kind.TOTALS)
        pieces = [self._table(frame, len(TOTALS_COLUMNS), room) for frame in found]
        whole = [piece for piece in pieces if piece is not None]
        stored = sum(len(piece[0]) for piece in whole)
        if not pieces or len(whole) < len(pieces) or stored < rows:
            self._note(
                "totals are missing: tallies are sums of the windows, peaks those of the "
                "highest window end"
            )
            return totals_of_windows(self.windows, rows)
        if stored > rows:
            self._note("some tallies cannot be told to a stack: the stack tables are cut")
        tallies = {
            name: column if name == "longest_chain" else self._scaled(column)
            for name, column in zip(TOTALS_COLUMNS, _joined(whole, rows), strict=True)
        }
        return Totals("totals", **tallies)

    @cached_property
    def sums(self) -> Sums:
        """The tallies of the whole recording; from END, or from the rows where that is missing."""
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
        for frame in self._index.of(Kind.TIMELINE):
            columns = self._table(frame, 8, Allowance(MAX_POINTS))
            if columns is None:
                continue
            times = list(accumulate(columns[0]))
            live = [self._scaled(column) for column in columns[1:5]]
            return Timeline(times, live[0], live[1], live[2], live[3], *columns[5:8])
        return None

    @cached_property
    def lifetimes(self) -> Lifetimes | None:
        """How long blocks lived, or None where the file has no LIFETIMES."""
        pieces: list[list[Column]] = []
        room = Allowance(MAX_SPARSE_ENTRIES)
        for frame in self._index.of(Kind.LIFETIMES):
            columns = self._table(frame, 4, room)
            if columns is None:
                continue
            if _no_bucket(columns[1], columns[2]):
                self._damaged(frame, "it has a bucket that does not exist")
                continue
            ids, known = self._row_ids(columns[0])
            pieces.append([ids, *(column[:known] for column in columns[1:])])
        if not pieces:
            return None
        row, scale, bucket, count = _joined(pieces)
        return Lifetimes(row, scale, bucket, self._scaled(count))

    @cached_property
    def growth(self) -> Growth | None:
        """Copy chains, or None where the file has no GROWTH (none was found, or it is older)."""
        pieces: list[list[Column]] = []
        room = Allowance(MAX_ENTRIES)
        for frame in self._index.of(Kind.GROWTH):
            columns = self._table(frame, 7, room)
            if columns is None:
                continue
            if max(columns[0], default=0) >= len(self.tables.nodes.parent):
                self._damaged(frame, "it refers to a stack that does not exist")
                continue
            pieces.append(columns)
        return Growth(*_joined(pieces)) if pieces else None

    @cached_property
    def cohorts(self) -> Cohorts | None:
        """When what is live at the end was allocated, or None where the file has no COHORTS."""
        pieces: list[list[Column]] = []
        room = Allowance(MAX_SPARSE_ENTRIES)
        for frame in self._index.of(Kind.COHORTS):
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

    def windows(self) -> Iterator[Window]:
        """What changed, one stretch of time after the other; damaged windows are left out."""
        room = Allowance(MAX_SPARSE_ENTRIES)
        for frame in self._index.of(Kind.WINDOW):
            try:
                payload = self._payload(frame)
                if len(payload) < _WINDOW_HEADER.size:
                    raise FormatError("it is too short")
                start, end, first, last, *live = _WINDOW_HEADER.unpack_from(payload)
                count, columns = read_table(memoryview(payload)[_WINDOW_HEADER.size :], 5)
                room.take(count)
            except FormatError as error:
                self._damaged(frame, str(error))
                continue
            raw, mem, obj = self._scaled(live)
            ids, known = self._row_ids(columns[0])
            tallies = [self._scaled(column[:known]) for column in columns[1:]]
            yield Window(start, end, first, last, (raw, mem, obj), ids, *tallies)

    def events(self) -> Iterator[Events]:
        """Every event in order, a frame at a time (captures made with --events only)."""
        for frame in self._index.of(Kind.EVENTS):
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

    def _read_meta(self) -> Meta:
        data = self._read_json(Kind.META)
        if data is None:
            self._note(
                "its description (META) cannot be read: whether numbers are exact or sampled"
                " is unknown, exact is assumed"
            )
            return Meta()
        meta = Meta.from_json(data)
        if meta.format > 1:
            raise CaptureError(
                f"was written in format {meta.format} by memscope {meta.memscope or '(unknown)'}",
                self.path,
                "upgrade memscope to read it",
            )
        return meta

    def _read_json(self, kind: Kind) -> dict[str, Any] | None:
        for frame in self._index.of(kind):
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
        self, frame: Frame, columns: int, room: Allowance | None = None
    ) -> list[Column] | None:
        try:
            count, found = read_table(self._payload(frame), columns)
            if room is not None:
                room.take(count)
            return found
        except FormatError as error:
            self._damaged(frame, str(error))
            return None

    def _payload(self, frame: Frame) -> bytes:
        payload = read_payload(self._source, frame)
        if self._progress is not None:
            self._progress(frame.offset + frame.length, self.size_bytes)
        return payload

    def _row_ids(self, gaps: Column) -> tuple[list[int], int]:
        """The row ids that a column of gaps stands for, without those that are not known."""
        ids = list(accumulate(gaps))
        first = bisect_left(ids, 1)
        known = bisect_right(ids, len(self.tables.rows.stack))
        if first or known < len(ids):
            self._note("some changes cannot be told to a stack: the stack tables are cut")
        return (ids[:known], known) if not first else ([], 0)

    def _scaled(self, column: Column) -> Column | list[float]:
        return column if self.unit == 1 else [value / self.unit for value in column]

    def _damaged(self, frame: Frame, why: str) -> None:
        self._note(f"a {frame.name} frame at byte {frame.offset:,} is left out: {why}")

    def _note(self, note: str) -> None:
        self._damage[note] = None


def _joined(pieces: list[list[Column]], length: int | None = None) -> list[Column]:
    """The columns of a table whose frames followed one another, cut to `length` entries."""
    if len(pieces) == 1:
        return [column[:length] for column in pieces[0]]
    return [list(chain.from_iterable(columns))[:length] for columns in zip(*pieces, strict=True)]


def _no_bucket(scale: Column, bucket: Column) -> bool:
    """Whether a bucket of LIFETIMES is beyond those of its scale."""
    return (
        max(scale, default=0) > 1
        or max(bucket, default=0) >= LIFETIME_BYTE_BUCKETS
        or max(compress(bucket, scale), default=0) >= LIFETIME_TIME_BUCKETS
    )
