"""The processes that a program started, in words and as JSON: which of them are in no capture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from memscope.analysis.processes import Unrecorded
from memscope.analysis.units import count_text, plural
from memscope.capture.description import ChildProcess, End, Exit

# Pids, or different programs, that one line names.
_MOST_NAMED = 6


def unrecorded_lines(unrecorded: Unrecorded) -> tuple[str, ...]:
    """What is in no capture and what would record it, a line for each kind; none if nothing is."""
    return tuple(f"unrecorded: {what}{more}" for what, more in _kinds(unrecorded))


def unrecorded_line(unrecorded: Unrecorded) -> str | None:
    """The same in one line, without names; None if all was recorded."""
    kinds = [what for what, _ in _kinds(unrecorded)]
    return f"unrecorded: {', '.join(kinds)}" if kinds else None


def _kinds(unrecorded: Unrecorded) -> Iterator[tuple[str, str]]:
    """How many of each kind with what would record them, and what else is known of them."""
    if unrecorded.forked:
        forked = plural(unrecorded.forked, "forked process", "forked processes")
        yield f"{forked} (use --follow-fork)", _running(unrecorded, "forked")
    if unrecorded.refused:
        forked = plural(unrecorded.refused, "forked process", "forked processes")
        yield f"{forked}: too many at once to be followed", ""
    if unrecorded.spawned:
        spawned = plural(unrecorded.spawned, "spawned process", "spawned processes")
        needs = "needs its" if unrecorded.spawned == 1 else "need their"
        more = f"{_names(unrecorded)}{_running(unrecorded, 'spawned')}"
        python = any(child.name.startswith("python") for child in unrecorded.listed)
        if python and not unrecorded.follows_executed:
            yield f"{spawned} (use --follow-exec for Python)", more
        else:
            yield f"{spawned} ({needs} own memscope run)", more
    if unrecorded.replaced_by is not None:
        program = unrecorded.replaced_by or "another program"
        yield f"all that came after the program had replaced itself by {program} (exec)", ""
    if unrecorded.unknown:
        yield "processes that C code of the program started and waited for", ""


def _running(unrecorded: Unrecorded, role: str) -> str:
    pids = [str(child.pid) for child in unrecorded.running if child.role == role]
    return f"; still running: {_first(pids)}" if pids else ""


def _names(unrecorded: Unrecorded) -> str:
    names = Counter(child.name for child in unrecorded.listed if child.role == "spawned")
    del names[""]
    shown = [f"{count_text(n)} {name}" if n > 1 else name for name, n in names.most_common()]
    return f": {_first(shown)}" if shown else ""


def _first(texts: list[str]) -> str:
    more = len(texts) - _MOST_NAMED
    return ", ".join(texts[:_MOST_NAMED]) + (f" and {count_text(more)} more" if more > 0 else "")


def role_text(child: ChildProcess) -> str:
    """`forked`, `spawned: python -m platform`."""
    return f"{child.role}: {child.name}" if child.name else child.role


def processes_document(
    unrecorded: Unrecorded, end: End | None, ended: Exit | None
) -> dict[str, Any] | None:
    """None in a capture that does not tell; figures that are not known are null."""
    processes = end.processes if end is not None else None
    if processes is None:
        return None
    return {
        "unrecorded": unrecorded.count,
        "forked": processes.forked,
        "spawned": processes.spawned,
        "followed": processes.followed,
        "refused": unrecorded.refused,
        "replaced_by": processes.replaced_by,
        "waited_cpu_s": ended.waited_cpu_s if ended is not None else None,
        "notes": list(unrecorded_lines(unrecorded)),
        "list": [
            {
                "pid": child.pid or None,
                "parent": child.parent,
                "role": child.role,
                "name": child.name,
                "recorded": child.followed,
                "running": child.running,
                "peak_resident_bytes": child.peak_resident_bytes or None,
                "cpu_s": child.cpu_s if child.peak_resident_bytes else None,
            }
            for child in processes.listed
        ],
    }
