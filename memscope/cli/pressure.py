"""What is said of a program that ended at its memory limit: lines, types and holders."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from memscope.analysis.measures import Measures
    from memscope.capture import Capture
    from memscope.recording.followed import AtLimit
    from memscope.recording.memorylimits import MemoryLimit
    from memscope.recording.pressure import Pressure
    from memscope.recording.supervisor import Outcome

    _Held = Literal["live_bytes", "peak_bytes"]

MOST_CHILDREN = 3  # of whom it is told what held their memory
MOST_PIDS = 6
MOST_LINES = 3
MOST_HOLDERS = 3
MOST_TYPES = 3  # of a holder
LEAST_SHARE = 0.05  # of what is live, for a type or a holder to be named
NEAR = 0.9  # of a limit of addresses: a large request more is refused
# As who was refused memory ends, and did not expect it.
_REFUSED_ENDS = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS)


def lines_of_pressure(pressure: Pressure, outcome: Outcome, path: Path) -> Iterator[str]:
    """Which captures were written on the way, and, of who ended at a limit, what held it."""
    for written in sorted(pressure.written):
        if written.exists():
            from memscope.recording.outputs import shown

            yield f"memory came near its limit: the capture of then is {shown(written)}"
    if outcome.signal == signal.SIGKILL and pressure.was_near:
        how = _how_it_was_killed(pressure.last, pressure.killed)
        yield f"the program {how}; most was held by:"
        yield from _what_held(pressure.snapshots, path, "live_bytes")
    elif _may_have_been_refused(pressure, outcome):
        how = _how_it_failed(pressure.nearest, outcome.signal, outcome.status)
        yield f"the program {how}; at its peak most was held by:"
        # As a MemoryError goes up, much of what was held goes.
        yield from _what_held(pressure.snapshots, path, "peak_bytes")
    yield from _lines_of_children(outcome.followed.at_limits, pressure.snapshots)


def _lines_of_children(children: Sequence[AtLimit], snapshots: bool) -> Iterator[str]:
    """The same of children that ended at a limit: of the last ones what held their memory."""
    from memscope.recording.outputs import shown

    for child in children[-MOST_CHILDREN:]:
        code = os.waitstatus_to_exitcode(child.status)
        name = f"child {child.pid} ({child.role or 'forked'})"
        where = f"its capture is {shown(child.path)}"
        if code == -signal.SIGKILL:
            how = _how_it_was_killed(child.limit, child.killed)
            yield f"{name} {how}; {where}; most was held by:"
            yield from _what_held(snapshots, child.path, "live_bytes")
        else:
            how = _how_it_failed(child.limit, max(-code, 0), code)
            yield f"{name} {how}; {where}; at its peak most was held by:"
            yield from _what_held(snapshots, child.path, "peak_bytes")
    if (more := len(children) - MOST_CHILDREN) > 0:
        pids = ", ".join(str(child.pid) for child in children[:more][-MOST_PIDS:])
        yield f"{more} more ended so before: {'… ' if more > MOST_PIDS else ''}{pids}"


def _how_it_was_killed(limit: MemoryLimit | None, killed: bool) -> str:
    used, limited = _said_of(limit)
    return f"was killed for {limited}" if killed else f"was killed while it had {used} of {limited}"


def _may_have_been_refused(pressure: Pressure, outcome: Outcome) -> bool:
    """Whether it failed, and had been where requests are refused: nobody kills it for them."""
    limit = pressure.nearest
    if limit is None or limit.source != "RLIMIT_AS" or limit.share < NEAR:
        return False
    return bool(outcome.status) or outcome.signal in _REFUSED_ENDS


def _how_it_failed(limit: MemoryLimit | None, number: int | None, status: int | None) -> str:
    how = f"signal {number}" if number else f"status {status}"
    used, limited = _said_of(limit)
    return f"ended with {how}, and had {used} of {limited}"


def _said_of(limit: MemoryLimit | None) -> tuple[str, str]:
    from memscope.analysis.units import bytes_text

    if limit is None:
        return "", "its limit"
    limited = f"its limit of {bytes_text(limit.limit_bytes)} ({limit.source})"
    return bytes_text(limit.used_bytes), limited


def _what_held(snapshots: bool, path: Path, by: _Held) -> Iterator[str]:
    # Not above: what is seldom said would be imported before each program.
    from memscope.analysis.measures import Measures
    from memscope.cli.answer import open_capture

    with open_capture(path) as capture:
        measures = Measures(capture)
        yield from _lines(measures, by)
        if not capture.meta.objects:
            return
        known = capture.end.objects if capture.end is not None else None
        if known is not None and known.types_of_live == "asked":
            yield from _types(measures, by)  # else they are those of others
        if any(not moment.why for moment in capture.moments):
            yield from _holders(measures, capture)
        elif not snapshots:
            yield "  what objects these are, and who keeps them alive: with --snapshot"


def _lines(measures: Measures, by: _Held) -> Iterator[str]:
    from memscope.analysis.hotspots import responsible_lines
    from memscope.analysis.units import bytes_text, share_text

    for row in responsible_lines(measures, [by], MOST_LINES)[0].rows:
        where = f"{row.file}:{row.line}" if row.file else "no Python frame"
        share = share_text(row.share)
        yield f"  {bytes_text(getattr(row, by))} ({share}) {row.function}  {where}"


def _types(measures: Measures, by: _Held) -> Iterator[str]:
    from memscope.analysis.types import find_types, type_name
    from memscope.analysis.units import share_text

    told = [
        f"{type_name(row.type)} {share_text(row.share)}"
        for row in find_types(measures, by=by, limit=MOST_LINES).rows
        if row.type.kind and row.share >= LEAST_SHARE
    ]
    if told:
        yield f"  as {', '.join(told)}"


def _holders(measures: Measures, capture: Capture) -> Iterator[str]:
    """By the last snapshot: who was killed has none of its end."""
    from memscope.analysis.retainers import Holdings
    from memscope.analysis.units import bytes_text, share_text, time_text

    holdings = Holdings(measures)
    end_ns = capture.end.duration_ns if capture.end is not None else 0
    before_s = max(end_ns - holdings.moment.time_ns, 0) / 1e9
    yield f"{time_text(before_s)} before its end, most was kept alive by:"
    for row in holdings.retainers(MOST_HOLDERS).rows:
        if row.share < LEAST_SHARE:
            continue
        types = ", ".join(
            f"{each.type} {bytes_text(each.bytes)}" for each in row.types[:MOST_TYPES]
        )
        share = share_text(row.share)
        yield f"  {bytes_text(row.retained_bytes)} ({share}) {row.way.path}: {types}"
