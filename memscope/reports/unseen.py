"""In words and as JSON: what a capture does not tell, and what would show it."""

from __future__ import annotations

from typing import Any

from memscope.analysis.units import bytes_text, plural, share_text
from memscope.analysis.unseen import Owner, Reason, Unseen
from memscope.reports.native import NOT_ATTACHED
from memscope.reports.processes import unrecorded_lines

_OWNERS = {
    "before": "from before the recording",
    "pymalloc free": "free in pymalloc's arenas",
    "native": "native",
    "code": "code",
    "mapping": "mapped files",
    "shared": "shared memory",
    "stacks": "thread stacks",
    "unexplained": "of unknown owner",
}
_NAMED = {"code": "code of", "mapping": "mapped from", "shared": "shared memory"}
_REMEDIES = {
    "before": "memscope run records a program from its start",
    "native": "memscope run --native records what libraries request from malloc",
    "unexplained": "heaptrack or memray run --native record native memory",
}
_SENTENCES = {
    "unmeasured": "resident memory was not measured: nobody knows how much of it was tracked",
    "native": "native memory: the library that sees it did not load into the program",
    "attached": f"native memory: {NOT_ATTACHED}",
}
LIKELY_SHOWN = 3


def owner_text(owner: Owner) -> str:
    """`from before the recording`, `code of libtorch_cpu.so`."""
    name = owner.name.rpartition("/")[2]
    if not name:
        return _OWNERS[owner.origin]
    return f"{_NAMED[owner.origin]} {name}"


def likely_text(unseen: Unseen) -> str:
    """`likely numpy, pyarrow (loaded)`, or empty."""
    names = ", ".join(unseen.likely[:LIKELY_SHOWN])
    more = len(unseen.likely) - LIKELY_SHOWN
    if more > 0:
        names += f" or {more:,} more"
    return f"likely {names} (loaded)" if names else ""


def reason_text(reason: Reason, unseen: Unseen) -> str:
    """One sentence without a full stop: what was not seen, and how much."""
    if reason.kind == "untracked":
        assert unseen.size_bytes is not None
        return (
            f"{share_text(unseen.size_bytes / unseen.resident_bytes)} of resident memory"
            f" ({bytes_text(unseen.size_bytes)} of {bytes_text(unseen.resident_bytes)}) was not"
            f" tracked: {'; '.join(owners_texts(unseen)[:2])}"
        )
    if reason.kind == "processes":
        kinds = (line.removeprefix("unrecorded: ") for line in unrecorded_lines(unseen.processes))
        return f"what other processes did: {'; '.join(kinds)}"
    if reason.kind == "dropped":
        return f"{plural(reason.amount, 'event')} were dropped: all numbers are too low"
    if reason.kind == "sampled":
        return (
            f"the peak holds about {plural(reason.amount, 'sample')} of small blocks, too few to"
            " tell lines apart"
        )
    if reason.kind in _SENTENCES:
        return _SENTENCES[reason.kind]
    return f"the capture is partial: it {reason.detail or 'could not be read in full'}"


def not_seen_lines(unseen: Unseen) -> list[str]:
    """What else is to be said beside the capture's notes and the processes."""
    return [
        f"not seen: {reason_text(reason, unseen)}"
        for reason in unseen.reasons
        if reason.kind not in ("partial", "dropped", "processes")
    ]


def remedy_text(reason: Reason, unseen: Unseen) -> str:
    """What would show it, as a sentence without a full stop; empty where nothing is known to."""
    if reason.kind == "untracked":
        return next((_REMEDIES[o.origin] for o in unseen.owners if o.origin in _REMEDIES), "")
    return {
        "dropped": "record again",
        "partial": "record again, to the program's end",
        "sampled": "record without --sample",
    }.get(reason.kind, "")


def owners_texts(unseen: Unseen) -> list[str]:
    """The owners, largest first: `530 MiB native, likely numpy (loaded)`; small code is one."""
    told: list[str] = []
    small: dict[str, float] = {}
    least = (unseen.size_bytes or 0) / 10
    parts: list[tuple[float, str]] = []
    for owner in unseen.owners:
        if owner.name and owner.size_bytes < least:
            small[owner.origin] = small.get(owner.origin, 0) + owner.size_bytes
        else:
            parts.append((owner.size_bytes, owner_text(owner)))
    others = any(owner.origin == "code" and owner.size_bytes >= least for owner in unseen.owners)
    for origin, size_bytes in small.items():
        name = _OWNERS[origin]
        parts.append((size_bytes, f"other {name}" if origin == "code" and others else name))
    for size_bytes, text in sorted(parts, reverse=True):
        likely = likely_text(unseen) if text in (_OWNERS["native"], _OWNERS["unexplained"]) else ""
        told.append(", ".join(filter(None, (f"{bytes_text(size_bytes)} {text}", likely))))
    return told


def unseen_document(unseen: Unseen) -> dict[str, Any]:
    """The field `unseen` of a JSON document."""
    return {
        "resident_bytes": None if unseen.size_bytes is None else round(unseen.size_bytes),
        "share": unseen.share,
        "of_bytes": unseen.resident_bytes,
        "time_s": None if unseen.time_ns is None else unseen.time_ns / 1e9,
        "owners": [
            {"origin": owner.origin, "name": owner.name, "bytes": round(owner.size_bytes)}
            for owner in unseen.owners
        ],
        "likely": list(unseen.likely),
        "processes": unseen.processes.count,
        "reasons": [
            {
                "kind": reason.kind,
                "text": reason_text(reason, unseen),
                "remedy": remedy_text(reason, unseen),
            }
            for reason in unseen.reasons
        ],
    }
