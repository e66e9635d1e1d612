"""Numbers for the page: columns in the narrowest width, compressed and in base64.

The text is `base64(zlib(header_length (u32)  header (JSON)  columns))`. The header names each
column with its width, its count and its exceptions: values that the width is too narrow for, given
as pairs of place and value, so that one large value does not widen ten thousand small ones.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, cast

_TYPES = {1: "B", 2: "H", 4: "I"}
# What an exception takes in the header, in bytes of JSON.
_EXCEPTION_BYTES = 20
# Level 6 takes twice the time for 4 % less.
_LEVEL = 5


class Columns:
    """Collects named columns."""

    def __init__(self) -> None:
        self._columns: list[dict[str, Any]] = []
        self._parts: list[bytes] = []

    def add(self, name: str, values: Sequence[float]) -> None:
        """Adds a column of numbers from 0 up; what is not a whole number is rounded."""
        try:
            self._add(name, array("I", cast("Sequence[int]", values)))
        except (TypeError, OverflowError):
            self._add_any(name, [max(round(value), 0) for value in values])

    def _add(self, name: str, values: array[int]) -> None:
        """Whole numbers of 32 bits, without a step in Python for each: there are millions."""
        if sys.byteorder == "big":
            values.byteswap()
        data = values.tobytes()
        planes = [int.from_bytes(data[i::4], "little") for i in range(4)]
        # For each value a byte that is 0 if the width holds it.
        count = len(values)
        above = {
            1: (planes[1] | planes[2] | planes[3]).to_bytes(count, "little"),
            2: (planes[2] | planes[3]).to_bytes(count, "little"),
            4: bytes(count),
        }
        width = _cheapest({w: count - beyond.count(0) for w, beyond in above.items()}, count)
        wide = [match.start() for match in re.finditer(rb"[^\0]", above[width], re.DOTALL)]
        exceptions = [number for place in wide for number in (place, values[place])]
        for place in wide:
            values[place] = 0
        narrow = values.tobytes()
        if width == 1:
            narrow = narrow[0::4]
        elif width == 2:
            narrow = array("H", memoryview(narrow).cast("H")[::2]).tobytes()
        self._keep(name, width, count, exceptions, narrow)

    def _add_any(self, name: str, whole: list[int]) -> None:
        ordered, count = sorted(whole), len(whole)
        width = _cheapest({w: count - bisect_left(ordered, 1 << (8 * w)) for w in _TYPES}, count)
        limit = 1 << (8 * width)
        exceptions: list[int] = []
        if whole and ordered[-1] >= limit:
            for place, value in enumerate(whole):
                if value >= limit:
                    exceptions += (place, value)
                    whole[place] = 0
        self._keep(name, width, count, exceptions, array(_TYPES[width], whole).tobytes())

    def _keep(self, name: str, width: int, count: int, exceptions: list[int], data: bytes) -> None:
        self._columns.append(
            {"name": name, "width": width, "count": count, "exceptions": exceptions}
        )
        self._parts.append(data)

    def text(self, document: dict[str, Any]) -> str:
        """The columns, and a JSON document to go with them, as one word of ASCII."""
        header = json.dumps(
            {**document, "columns": self._columns}, separators=(",", ":"), allow_nan=False
        ).encode("ascii")
        data = struct.pack("<I", len(header)) + header + b"".join(self._parts)
        return base64.b64encode(zlib.compress(data, _LEVEL)).decode("ascii")


def _cheapest(exceptions: dict[int, int], count: int) -> int:
    """The width that takes least, by how many values each is too narrow for."""
    costs = {
        width: count * width + wide * (_EXCEPTION_BYTES + width)
        for width, wide in exceptions.items()
    }
    return min(costs, key=lambda width: costs[width])
