"""What very many small objects are, and what they would take in another shape."""

from __future__ import annotations

from collections.abc import Iterable

from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import Fact
from memscope.advice.model import Fix
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

SLOT_BYTES = 8  # of a list, of an instance with slots, of an array


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows are: `now_bytes` each, `then_bytes` with slots, `least_bytes` as columns."""

    what: str
    rows: float
    now_bytes: float
    then_bytes: float
    least_bytes: float
    fix: Fix
    confidence: float
    cost: str
    facts: tuple[Fact, ...]  # beside the counts and bytes
    counted: str = "without their values"  # what the bytes each are
    site: CodeFrame | None = None  # where that is to be changed, if not where they are made
    beside: tuple[UserLine, ...] = ()  # what columns would take the place of as well
    beside_counts: bool = False  # whether `then_bytes` are without it


def quoted(names: Iterable[str]) -> str:
    """Names as the inside of a tuple of strings."""
    shown = [repr(name) for name in names]
    return ", ".join(shown) + ("," if len(shown) == 1 else "")


def rounded(size: float) -> float:
    """As pymalloc rounds it."""
    return -(-size // 16) * 16
