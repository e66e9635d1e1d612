"""Whether a recorded run would have fitted into a limit of memory."""

from __future__ import annotations

from typing import Literal

from memscope.analysis.resident import Source, resident_of
from memscope.analysis.timeline import memory_over_time
from memscope.capture import Capture
from memscope.errors import MemscopeError
from memscope.plain import dataclass

Verdict = Literal["fits", "may not fit", "does not fit"]


@dataclass(frozen=True, slots=True)
class Fit:
    """Resident memory at most, held against a limit; all in bytes.

    `low_bytes` is the program's without memscope's own part, `high_bytes` with it: what of that the
    program would have taken itself is not known. `source` says who found the peak.
    """

    limit_bytes: int
    low_bytes: int
    high_bytes: int
    source: Source
    interim: bool  # the run went on

    @property
    def verdict(self) -> Verdict:
        if self.high_bytes <= self.limit_bytes:
            return "fits"
        return "may not fit" if self.low_bytes <= self.limit_bytes else "does not fit"

    @property
    def excess_bytes(self) -> int:
        """By how much it is too large; below 0: what is left."""
        return self.low_bytes - self.limit_bytes


def fit_into(capture: Capture, limit_bytes: int) -> Fit:
    """Raises MemscopeError where resident memory is not known."""
    resident = resident_of(capture, memory_over_time(capture))
    if not resident.peak_bytes:
        raise MemscopeError("how much memory was resident is not known", capture.path)
    return Fit(
        limit_bytes=limit_bytes,
        low_bytes=resident.peak_bytes,
        high_bytes=resident.kernel_bytes,
        source=resident.source,
        interim=capture.end is not None and capture.end.is_interim,
    )
