"""What is known of objects in a capture, in words."""

from __future__ import annotations

from memscope.analysis.uncertain import uncertain_lines
from memscope.analysis.units import bytes_text, plural
from memscope.capture import Capture
from memscope.errors import one_line

_TAKEN_FROM = "Types of these are those of what died at the same lines, and may be others."


def uncertain_text(uncertain_bytes: float) -> str:
    """How many of a row's live bytes may be another line's; nothing where all are sure."""
    return f"up to {bytes_text(uncertain_bytes)} uncertain" if uncertain_bytes else ""


def not_known_lines(capture: Capture) -> list[str]:
    """What could not be told of objects; nothing where none were to be recorded."""
    known = capture.end.objects if capture.end is not None else None
    if known is None or not capture.meta.objects:
        return []
    told = []
    if capture.end is not None and capture.end.is_interim:
        told.append(
            f"The program goes on: it was not asked what its live blocks are. {_TAKEN_FROM}"
        )
    elif known.types_of_live != "asked":
        asked = "only in part asked" if known.types_of_live == "asked in part" else "not asked"
        why = f" ({one_line(known.why)})" if known.why else ""
        told.append(
            f"The program was {asked} at its end what its live blocks are{why}. {_TAKEN_FROM}"
        )
    if not known.creations_told:
        told.append(
            "This Python did not tell of objects made in blocks of free lists: some lines are "
            "uncertain, by the bytes shown."
        )
    told += uncertain_lines(capture)
    if known.tracer_replaced:
        times = plural(known.tracer_replaced, "time")
        told.append(f"Another tool took the place of the recorder's own call {times}.")
    if known.types_lost:
        told.append(
            f"{known.types_lost:,} types found no room in the table: they are “other types”."
        )
    return told
