"""How much of a capture stands in stacks of which frames are left out, in words and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from memscope.analysis.units import share_text
from memscope.capture.description import End


def folded_line(end: End | None) -> str | None:
    """One line; None where all stacks are whole."""
    if end is None or end.folded is None:
        return None
    parts = [
        f"{share_text(part / whole)} of {what}"
        for part, whole, what in (
            (end.folded.peak_bytes, end.sums.peak_bytes, "the peak"),
            (end.folded.allocated_bytes, end.sums.allocated_bytes, "what was allocated"),
        )
        if whole
    ]
    return f"middle frames are left out of small stacks: {', '.join(parts)}"


def folded_document(end: End | None) -> dict[str, Any] | None:
    return None if end is None or end.folded is None else asdict(end.folded)
