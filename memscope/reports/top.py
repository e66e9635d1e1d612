"""What a running program holds and how fast it grows, as a JSON document."""

from __future__ import annotations

from typing import Any

from memscope.analysis.pace import Pace
from memscope.reports.terminal.top import Screen


def top_document(screen: Screen, limit: int) -> dict[str, Any]:
    """The `limit` first rows (0: all); rates are per second, null where there was one look only."""
    return {
        "schema": "memscope.top/1",
        "pid": screen.pid,
        "command": list(screen.command),
        "mode": "sampled" if screen.sampled else "exact",
        "complete": screen.complete,
        "time_s": screen.time_s,
        "over_s": screen.over_s,
        "by": screen.by,
        "group": screen.group,
        "totals": {
            **_figures(screen.whole),
            "peak_bytes": round(screen.peak_bytes),
            "uncertain_bytes": round(screen.uncertain_bytes),
            "resident_bytes": screen.resident_bytes,
            "limit_bytes": None if screen.limit is None else screen.limit.limit_bytes,
            "limit_source": None if screen.limit is None else screen.limit.source,
        },
        "rows": [_row(pace) for pace in screen.paces[: limit or None]],
        "rows_count": len(screen.paces),
    }


def _row(pace: Pace) -> dict[str, Any]:
    frame, of = pace.now.frame, pace.now.type
    named = (
        {"function": frame.function, "file": frame.file, "line": frame.line}
        if frame is not None
        else {"module": of.module, "name": of.name, "kind": of.kind}
        if of is not None
        else {}
    )
    return {**named, **_figures(pace), "share": pace.share}


def _figures(pace: Pace) -> dict[str, Any]:
    return {
        "live_bytes": round(pace.now.live_bytes),
        "live_blocks": round(pace.now.live_blocks),
        "allocations": round(pace.now.allocations),
        "allocated_bytes": round(pace.now.allocated_bytes),
        "growth_bytes_s": pace.growth_bytes_s,
        "allocations_s": pace.allocations_s,
        "allocated_bytes_s": pace.allocated_bytes_s,
    }
