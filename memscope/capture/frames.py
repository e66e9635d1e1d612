"""Finding a capture's frames: opens a file, walks the headers and checks payloads on demand."""

from __future__ import annotations

import os
import stat
import weakref
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from memscope.capture.format import (
    HEADER,
    KNOWN_KINDS,
    KNOWN_VERSIONS,
    MAGIC,
    SYNC,
    FormatError,
    FrameKind,
    Header,
    parse_header,
    unpack_payload,
)
from memscope.errors import CaptureError
from memscope.plain import dataclass

# Far above any real capture (an --events capture of ten thousand million events has 150,000), and
# low enough that the index of a hostile file stays small.
MAX_FRAMES = 1 << 20
# How many false sync marks are looked at before the rest of a file is given up.
MAX_FALSE_SYNCS = 1 << 14
SEARCH_CHUNK_BYTES = 1 << 20

Progress = Callable[[int, int], None]


class CaptureFile:
    """A capture's bytes.

    Read with `pread` rather than mapped: a mapped file that someone truncates kills its reader.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except ValueError as error:  # a null character in the path
            raise CaptureError(str(error), path) from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CaptureError(f"cannot be read: {reason}", path) from None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise CaptureError(f"is {kind}, not a capture", path)
        self.size_bytes = status.st_size
        self._descriptor = descriptor
        self.close = weakref.finalize(self, os.close, descriptor)

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes; fewer only if the file ends (or shrank) there."""
        if not self.close.alive:
            raise CaptureError("has been closed", self.path)
        try:
            data = os.pread(self._descriptor, length, offset)
            while 0 < len(data) < length:
                more = os.pread(self._descriptor, length - len(data), offset + len(data))
                if not more:
                    break
                data += more
        except OSError as error:
            raise CaptureError(f"cannot be read: {error.strerror}", self.path) from None
        return data


@dataclass(frozen=True, slots=True)
class Frame:
    """Where one frame is and what it claims to hold."""

    kind: int
    version: int
    packed: bool  # the payload is compressed
    offset: int  # of the payload
    length: int
    payload_crc: int
    after_gap: bool  # frames before it are lost, so what continues a table cannot be placed

    @property
    def known(self) -> bool:
        return self.kind in KNOWN_KINDS and self.version <= KNOWN_VERSIONS.get(
            FrameKind(self.kind), 1
        )

    @property
    def name(self) -> str:
        return FrameKind(self.kind).name if self.kind in KNOWN_KINDS else f"kind {self.kind}"


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Every frame whose header checks, in file order, and what is wrong between them."""

    frames: tuple[Frame, ...]
    damage: tuple[str, ...]
    remarks: tuple[str, ...]  # what is skipped without harm to the rest
    ended: bool  # the last frame is END

    def of(self, kind: FrameKind) -> list[Frame]:
        return [frame for frame in self.frames if frame.kind == kind and frame.known]


def check_magic(source: CaptureFile) -> None:
    """Refuses what is no capture, with a reason that helps."""
    start = source.read(0, len(MAGIC))
    if start == MAGIC:
        return
    if not start:
        raise CaptureError("is empty, not a capture", source.path)
    if MAGIC.startswith(start):
        raise CaptureError("is cut before the first frame: nothing to read", source.path)
    if start[1:] in (MAGIC[1:], b"MSCOPE\r"):
        raise CaptureError(
            "was a memscope capture, but a transfer changed its bytes",
            source.path,
            "copy it again as binary",
        )
    raise CaptureError(
        "is not a memscope capture", source.path, "captures are made by `memscope run`"
    )


def walk(source: CaptureFile) -> FrameIndex:
    """The index of all frames, from their headers alone."""
    frames: list[Frame] = []
    notes: list[str] = []
    expected = 0
    missing = False
    ended = False
    for payload, header, damaged in _headers(source, notes):
        gap = damaged or missing
        if len(frames) >= MAX_FRAMES:
            notes.append(f"only the first {MAX_FRAMES:,} frames are read")
            break
        if header.sequence < expected:
            start = payload - HEADER.size
            notes.append(f"the frame at byte {start:,} is out of order and skipped")
            continue
        if header.sequence > expected:
            if not gap:
                start = payload - HEADER.size
                notes.append(f"{header.sequence - expected:,} frames are missing at {start:,}")
            missing = gap = True
        expected = header.sequence + 1
        frame = _frame(header, payload, gap)
        after = source.size_bytes - payload - header.length
        if after < 0:
            present = f"{after + header.length:,} of {header.length:,} bytes there"
            notes.append(f"cut in a {frame.name} frame ({present})")
            break
        frames.append(frame)
        if header.kind == FrameKind.END:
            ended = True
            if after:
                notes.append(f"{after:,} bytes after the end are not read")
            break
    return FrameIndex(tuple(frames), tuple(notes), _unknown(frames), ended)


def _headers(source: CaptureFile, notes: list[str]) -> Iterator[tuple[int, Header, bool]]:
    """Each header, where its payload begins, and whether anything before it was damaged."""
    offset = len(MAGIC)
    damaged = False
    false_syncs = 0
    while offset < source.size_bytes:
        raw = source.read(offset, HEADER.size)
        header = parse_header(raw)
        if header is not None:
            payload = offset + HEADER.size
            yield payload, header, damaged
            offset = payload + header.length
            continue
        if len(raw) < HEADER.size and SYNC.startswith(raw[: len(SYNC)]):
            notes.append(f"cut in a frame header at byte {offset:,}")
            return
        found, seen = find_frame(source, offset + 1, MAX_FALSE_SYNCS - false_syncs)
        false_syncs += seen
        damaged = True
        until = source.size_bytes if found is None else found
        notes.append(f"damaged from byte {offset:,} to {until:,}")
        offset = until


def _frame(header: Header, payload: int, gap: bool) -> Frame:
    return Frame(
        header.kind,
        header.version,
        header.packed,
        payload,
        header.length,
        header.payload_crc,
        gap,
    )


def _unknown(frames: list[Frame]) -> tuple[str, ...]:
    unknown = sorted(
        {f"{frame.name} version {frame.version}" for frame in frames if not frame.known}
    )
    if not unknown:
        return ()
    listed = ", ".join(unknown[:3]) + (", …" if len(unknown) > 3 else "")
    return (f"frames of a newer memscope are skipped: {listed}",)


def find_frame(source: CaptureFile, offset: int, max_false: int) -> tuple[int | None, int]:
    """Where the next header that checks begins, and how many sync marks before it were false."""
    false_syncs = 0
    while offset < source.size_bytes:
        chunk = source.read(offset, SEARCH_CHUNK_BYTES)
        position = chunk.find(SYNC)
        while position >= 0:
            raw = chunk[position : position + HEADER.size]
            if len(raw) < HEADER.size:
                raw = source.read(offset + position, HEADER.size)
            if parse_header(raw) is not None:
                return offset + position, false_syncs
            false_syncs += 1
            if false_syncs >= max_false:
                return None, false_syncs
            position = chunk.find(SYNC, position + 1)
        if len(chunk) < SEARCH_CHUNK_BYTES:
            break
        offset += len(chunk) - (len(SYNC) - 1)
    return None, false_syncs


def read_payload(source: CaptureFile, frame: Frame) -> bytes:
    """A frame's payload, if it is whole."""
    payload = source.read(frame.offset, frame.length)
    if len(payload) != frame.length:
        raise FormatError("the file has become shorter")
    if zlib.crc32(payload) != frame.payload_crc:
        raise FormatError("its checksum is wrong")
    return unpack_payload(payload) if frame.packed else payload
