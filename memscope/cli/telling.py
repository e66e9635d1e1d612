"""What `memscope run` is to say, and to write while the program runs."""

from __future__ import annotations

from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Telling:
    """What is said of a run, and which captures are written meanwhile."""

    quiet: bool
    no_summary: bool
    every_s: float | None
    keep: int
    limit_bytes: int | None
