"""What budgets did to the captures that are merged: when they sampled, and what is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from memscope.capture.budget import BudgetKept
from memscope.capture.format import SAMPLED_UNIT
from memscope.merging.parts import Source

_MOST_STRETCHES = 128  # of time in which one of the captures was sampled
_SUMMED = ("cpu_ns", "cost_ns", "sampled_ns", "changes", "captures")
_ESTIMATED = ("allocations", "allocated_bytes", "live_bytes", "live_blocks")
_Times = list[tuple[int, int]]


def merged_budget(sources: Sequence[Source]) -> dict[str, Any] | None:
    """`budget` of END; None where nothing is sampled, or something of which nobody knows when."""
    sampled = [source for source in sources if source.meta.sampled]
    if not sampled or any(source.end.budget is None for source in sampled):
        return None
    ends = [source.end for source in sources]
    budgets = [end.budget for end in ends if end.budget is not None]
    return {
        "share_ppm": round(max(budget.share for budget in budgets) * 1e6),
        **{name: sum(getattr(budget, name) for budget in budgets) for name in _SUMMED},
        "switches_ns": [time for times in _stretches(budgets) for time in times],
        "peak_estimated": any(
            end.budget.has_estimated_peak(end.peak_time_ns) for end in ends if end.budget
        ),
        "sampled": {
            name: round(sum(getattr(budget, name) for budget in budgets) * SAMPLED_UNIT)
            for name in _ESTIMATED
        },
    }


def _stretches(budgets: Sequence[BudgetKept]) -> _Times:
    """When at least one of them was sampled."""
    found: _Times = []
    every = (each for budget in budgets for each in budget.intervals if each.mode == "sampled")
    for start, end in sorted((each.from_ns, each.to_ns) for each in every):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return _with_fewer(found)


def _with_fewer(stretches: _Times) -> _Times:
    """The shortest times between them count as sampled where there are too many, as in one file."""
    exact = [
        (after[0] - before[1], number) for number, (before, after) in enumerate(pairwise(stretches))
    ]
    joined = {number for _, number in sorted(exact)[: max(len(stretches) - _MOST_STRETCHES, 0)]}
    found: _Times = []
    for number, (start, end) in enumerate(stretches):
        if number - 1 in joined:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found
