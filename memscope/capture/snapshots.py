"""Reading a snapshot of a program's objects: SNAPSHOT, NAMES, OBJECTS and REFERENCES frames."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum, IntFlag

from memscope.capture.columns import accumulated, as_type, joined, largest, unzigzag
from memscope.capture.columns import total as total_of
from memscope.capture.fields import JsonObject, integer, text
from memscope.capture.format import (
    MAX_NAMES,
    MAX_OBJECTS,
    MAX_REFERENCES,
    Allowance,
    Column,
    FormatError,
    FrameKind,
    read_strings,
    read_table,
)
from memscope.capture.frames import Frame, FrameIndex
from memscope.plain import dataclass

Read = Callable[[Frame], bytes]
Report = Callable[[Frame, str], None]

KIND_BITS = 3


class Kind(IntEnum):
    """What a reference is called; what is above these bits of its label says which."""

    OTHER = 0
    ITEM = 1
    VALUE = 2
    KEY = 3
    ATTRIBUTE = 4
    FIELD = 5
    LOCAL = 6
    CELL = 7


class Seen(IntFlag):
    """What is known of an object."""

    ROOT = 1
    NAMESPACE = 2
    HELD = 4
    IMMORTAL = 8
    COLLECTED = 16
    MODULE = 32
    CLASS = 64
    MODULES = 128


class RootKind(IntEnum):
    INTERPRETER = 1
    ATEXIT = 2
    THREAD = 3
    FRAME = 4


@dataclass(frozen=True, slots=True)
class SnapshotMoment:
    """When a snapshot was taken, and why then: "end" of the recording, or "asked" for.

    Moments of one capture count from 1. The frames are those in which it stands, SNAPSHOT first.
    """

    number: int
    time_ns: int
    cause: str
    pause_ns: int
    why: str  # it was not taken; else empty
    values: bool  # it has the texts of keys
    roots: int
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All objects at one moment, and what refers to what.

    Objects count from 1, roots among them; entry 0 of each column is nothing. The references of
    object `i` are those from `starts[i]` to `starts[i + 1]`. A row is an index of the capture's
    rows, from 1; 0: the block is not known. A name is one of `names`, from 1.
    """

    moment: SnapshotMoment
    starts: Sequence[int]
    type: Sequence[int]
    size_bytes: Sequence[int]
    flags: Sequence[int]
    name: Sequence[int]
    row: Sequence[int]
    targets: Sequence[int]
    labels: Sequence[int]
    names: Sequence[str]

    @property
    def roots(self) -> int:
        return self.moment.roots

    @property
    def objects(self) -> int:
        return len(self.type) - 1 - self.roots


def snapshots_of(index: FrameIndex) -> Iterator[list[Frame]]:
    """For each snapshot its frames: SNAPSHOT, and what follows up to the next one."""
    frames: list[Frame] = []
    for frame in index.frames:
        if not frame.known or frame.kind not in (FrameKind.SNAPSHOT, *_KINDS):
            continue
        if frame.kind == FrameKind.SNAPSHOT and frames:
            yield frames
            frames = []
        if frames or frame.kind == FrameKind.SNAPSHOT:
            frames.append(frame)
    if frames:
        yield frames


def read_moment(description: JsonObject, frames: Sequence[Frame], number: int) -> SnapshotMoment:
    """What a SNAPSHOT frame says of itself."""
    why = ""
    if description.get("taken") is not True:
        why = text(description, "why")[:200] or "no reason is told"
    return SnapshotMoment(
        number=number,
        time_ns=integer(description, "time_ns"),
        cause=text(description, "moment")[:20] or "end",
        pause_ns=integer(description, "pause_ns"),
        why=why,
        values=description.get("values") is True,
        roots=0 if why else integer(description, "roots"),
        frames=tuple(frames),
    )


def read_snapshot(
    moment: SnapshotMoment,
    read: Read,
    report: Report,
    *,
    types: int,
    rows: int,
) -> Snapshot | None:
    """The snapshot, or None where a part of it is missing: half of a graph says nothing true."""
    if moment.why:
        return _without(moment)
    frame: Frame | None = None
    try:
        names: list[str] = [""]
        objects: list[list[Column]] = []
        references: list[list[Column]] = []
        room = _Room()
        for frame in moment.frames[1:]:
            payload = read(frame)
            if frame.kind == FrameKind.NAMES:
                names += room.names_of(payload)
            elif frame.kind == FrameKind.OBJECTS:
                objects.append(room.objects_of(payload))
            else:
                references.append(room.references_of(payload))
        return _joined(moment, names, objects, references, types=types, rows=rows)
    except FormatError as error:
        if frame is not None:
            report(frame, str(error))
        return None


_KINDS = (FrameKind.NAMES, FrameKind.OBJECTS, FrameKind.REFERENCES)
_OBJECT_COLUMNS = 6
_WIDEST = 0xFFFFFFFF


def _without(moment: SnapshotMoment) -> Snapshot:
    none = bytes(1)
    return Snapshot(
        moment=moment,
        starts=bytes(2),
        type=none,
        size_bytes=none,
        flags=none,
        name=none,
        row=none,
        targets=b"",
        labels=b"",
        names=("",),
    )


class _Room:
    """How much more the frames may bring."""

    def __init__(self) -> None:
        self._names = Allowance(MAX_NAMES)
        self._objects = Allowance(MAX_OBJECTS)
        self._references = Allowance(MAX_REFERENCES)

    def names_of(self, payload: bytes) -> list[str]:
        found = read_strings(payload)
        self._names.take(len(found))
        return found

    def objects_of(self, payload: bytes) -> list[Column]:
        count, columns = read_table(payload, _OBJECT_COLUMNS)
        self._objects.take(count)
        return columns

    def references_of(self, payload: bytes) -> list[Column]:
        count, columns = read_table(payload, 2)
        self._references.take(count)
        found: list[Column] = []
        for column in columns:
            values = accumulated(unzigzag(column))
            if largest(values) > _WIDEST or min(values, default=0) < 0:
                raise FormatError("a reference leads nowhere")
            found.append(as_type("I", values))
        return found


def _joined(
    moment: SnapshotMoment,
    names: list[str],
    objects: list[list[Column]],
    references: list[list[Column]],
    *,
    types: int,
    rows: int,
) -> Snapshot:
    count, kinds, size, flags, name, row = _columns(objects, _OBJECT_COLUMNS)
    targets, labels = _columns(references, 2)
    whole = len(count)
    starts = array("Q", [0, 0]) + array("Q", accumulated(count))
    if starts[-1] != len(targets) or total_of(count) != len(targets):
        raise FormatError("a part of the snapshot is missing")
    limits = (
        (flags, 255),
        (kinds, types - 1),
        (name, len(names) - 1),
        (row, rows),
        (targets, whole),
    )
    if moment.roots > whole or any(largest(column) > limit for column, limit in limits):
        raise FormatError("it refers to what does not exist")
    nothing = bytes(1)
    return Snapshot(
        moment=moment,
        starts=as_type("I", starts),
        type=joined([nothing, kinds]),
        size_bytes=joined([nothing, size]),
        flags=joined([nothing, flags]),
        name=joined([nothing, name]),
        row=joined([nothing, row]),
        targets=as_type("I", targets),
        labels=as_type("I", labels),
        names=names,
    )


def _columns(pieces: list[list[Column]], columns: int) -> list[Column]:
    if not pieces:
        return [bytes(0)] * columns
    return [joined([piece[place] for piece in pieces]) for place in range(columns)]
