"""A few small blocks that keep whole arenas of pymalloc from going back to the kernel.

Which arena a block lies in is not in the capture's tallies; `memscope.analysis.fragmentation` tells
where it is recorded. Without that nothing is said: a guess from sizes alone is worth nothing here.
"""

from __future__ import annotations

from memscope.advice.evidence import Case
from memscope.advice.model import Findings, Rejected

KIND = "arena-pinning"


def find(case: Case) -> Findings:
    """Says what is missing."""
    why = "the capture does not say which arenas its blocks lie in"
    return Findings(rejected=(Rejected(KIND, None, why),))
