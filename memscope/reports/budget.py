"""What a budget has done to a recording: when it was sampled, what that cost, what is estimated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memscope.analysis.units import bytes_text, share_text, time_text
from memscope.capture.budget import BudgetKept, Stretch
from memscope.capture.description import DomainSums, End, Meta


def budget_document(end: End | None) -> dict[str, Any] | None:
    """None where there was no budget, or the capture is cut before it tells of it."""
    kept = None if end is None else end.budget
    if kept is None:
        return None
    return {
        "share": kept.share,
        "cost_share": kept.cost_share,
        "cpu_s": kept.cpu_ns / 1e9,
        "cost_s": kept.cost_ns / 1e9,
        "sampled_s": kept.sampled_ns / 1e9,
        "changes": kept.changes,
        "intervals": [
            {"from_s": each.from_ns / 1e9, "to_s": each.to_ns / 1e9, "mode": each.mode}
            for each in kept.intervals
        ],
        "estimated": {
            "allocations": round(kept.allocations),
            "allocated_bytes": round(kept.allocated_bytes),
            "live_bytes": round(kept.live_bytes),
            "live_blocks": round(kept.live_blocks),
            "peak": kept.has_estimated_peak(end.peak_time_ns if end else 0),
        },
    }


def how_sampled(meta: Meta) -> str:
    """The mode in a few words, for the head of a report; empty where all is exact."""
    if not meta.sampled:
        return ""
    if meta.budget:
        return f"sampled {share_text(meta.sampled_share)} of the time, budget {_percent(meta)}"
    return f"sampled every {bytes_text(meta.sample_bytes)}, numbers are estimates"


def _percent(meta: Meta) -> str:
    return f"{meta.budget * 100:g}%"


def budget_lines(meta: Meta, end: End | None) -> Iterator[tuple[str, list[str]]]:
    """Values, each with the parts of a text: the cost, when it sampled, what is estimated."""
    kept = None if end is None else end.budget
    if kept is None or end is None:
        return
    cost = [f"of the CPU time was the cost of recording, of {_percent(meta)}"]
    if kept.captures < len(meta.parts):
        cost.append(f"{kept.captures:,} of {len(meta.parts):,} captures had one")
    yield f"{kept.cost_share:.1%}", cost
    if not meta.sampled:
        yield "exact", ["throughout"]
        return
    yield "by turns", [_text_of(each) for each in kept.intervals]
    yield "estimated", _estimated(kept, end.sums, end.peak_time_ns)


def _text_of(interval: Stretch) -> str:
    return f"{interval.mode} {time_text((interval.to_ns - interval.from_ns) / 1e9)}"


def _estimated(kept: BudgetKept, sums: DomainSums, peak_time_ns: int) -> list[str]:
    allocated = share_text(kept.allocated_bytes / max(sums.allocated_bytes, 1))
    live = share_text(kept.live_bytes / max(sums.live_bytes, 1))
    peak = "the peak in part" if kept.has_estimated_peak(peak_time_ns) else "not the peak"
    return [f"{allocated} of allocated", f"{live} of live", peak]
