"""The capture format's vocabulary: frame headers, columns, strings and size classes.

Nothing here opens a file; docs/capture-format.md is the specification. Every function treats its
input as hostile and raises `FormatError`, never anything else, for bytes that break a rule.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from memscope.capture import _columns
from memscope.capture.columns import as_type, typecode_for

MAGIC = b"\x89MSCOPE\n"
SYNC = b"MSF\x01"
HEADER = struct.Struct("<4sHHIIII")
MAX_PAYLOAD_BYTES = 64 << 20
MAX_DESCRIPTION_BYTES = 16 << 20  # of JSON; a command line has at most 2 MiB on Linux
MAX_ENTRIES = 1 << 22  # of a table over all its frames; entries of these are Python objects
# Of rows three times the most that was ever recorded. As columns they take 70 bytes each.
MAX_ROWS = 1 << 24
MAX_NODES = 1 << 24  # of the table of stacks; a million different ones, 20 deep, took 4.2 million
MAX_SNAPSHOTS = 4096
MAX_OBJECTS = 1 << 25  # of a snapshot; with its names, 30 bytes each as columns
MAX_REFERENCES = 1 << 28
MAX_NAMES = 1 << 22
MAX_SPARSE_ENTRIES = 1 << 26  # of what holds several entries for a row, over all frames of a kind
MAX_POINTS = 1 << 16  # of TIMELINE; recorders write 2048
MAX_SURVEYS = 2
MAX_VALUED = 1 << 16  # of VALUES; recorders write 8192
MAX_LOOKS = 16  # of RESIDENT; recorders write 2
MAX_LOOK_SUMS = 4096  # of RESIDENT; recorders write 513
MAX_PARTS = 1024  # of one look; recorders write 262
MAX_COMPILED = 4096  # of RESIDENT; recorders write 2048
MAX_RANGES = 1024  # of one look; recorders write 104
MAX_UNTOUCHED = 1 << 16  # rows of one look; recorders write 4096
MAX_STRING_BYTES = 1 << 16
MAX_STRINGS_BYTES = 1 << 28  # over all frames
SAMPLED_UNIT = 256  # sampled counters are stored in 256ths, to stay unbiased for small numbers

# As cext/shared/domain.h has them.
DOMAINS = ("raw", "mem", "obj", "native", "mapped")
POOLED_DOMAINS = ("mem", "obj")  # whose small requests are pymalloc's, if it is in use
IS_POOLED = tuple(name in POOLED_DOMAINS for name in DOMAINS)  # by number
EARLY_DOMAINS = ("raw", "mem", "obj")  # of captures that do not name theirs
PYMALLOC_CLASSES = 32
PYMALLOC_STEP_BYTES = 16
PYMALLOC_LARGEST_BYTES = PYMALLOC_CLASSES * PYMALLOC_STEP_BYTES
LARGEST_SIZE_CLASS = PYMALLOC_CLASSES + 1 + 4 * (63 - 9) + 3

POOL_BYTES = 1 << 14
POOL_HEADER_BYTES = 48

TYPE_KINDS = ("", "object", "items", "keys", "other", "parked")  # by number, from 1

LIFETIME_BYTE_BUCKETS = 16
LIFETIME_TIME_BUCKETS = 8

Column = Sequence[int]

_TYPECODES = {0: "B", 1: "B", 2: "H", 4: "I", 8: "Q"}
_U32 = struct.Struct("<I")
_COLUMN_HEADER = struct.Struct("<BI")
_EXCEPTION_BYTES = 12


class FormatError(ValueError):
    """Bytes that break a rule of the format; the reader turns it into a note about one frame."""


class Allowance:
    """How much more the frames of one kind may bring together.

    A packed frame of 64 KiB can hold a hundred million zeros, and a file a million such frames.
    """

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, count: int) -> None:
        if count > self._left:
            raise FormatError("it is larger than this part of a capture can be")
        self._left -= count


class FrameKind(IntEnum):
    """What a frame holds."""

    META = 1
    STRINGS = 2
    CODES = 3
    NODES = 4
    THREADS = 5
    ROWS = 6
    WINDOW = 7
    TIMELINE = 8
    TOTALS = 9
    LIFETIMES = 10
    EVENTS = 11
    END = 12
    EXIT = 13
    GROWTH = 14
    ARENAS = 15
    HOLDINGS = 16
    COHORTS = 17
    RESIDENT = 18
    TYPES = 19
    ROWTYPES = 20
    SNAPSHOT = 21
    NAMES = 22
    OBJECTS = 23
    REFERENCES = 24
    VALUES = 25


KNOWN_FORMAT = 2
KNOWN_VERSIONS = {FrameKind.WINDOW: 2, FrameKind.TOTALS: 2}  # of the other kinds: 1
KNOWN_KINDS = frozenset(int(kind) for kind in FrameKind)


PACKED = 0x8000  # in a stored version: the payload is compressed
_PACKED_LENGTH = struct.Struct("<I")


class Header(NamedTuple):
    """One frame's header, as stored."""

    kind: int
    version: int
    packed: bool
    length: int
    sequence: int
    payload_crc: int


