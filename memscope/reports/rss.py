"""In words and as JSON: what resident memory is made of."""

from __future__ import annotations

from memscope.analysis.rss import PartOrigin, ResidentPart, ResidentParts
from memscope.analysis.units import bytes_text, share_text, time_text
from memscope.capture import Capture
from memscope.reports.documents import Document, certainty, place

ORIGIN_NAMES: dict[PartOrigin, str] = {
    "objects": "objects",
    "native": "native blocks",
    "mapping": "mapped files and memory",
    "pymalloc free": "free in pymalloc's arenas",
    "libc free": "free in libc's heap",
    "code": "code and data of libraries",
    "stacks": "thread stacks",
    "memscope": "memscope's own",
    "unexplained": "not explained",
}
# Less than this is no reason to look for what was not explained.
LEAST_UNEXPLAINED = 0.02


def part_text(part: ResidentPart) -> str:
    """What it is called within its origin."""
    return part.name or ORIGIN_NAMES[part.origin]


def moment_text(resident: ResidentParts) -> str:
    """`at the peak, 1.2 s into the recording`."""
    at = time_text(resident.time_ns / 1e9)
    if resident.moment == "peak":
        return f"at the highest look, {at} into the recording"
    if resident.moment == "end":
        return f"at the end, {at} into the recording"
    return f"at the last look, after {at}; none came at the end"


def explained_text(resident: ResidentParts) -> str:
    """How much has a name, of all and of what the program added."""
    told = f"{share_text(resident.explained_share)} explained"
    if not resident.before_bytes:
        return told
    above = bytes_text(resident.above_bytes)
    return (
        f"{told}; of the {above} on top of the interpreter"
        f" {share_text(resident.explained_above_share)}"
    )


def most_text(resident: ResidentParts) -> str:
    """What the look missed of the kernel's peak; empty where it missed little."""
    missed = resident.most_bytes - resident.resident_bytes
    if resident.moment != "peak" or missed <= resident.most_bytes / 32:
        return ""
    return (
        f"The kernel's peak was {bytes_text(resident.most_bytes)}, {bytes_text(missed)} more:"
        " no look came in time."
    )


def hint_text(resident: ResidentParts) -> str:
    """What may be behind the part that is not explained; empty where that is little."""
    unexplained = resident.of("unexplained")
    if unexplained < LEAST_UNEXPLAINED * resident.resident_bytes or not resident.likely:
        return ""
    return f"Not explained is likely of {', '.join(resident.likely[:3])}: loaded, and not recorded."


def one_line_text(resident: ResidentParts) -> str:
    """The largest origins, for a line of the summary: `objects 61%, code 20%, …`."""
    sums = {origin: resident.of(origin) for origin in ORIGIN_NAMES}
    whole = max(resident.resident_bytes, 1)
    largest = sorted(sums, key=lambda origin: -sums[origin])
    return ", ".join(
        f"{ORIGIN_NAMES[origin]} {share_text(sums[origin] / whole)}"
        for origin in largest
        if sums[origin] >= whole / 100
    )


def origins_document(resident: ResidentParts) -> Document:
    """The sums by origin: the field `made_of` of a summary."""
    return {
        "time_s": resident.time_ns / 1e9,
        "resident_bytes": resident.resident_bytes,
        "explained_share": resident.explained_share,
        "origins": {origin: resident.of(origin) for origin in ORIGIN_NAMES},
    }


def rss_document(resident: ResidentParts, capture: Capture) -> Document:
    return {
        "schema": "memscope.rss/1",
        **certainty(capture),
        "moment": resident.moment,
        "time_s": resident.time_ns / 1e9,
        "resident_bytes": resident.resident_bytes,
        "kernel_peak_bytes": resident.most_bytes or None,
        "explained_share": resident.explained_share,
        "before_bytes": resident.before_bytes or None,
        "above_bytes": resident.above_bytes,
        "explained_above_share": resident.explained_above_share,
        "pages_told_apart": resident.whole,
        "likely": list(resident.likely),
        "parts": [
            {
                "origin": part.origin,
                "name": part.name,
                "bytes": part.size_bytes,
                "reserved_bytes": part.reserved_bytes,
            }
            for part in resident.parts
        ],
        "lines": [
            {
                **place(line.frame),
                "bytes": line.size_bytes,
                "reserved_bytes": line.reserved_bytes,
            }
            for line in resident.lines
        ],
    }
