"""Advice in words that every report shares, and the JSON document of `memscope advise`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from memscope.advice.calibration import HostCosts
from memscope.advice.model import Advice, Advised, Interval, Measure
from memscope.capture import Capture
from memscope.capture.model import CodeFrame
from memscope.reports.units import bytes_text, count_text

BEST = 10

TITLES = {
    "pool": "keep and hand out again",
    "reuse-buffer": "one buffer for the whole loop",
    "grow-copy": "stop copying what is there",
    "chunk": "work in pieces",
    "compact": "a smaller shape",
    "release-early": "let go before the peak",
    "leak": "it only grows",
    "arena-pinning": "few blocks hold whole arenas",
    "gc-pressure": "let the collector rest",
    "over-pooled": "do without the pool",
    "pool-leak": "give back what is taken",
}
MEASURE_NAMES: dict[Measure, str] = {
    "cpu_s": "CPU",
    "peak_bytes": "peak",
    "rss_bytes": "resident",
    "allocations": "allocations",
}


def amount_text(measure: Measure, value: float) -> str:
    """A saving in the unit of its measure."""
    if measure == "cpu_s":
        return f"{value * 1e3:.0f} ms" if value < 0.9995 else f"{value:.1f} s"
    if measure == "allocations":
        return count_text(value)
    return bytes_text(value)


def verify_command(advice: Advice, capture: Capture) -> str:
    """The command that proves an advice: before against after, in fresh processes."""
    command = capture.meta.command
    words = command[1:] if command[:1] == ("python",) else command
    if "rss_bytes" in advice.predicted:
        return shlex.join(["memscope", "fragmentation", "after.mscope"])
    if words and words[0].endswith(".py") and "cpu_s" in advice.predicted:
        after = words[0].removesuffix(".py") + "_after.py"
        arguments = ["--", *words[1:]] if words[1:] else []
        return shlex.join(["memscope", "ab", words[0], after, *arguments])
    return shlex.join(["memscope", "compare", str(capture.path), "after.mscope"])


def advise_document(
    advised: Advised, capture: Capture, costs: HostCosts, limit: int = BEST
) -> dict[str, Any]:
    count = limit or len(advised.advice)
    return {
        "schema": "memscope.advise/1",
        "file": str(capture.path),
        "mode": capture.meta.mode,
        "complete": capture.complete,
        "notes": [*capture.notes, *advised.notes],
        "calibration": {
            "source": costs.source,
            "copy_bytes_per_s": list(costs.copy_bytes_per_s),
            "zero_bytes_per_s": list(costs.zero_bytes_per_s),
            "small_allocation_s": costs.small_allocation_s,
            "page_fault_s": costs.page_fault_s,
        },
        "program": {
            "cpu_s": advised.whole.cpu_s,
            "cpu_known": advised.whole.cpu_known,
            "peak_bytes": round(advised.whole.peak_bytes),
        },
        "advice": [_advice(item, capture) for item in advised.advice[:count]],
        "rejected": [
            {
                "kind": item.kind,
                "site": None if item.site is None else _place(item.site),
                "reason": item.reason,
            }
            for item in advised.rejected
        ],
    }


def _advice(advice: Advice, capture: Capture) -> dict[str, Any]:
    return {
        "kind": advice.kind,
        "site": _place(advice.site),
        "stack": [_place(frame) for frame in advice.stack],
        "summary": advice.summary,
        "evidence": dict(advice.evidence),
        "predicted": _predicted(advice.predicted),
        "modelled": advice.modelled,
        "cost": advice.cost,
        "confidence": round(advice.confidence, 2),
        "fix": {"text": advice.fix.text, "code": advice.fix.code},
        "verify": verify_command(advice, capture),
    }


def _predicted(predicted: Mapping[Measure, Interval]) -> dict[str, dict[str, float]]:
    return {
        measure: {"low": saving.low, "value": saving.value, "high": saving.high}
        for measure, saving in predicted.items()
    }


def _place(frame: CodeFrame) -> dict[str, str | int]:
    return {"file": frame.file, "line": frame.line, "function": frame.function}