def parse_header(raw: bytes) -> Header | None:
    """The header in these 24 bytes, or None if they are not one that can be trusted."""
    if len(raw) != HEADER.size:
        return None
    sync, kind, version, length, sequence, payload_crc, header_crc = HEADER.unpack(raw)
    if sync != SYNC or length > MAX_PAYLOAD_BYTES or zlib.crc32(raw[:20]) != header_crc:
        return None
    return Header(kind, version & ~PACKED, bool(version & PACKED), length, sequence, payload_crc)


def pack_payload(payload: bytes, level: int = 6) -> bytes:
    """A payload as a packed frame stores it: its length, then a zlib stream."""
    return _PACKED_LENGTH.pack(len(payload)) + zlib.compress(payload, level)


def unpack_payload(stored: bytes) -> bytes:
    """What `pack_payload` was given; never more than the stated length, which has a limit."""
    if len(stored) < _PACKED_LENGTH.size:
        raise FormatError("a packed payload without its length")
    (length,) = _PACKED_LENGTH.unpack_from(stored)
    if length > MAX_PAYLOAD_BYTES:
        raise FormatError("a packed payload above the limit")
    unpacker = zlib.decompressobj()
    try:
        payload = unpacker.decompress(stored[_PACKED_LENGTH.size :], length + 1)
    except zlib.error:
        raise FormatError("a packed payload that cannot be unpacked") from None
    if len(payload) != length:
        raise FormatError("a packed payload of another length than it says")
    return payload


def read_table(
    payload: bytes | memoryview, columns: int, *, optional: int = 0
) -> tuple[int, list[Column]]:
    """The first `columns` columns of a table and how many entries they have.

    `optional` columns more may be missing, as in captures of earlier formats: they are all 0 then.
    """
    count, found = _columns_of(payload, columns, optional)
    result = [column for column, _ in found]
    result.extend(bytes(count) for _ in range(columns + optional - len(result)))
    return count, result


class StoredColumn(NamedTuple):
    """A column that has been checked and is still as it was stored; without data it is all 0."""

    entries: int
    data: bytes

    def decoded(self) -> Column:
        if not self.data:
            return bytes(self.entries)
        return _read_column(memoryview(self.data), 0, self.entries)[0]


def check_table(payload: bytes, columns: int, *, optional: int = 0) -> list[StoredColumn]:
    """`read_table` for columns of which only some will be asked for."""
    count, found = _columns_of(payload, columns, optional)
    result = [StoredColumn(count, bytes(data)) for _, data in found]
    result.extend(StoredColumn(count, b"") for _ in range(columns + optional - len(result)))
    return result


def _columns_of(
    payload: bytes | memoryview, columns: int, optional: int
) -> tuple[int, Iterator[tuple[Column, memoryview]]]:
    view = memoryview(payload)
    if len(view) < 5:
        raise FormatError("a table without its header")
    (count,) = _U32.unpack_from(view, 0)
    stored = view[4]
    # Every entry of every table has at least one value that is not zero and so takes a byte: a
    # higher count is an attempt to make the reader allocate what the file does not hold.
    if count > MAX_NODES or count > len(view):
        raise FormatError(f"a table that claims {count} entries")
    if stored < columns:
        raise FormatError(f"a table of {stored} columns where {columns} belong")
    return count, _decoded(view, count, min(stored, columns + optional))


def _decoded(view: memoryview, count: int, columns: int) -> Iterator[tuple[Column, memoryview]]:
    """Each column, and how it was stored."""
    offset = 5
    for _ in range(columns):
        begin = offset
        column, offset = _read_column(view, begin, count)
        yield column, view[begin:offset]


