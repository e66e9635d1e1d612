"""What a supervisor without Python tells of a run that is over; see `handing.py`."""

from __future__ import annotations

import os
import struct

from memscope.plain import dataclass
from memscope.recording.memorylimits import SOURCES, MemoryLimit

_RESULT = struct.Struct("=13q")  # as cext/supervising/handover.c writes it


@dataclass(frozen=True, slots=True)
class Handed:
    """What the supervisor without Python tells of a run that is over.

    `status` is as wait4 has it; `last` and `nearest` are its memory limit, as `Pressure` has them.
    """

    status: int
    waited: bool
    nothing_ran: bool
    killed: bool
    last: MemoryLimit | None
    nearest: MemoryLimit | None
    problem: str
    interim_problem: str
    written: tuple[str, ...]
    summary: bytes


def handed(fd: int) -> Handed:
    """What has become of it."""
    os.lseek(fd, 0, os.SEEK_SET)
    with open(fd, "rb") as file:
        told = file.read()
    status, waited, nothing_ran, killed, written, *limits = _RESULT.unpack_from(told)
    last, nearest = (
        MemoryLimit(SOURCES[source], limit_bytes, used_bytes, kills) if source >= 0 else None
        for source, limit_bytes, used_bytes, kills in (limits[:4], limits[4:])
    )
    problem, interim_problem, *rest = told[_RESULT.size :].split(b"\0")
    return Handed(
        status,
        bool(waited),
        bool(nothing_ran),
        bool(killed),
        last,
        nearest,
        os.fsdecode(problem),
        os.fsdecode(interim_problem),
        tuple(map(os.fsdecode, rest[:written])),
        rest[written],
    )
