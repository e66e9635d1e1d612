"""What an advice is: a place, evidence, a predicted gain, its price, the change, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from memscope.capture.model import CodeFrame

Measure = Literal["cpu_s", "peak_bytes", "rss_bytes", "allocations"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A predicted saving, in the unit of its measure; `low` is what advice is ranked by."""

    low: float
    value: float
    high: float

    def __post_init__(self) -> None:
        # Bounds come from other formulas than the value; whichever is off, the order holds.
        object.__setattr__(self, "low", min(self.low, self.value))
        object.__setattr__(self, "high", max(self.high, self.value))

    @classmethod
    def around(cls, value: float, below: float, above: float) -> Interval:
        """`value`, which may turn out `below` or `above` times as much."""
        return cls(value * below, value, value * above)


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do, in a sentence, and as code for that very place."""

    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One change that pays.

    `predicted` holds savings by measure: CPU seconds, bytes of the peak or of resident memory,
    allocations. `evidence` holds what was measured; `modelled` says in words what was not.
    `confidence` is between 0 and 1. `covers` are other lines that the change takes care of: what
    other kinds say about those is not said again.
    """

    kind: str
    site: CodeFrame
    stack: tuple[CodeFrame, ...]
    summary: str
    evidence: Mapping[str, float | str]
    predicted: Mapping[Measure, Interval]
    modelled: str
    cost: str
    confidence: float
    fix: Fix
    covers: tuple[CodeFrame, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A change that looks as if it paid, and why it does not. `weight` is how tempting: 0 to 1."""

    kind: str
    site: CodeFrame | None
    reason: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Findings:
    """What one kind found."""

    advice: tuple[Advice, ...] = ()
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """What savings are held against: the program's CPU seconds and its peak."""

    cpu_s: float
    cpu_known: bool
    peak_bytes: float
    resident_bytes: float

    def share(self, measure: Measure, saving: float) -> float:
        """Which part of the program's CPU time or peak a saving is."""
        whole = {
            "cpu_s": self.cpu_s,
            "peak_bytes": self.peak_bytes,
            "rss_bytes": self.resident_bytes or self.peak_bytes,
        }.get(measure, 0.0)
        return saving / whole if whole > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Advised:
    """Everything that was found, best first, and what it was judged by."""

    whole: Whole
    advice: tuple[Advice, ...]
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...] = field(default=())