def _read_column(view: memoryview, offset: int, count: int) -> tuple[Column, int]:
    if offset + _COLUMN_HEADER.size > len(view):
        raise FormatError("a table cut in a column")
    width, exceptions = _COLUMN_HEADER.unpack_from(view, offset)
    offset += _COLUMN_HEADER.size
    values_end = offset + width * count
    end = values_end + exceptions * _EXCEPTION_BYTES
    if width not in (0, 1, 2, 4, 8) or exceptions > count or end > len(view):
        raise FormatError("a column that does not fit into its table")
    if width == 0 and not exceptions:
        return bytes(count), end
    column = array(_TYPECODES[width])
    column.frombytes(view[offset:values_end] if width else bytes(count))
    if sys.byteorder == "big":
        column.byteswap()
    return _with_exceptions(column, view[values_end:end]) if exceptions else column, end


def _with_exceptions(column: array[int], pairs: memoryview) -> array[int]:
    widest = max(
        column.typecode,
        typecode_for(_columns.largest_exception(pairs)),
        key=lambda code: array(code).itemsize,
    )
    if widest != column.typecode:
        column = as_type(widest, column)
    try:
        _columns.put_exceptions(column, pairs)
    except ValueError:
        raise FormatError("a column whose exceptions are out of order") from None
    return column


def read_strings(payload: bytes) -> list[str]:
    """The strings of a STRINGS frame."""
    if len(payload) < 4:
        raise FormatError("a string table without its count")
    (count,) = _U32.unpack_from(payload, 0)
    if count > MAX_ENTRIES or 4 + 4 * count > len(payload):
        raise FormatError(f"a string table that claims {count} strings")
    strings: list[str] = []
    offset = 4
    total = len(payload)
    for _ in range(count):
        start = offset + 4
        if start > total:
            raise FormatError("a string table cut in a string")
        offset = start + int.from_bytes(payload[offset:start], "little")
        if offset > total or offset - start > MAX_STRING_BYTES:
            raise FormatError("a string longer than its table or the limit")
        try:
            strings.append(str(payload[start:offset], "utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            raise FormatError("a string that is not UTF-8") from None
    return strings


class SizeRange(NamedTuple):
    """The requests a size class holds: `from_bytes` to `to_bytes`, both included."""

    from_bytes: int
    to_bytes: int


@lru_cache(LARGEST_SIZE_CLASS + 1)
def size_range(size_class: int) -> SizeRange:
    """Which requests belong to a size class."""
    if size_class == 0:
        return SizeRange(0, 0)
    if size_class <= PYMALLOC_CLASSES:
        upper = size_class * PYMALLOC_STEP_BYTES
        return SizeRange(upper - PYMALLOC_STEP_BYTES + 1, upper)
    doubling, step = divmod(size_class - PYMALLOC_CLASSES - 1, 4)
    quarter = 1 << (doubling + 7)
    first = max((4 + step) * quarter, PYMALLOC_LARGEST_BYTES + 1)
    return SizeRange(first, (5 + step) * quarter - 1)


def size_class(size_bytes: int) -> int:
    """The size class of a request."""
    if size_bytes <= PYMALLOC_LARGEST_BYTES:
        return (size_bytes + PYMALLOC_STEP_BYTES - 1) // PYMALLOC_STEP_BYTES
    exponent = size_bytes.bit_length() - 1
    return PYMALLOC_CLASSES + 1 + 4 * (exponent - 9) + ((size_bytes >> (exponent - 2)) & 3)


def lifetime_bytes_range(bucket: int) -> tuple[int, int | None]:
    """What a LIFETIMES bucket counted in bytes allocated meanwhile covers (None: no upper end)."""
    lower = 0 if bucket == 0 else 16 * 4 ** (bucket - 1)
    return lower, None if bucket >= LIFETIME_BYTE_BUCKETS - 1 else 16 * 4**bucket


def lifetime_ms_range(bucket: int) -> tuple[int, int | None]:
    """What a LIFETIMES bucket counted in milliseconds covers; bucket 0 is one poll."""
    lower = 0 if bucket <= 1 else 10 ** (bucket - 1)
    return lower, None if bucket >= LIFETIME_TIME_BUCKETS - 1 else 10**bucket
