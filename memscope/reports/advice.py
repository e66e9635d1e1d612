"""Advice in words that every report shares, and the JSON document of `memscope advise`."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from typing import Any

from memscope.advice.evidence.calibration import HostCosts
from memscope.advice.facts import Fact
from memscope.advice.model import Advice, Advised, Interval, Measure
from memscope.advice.policy import Limit
from memscope.analysis.mainholder import MainHolder
from memscope.analysis.units import bytes_text, cost_text, count_text
from memscope.capture import Capture
from memscope.capture.model import CodeFrame
from memscope.reports.budget import budget_document
from memscope.reports.patches import patch_of
from memscope.reports.retainerdocuments import root_document
from memscope.reports.unseen import unseen_document

MEASURE_NAMES: dict[Measure, str] = {
    "cpu_s": "CPU",
    "peak_bytes": "peak",
    "rss_bytes": "resident",
    "allocations": "allocations",
}


def amount_text(measure: Measure, value: float) -> str:
    """A saving in the unit of its measure."""
    if measure == "cpu_s":
        return cost_text(value)
    if measure == "allocations":
        return count_text(value)
    return bytes_text(value)


def verify_command(advice: Advice, capture: Capture) -> str:
    """The command that proves an advice: before against after, in fresh processes."""
    command = capture.meta.command
    words = command[1:] if command[:1] == ("python",) else command
    if "rss_bytes" in advice.predicted:
        return shlex.join(["memscope", "fragmentation", _name_of_next(capture)])
    if words and "cpu_s" in advice.predicted and _is_part_of(advice.site.file, words[0], capture):
        after = words[0].removesuffix(".py") + "_after.py"
        arguments = ["--", *words[1:]] if words[1:] else []
        return shlex.join(["memscope", "ab", words[0], after, *arguments])
    return shlex.join(["memscope", "compare", str(capture.path), _name_of_next(capture)])


def _name_of_next(capture: Capture) -> str:
    """A name for the capture of after the change: not that of the one that is looked at."""
    words = re.fullmatch(r"after(?:_(\d{1,9}))?\.mscope", capture.path.name)
    return "after.mscope" if words is None else f"after_{int(words[1] or 1) + 1}.mscope"


def _is_part_of(file: str, script: str, capture: Capture) -> bool:
    """Whether a script that was started is the user's, as the file is that is to be changed.

    What starts a notebook is not: its cells lie elsewhere.
    """
    if not script.endswith(".py"):
        return False
    folder = os.path.dirname(os.path.join(capture.meta.cwd, script))
    return os.path.join(capture.meta.cwd, file).startswith(os.path.join(folder, ""))


def advise_document(
    advised: Advised,
    capture: Capture,
    costs: HostCosts,
    numbers: range,
    holder: MainHolder | None = None,
) -> dict[str, Any]:
    """All that was found; of the advice that of these `numbers`, the first of which is 1.

    `holder` is the one to look at where nothing is advised.
    """
    return {
        "schema": "memscope.advise/1",
        "file": str(capture.path),
        "mode": capture.meta.mode,
        "budget": budget_document(capture.end),
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
            "rss_bytes": round(advised.whole.resident_bytes),
        },
        "unseen": unseen_document(advised.unseen),
        "advice": [
            {"number": number, **one_advice(advised.advice[number - 1], capture, advised.contents)}
            for number in numbers
        ],
        "rejected": [
            {
                "kind": item.kind,
                "site": None if item.site is None else _place(item.site),
                "reason": item.reason,
            }
            for item in advised.rejected
        ],
        "growing": [
            {"site": _place(item.site), "grown_bytes": round(item.grown_bytes)}
            for item in advised.growing
        ],
        "holder": None if holder is None else _holder(holder),
    }


def _holder(holder: MainHolder) -> dict[str, Any]:
    return {
        "path": holder.way.path,
        "root": root_document(holder.way.root),
        "growth_bytes" if holder.snapshots else "retained_bytes": holder.bytes,
        "share": holder.bytes / holder.total_bytes,
        "snapshots": list(holder.snapshots),
    }


def one_advice(
    advice: Advice, capture: Capture, contents: Mapping[str, bytes] | None = None
) -> dict[str, Any]:
    """One piece of advice, as in every answer that has some; a patch where `contents` of the files
    that it edits are given.
    """
    fix = {"text": advice.fix.text, "code": advice.fix.code}
    if contents is not None:
        patch = patch_of(advice.fix.change, contents, capture.meta.cwd)
        fix |= {"patch": patch.diff, "patch_folder": patch.folder, "no_patch": patch.why_not}
    return {
        "kind": advice.kind,
        "site": _place(advice.site),
        "stack": [_place(frame) for frame in advice.stack],
        "summary": advice.summary,
        "evidence": {
            **{fact.name: fact.value for fact in advice.facts},
            "facts": [fact_document(fact) for fact in advice.facts],
        },
        "predicted": _predicted(advice.predicted),
        "modelled": advice.modelled,
        "cost": advice.cost,
        "confidence": round(advice.confidence, 2),
        "fix": fix,
        "verify": verify_command(advice, capture),
    }


def fact_document(fact: Fact) -> dict[str, Any]:
    """A fact; `least` and `most` only where it was held to one, `limit` where that has a name."""
    document: dict[str, Any] = {
        "name": fact.name,
        "told": fact.told,
        "value": fact.value,
        "unit": fact.unit,
        "source": fact.source,
        "decides": fact.decides,
    }
    for bound, limit in (("least", fact.least), ("most", fact.most)):
        if limit is not None:
            document[bound] = int(limit) if isinstance(limit, int) else float(limit)
            if isinstance(limit, Limit):
                document["limit"] = limit.name
    return document


def _predicted(predicted: Mapping[Measure, Interval]) -> dict[str, dict[str, float]]:
    return {
        measure: {"low": saving.low, "value": saving.value, "high": saving.high}
        for measure, saving in predicted.items()
    }


def _place(frame: CodeFrame) -> dict[str, str | int]:
    return {"file": frame.file, "line": frame.line, "function": frame.function}
