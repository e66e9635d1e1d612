"""Numbers for the page: columns in the narrowest width, compressed and in base64.

The text is `base64(zlib(header_length (u32)  header (JSON)  columns))`. The header names each
column with its width, its count and its exceptions: values that the width is too narrow for, given
as pairs of place and value, so that one large value does not widen ten thousand small ones.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

_TYPES = {1: "B", 2: "H", 4: "I"}
# What an exception takes in the header, in bytes of JSON.
_EXCEPTION_BYTES = 20
# Level 9 takes twice the time for 1 % less.
_LEVEL = 6


class Columns:
    """Collects named columns."""

    def __init__(self) -> None:
        self._columns: list[dict[str, Any]] = []
        self._parts: list[bytes] = []

    def add(self, name: str, values: Sequence[float]) -> None:
        """Adds a column of numbers from 0 up; what is no whole number is rounded."""
        whole = [max(round(value), 0) for value in values]
        width = _best_width(whole)
        limit = 1 << (8 * width)
        exceptions: list[int] = []
        if whole and max(whole) >= limit:
            for place, value in enumerate(whole):
                if value >= limit:
                    exceptions += (place, value)
                    whole[place] = 0
        stored = array(_TYPES[width], whole)
        self._columns.append(
            {"name": name, "width": width, "count": len(whole), "exceptions": exceptions}
        )
        self._parts.append(stored.tobytes())

    def text(self, document: dict[str, Any]) -> str:
        """The columns, and a JSON document to go with them, as one word of ASCII."""
        header = json.dumps(
            {**document, "columns": self._columns}, separators=(",", ":"), allow_nan=False
        ).encode("ascii")
        data = struct.pack("<I", len(header)) + header + b"".join(self._parts)
        return base64.b64encode(zlib.compress(data, _LEVEL)).decode("ascii")


def _best_width(values: list[int]) -> int:
    ordered = sorted(values)
    count = len(ordered)
    costs = {
        width: count * width
        + (count - bisect_left(ordered, 1 << (8 * width))) * (_EXCEPTION_BYTES + width)
        for width in _TYPES
    }
    return min(costs, key=lambda width: costs[width])
