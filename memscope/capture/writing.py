"""Writing captures: frames, tables and strings as docs/capture-format.md has them.

What the recorder writes, it writes in C; this is for captures that are made of others.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from memscope.capture.columns import typecode_for
from memscope.capture.format import (
    HEADER,
    KNOWN_VERSIONS,
    MAGIC,
    PACKED,
    SYNC,
    FrameKind,
    pack_payload,
)
from memscope.errors import MemscopeError

_MOST_ENTRIES = 1 << 18  # of a table in one frame: of 20 columns of 8 bytes, 40 MiB
_LARGEST = (1 << 64) - 1
_MOST_TEXT_BYTES = 1 << 24  # of strings in one frame


class FrameWriter:
    """Writes the frames of a capture, one after the other, packed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._sequence = 0
        stream.write(MAGIC)

    def frame(self, kind: FrameKind, payload: bytes) -> None:
        stored = pack_payload(payload)
        version = KNOWN_VERSIONS.get(kind, 1) | PACKED
        sequence, checksum = self._sequence, zlib.crc32(stored)
        head = HEADER.pack(SYNC, kind, version, len(stored), sequence, checksum, 0)[:20]
        self._stream.write(head + zlib.crc32(head).to_bytes(4, "little"))
        self._stream.write(stored)
        self._sequence += 1

    def json(self, kind: FrameKind, data: Mapping[str, Any]) -> None:
        self.frame(kind, json.dumps(data, allow_nan=False).encode())

    def table(self, kind: FrameKind, columns: Sequence[Sequence[int]]) -> None:
        """A continued table, in as many frames as it takes; none where it has no entry."""
        for begin in range(0, len(columns[0]), _MOST_ENTRIES):
            some = slice(begin, begin + _MOST_ENTRIES)
            self.frame(kind, packed_table([column[some] for column in columns]))

    def sparse(self, kind: FrameKind, rows: Sequence[int], *columns: Sequence[int]) -> None:
        """The same of a table whose first column has rising row ids, as gaps within a frame."""
        for begin in range(0, len(rows), _MOST_ENTRIES):
            some = slice(begin, begin + _MOST_ENTRIES)
            payload = packed_table([gaps(rows[some]), *(column[some] for column in columns)])
            self.frame(kind, payload)

    def strings(self, texts: Iterable[str]) -> None:
        for piece in _pieces(texts):
            counted = len(piece).to_bytes(4, "little")
            told = (len(text).to_bytes(4, "little") + text for text in piece)
            self.frame(FrameKind.STRINGS, counted + b"".join(told))


def _pieces(texts: Iterable[str]) -> Iterator[list[bytes]]:
    piece: list[bytes] = []
    size = 0
    for text in texts:
        piece.append(text.encode("utf-8", "surrogatepass"))
        size += 4 + len(piece[-1])
        if size >= _MOST_TEXT_BYTES:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def packed_table(columns: Sequence[Sequence[int]]) -> bytes:
    head = len(columns[0]).to_bytes(4, "little") + bytes([len(columns)])
    return head + b"".join(map(_column, columns))


def _column(values: Sequence[int]) -> bytes:
    # Never of width 0: readers hold a table to a byte for each entry.
    largest = max(values, default=0)
    if largest > _LARGEST or min(values, default=0) < 0:
        raise MemscopeError("the sums are beyond what a capture holds")
    column = array(typecode_for(largest), values)
    if sys.byteorder == "big":
        column.byteswap()
    return bytes([column.itemsize]) + bytes(4) + column.tobytes()


def gaps(rising: Sequence[int]) -> list[int]:
    """Each value less the one before it; the first as it is."""
    return [value - before for before, value in zip((0, *rising), rising, strict=False)]


def zigzag(values: Iterable[int]) -> list[int]:
    return [value * 2 if value >= 0 else -value * 2 - 1 for value in values]
