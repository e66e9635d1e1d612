"""Protocol buffers' wire format, as far as pprof's profile.proto needs it.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from functools import lru_cache

_LARGEST = (1 << 63) - 1
_MASK = (1 << 64) - 1


@lru_cache(1 << 16)
def varint(value: int) -> bytes:
    """An int64; what lies beyond its range is cut to its ends."""
    rest = max(-_LARGEST, min(value, _LARGEST)) & _MASK
    encoded = bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


def number(field: int, value: int) -> bytes:
    """A field with a number; nothing for 0, which readers assume."""
    return varint(field << 3) + varint(value) if value else b""


def piece(field: int, content: bytes) -> bytes:
    """A field with a message, bytes, or packed numbers."""
    return varint(field << 3 | 2) + varint(len(content)) + content
