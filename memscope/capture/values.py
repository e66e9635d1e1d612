"""Reading what objects are worth: a VALUES frame, the last look near the peak."""

from __future__ import annotations

import struct

from memscope.capture.format import MAX_VALUED, Allowance, FormatError, read_table
from memscope.plain import dataclass, replace

_HEADER = struct.Struct("<QQQ")
_COLUMNS = 10
_MOST_ASKED = 1 << 20  # recorders ask 8192


@dataclass(frozen=True, slots=True)
class Valued:
    """The objects of one type in a row, as far as they were asked about.

    `row` is its index. `blocks` is how many live blocks the row had, `asked` how many objects of
    this type were chosen of them by chance. `distinct` is how many contents these have, `once` and
    `twice` how many of the contents came so often; all 0: contents were not looked at. `texts` are
    lists of characters. Of containers, `held_bytes` is what those asked about take,
    `needed_bytes` what copies would.
    """

    row: int
    type: int
    blocks: int
    asked: int
    distinct: int
    once: int
    twice: int
    texts: int
    held_bytes: int
    needed_bytes: int


@dataclass(frozen=True, slots=True)
class Values:
    """What objects were worth at one moment; `pause_ns` is what all such looks took."""

    time_ns: int
    live_bytes: int
    pause_ns: int
    valued: tuple[Valued, ...]


def read_values(payload: bytes, *, rows: int, types: int) -> Values:
    """The look; what it says of rows and types that are not known is left out."""
    if len(payload) < _HEADER.size:
        raise FormatError("it is too short")
    time_ns, live_bytes, pause_ns = _HEADER.unpack_from(payload)
    count, columns = read_table(memoryview(payload)[_HEADER.size :], _COLUMNS)
    Allowance(MAX_VALUED).take(count)
    found = [Valued(*entry) for entry in zip(*columns, strict=True)]
    for it in found:
        seen = it.once + 2 * it.twice
        if not 0 < it.asked <= _MOST_ASKED or seen > it.asked or it.once + it.twice > it.distinct:
            raise FormatError("it counts more than it was told")
        if it.distinct > it.asked or it.texts > it.asked or it.needed_bytes > it.held_bytes:
            raise FormatError("it counts more than it was told")
    known = (
        replace(it, row=it.row - 1) for it in found if 0 < it.row <= rows and 0 < it.type < types
    )
    return Values(time_ns, live_bytes, pause_ns, tuple(known))
