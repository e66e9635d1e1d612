"""What resident memory is made of, byte by byte: from the kernel's count to names.

    resident at a look  =  what arenas hold  +  large blocks  +  libraries, files, stacks
                        +  memscope's own  +  what is left: native, free, or not explained

A page that several share is split by the bytes that each has on it. What was asked for and never
touched is not resident: it is in `reserved_bytes` alone.
"""

from __future__ import annotations

from memscope.analysis.measures import Measures
from memscope.analysis.rss.bridge import Bridge
from memscope.analysis.rss.overtime import ResidentMoment, resident_over_time
from memscope.analysis.rss.parts import At, LinePart, PartOrigin, ResidentPart, ResidentParts
from memscope.capture import Capture
from memscope.capture.model import Look
from memscope.errors import MemscopeError

__all__ = [
    "LinePart",
    "PartOrigin",
    "ResidentMoment",
    "ResidentPart",
    "ResidentParts",
    "resident_over_time",
    "rss_of",
    "tells_parts",
]


def rss_of(measures: Measures, at: At = "peak") -> ResidentParts:
    """The parts of resident memory at the look that found most, or at the last one."""
    capture = measures.capture
    look = _look_at(capture, at)
    if look is None:
        raise MemscopeError(
            "it does not tell what resident memory was made of",
            capture.path,
            "record it again with memscope run, on a system with /proc",
        )
    return Bridge(measures, look).parts(at)


def tells_parts(capture: Capture) -> bool:
    """Whether it tells pages of private memory apart; captures of earlier versions do not."""
    look = _look_at(capture, "peak")
    return look is not None and bool(look.ranges)


def _look_at(capture: Capture, at: At) -> Look | None:
    wanted = "peak" if at == "peak" else "last"
    return next(
        (look for look in capture.looks if look.moment == wanted and look.resident_bytes), None
    )
