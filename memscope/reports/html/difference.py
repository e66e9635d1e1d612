"""The page of what two captures differ in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from memscope.analysis.flame import flame_of_both
from memscope.analysis.measures import Measures
from memscope.analysis.summary import summarize
from memscope.analysis.uncertain import MATTERS_SHARE, uncertain_lines
from memscope.analysis.units import bytes_text, signed
from memscope.capture import Capture
from memscope.capture.format import SAMPLED_UNIT
from memscope.reports.html.columns import Columns
from memscope.reports.html.page import fallback_table, join_page
from memscope.reports.html.single import add_flame, facts, flame_document

_FIGURES = ("allocated_bytes", "peak_bytes", "live_bytes")


def difference_page(
    old: Capture, new: Capture, progress: Callable[[int, int], None] | None = None
) -> str:
    """The report on two captures as HTML: the first is what it was, the second what it became.

    `progress` is told how many steps have been done, of how many.
    """
    of_old, of_new = Measures(old), Measures(new)
    flame = flame_of_both(of_old, of_new)
    if progress is not None:
        progress(1, 2)
    unit = max(old.unit, new.unit)
    assert unit in (1, SAMPLED_UNIT)
    columns = Columns()
    add_flame(columns, flame, unit)
    before, after = facts(summarize(old, of_old)), facts(summarize(new, of_new))
    before["complete"], after["complete"] = old.complete, new.complete
    document: dict[str, Any] = {
        "kind": "difference",
        **flame_document(flame, max(old.meta.domains, new.meta.domains, key=len)),
        "unit": unit,
        "threads": [],
        "facts": after,
        "old_facts": before,
        "windows": [],
        "panels": [],
        "retainers": None,
        "source": {},
        "calls": {},
        "notes": [
            *(f"{old.path.name}: {note}" for note in old.notes),
            *(f"{new.path.name}: {note}" for note in new.notes),
            *(
                f"{side.path.name}: {told}"
                for side in (old, new)
                for told in uncertain_lines(side, MATTERS_SHARE)
            ),
            *_differences(before, after),
        ],
    }
    rows = [
        (
            name.replace("_", " "),
            bytes_text(before[name]),
            bytes_text(after[name]),
            signed(after[name] - before[name], bytes_text(abs(after[name] - before[name]))),
        )
        for name in _FIGURES
    ]
    table = fallback_table("What changed", ("measure", "old", "new", "change"), rows)
    title = " ".join(new.meta.command) or "memscope"
    return join_page(f"{title}: difference", columns.text(document), table)


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What keeps the two from being compared as they are."""
    names = {"python": "Python", "allocator": "the allocator", "sample_bytes": "the sampling"}
    told = [
        f"{name} is not the same: {before[key] or 'unknown'} and {after[key] or 'unknown'}"
        for key, name in names.items()
        if before[key] != after[key]
    ]
    if before["objects"] != after["objects"]:
        told.append(
            f"only {'old' if before['objects'] else 'new'} tells of objects: there, what is live"
            " stands at the line that made it, in the other at the line that asked"
        )
    return told
