"""What is said of a program that ended at its memory limit: lines, types and holders."""

from __future__ import annotations

import signal
from collections.abc import Iterator

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from memscope.analysis.measures import Measures
    from memscope.capture import Capture
    from memscope.recording.memorylimits import MemoryLimit
    from memscope.recording.pressure import Pressure
    from memscope.recording.supervisor import Outcome

    _Held = Literal["live_bytes", "peak_bytes"]

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
        yield _how_it_was_killed(pressure)
        yield from _what_held(pressure, path, "live_bytes")
    elif _may_have_been_refused(pressure, outcome):
        yield _how_it_failed(pressure, outcome)
        # As a MemoryError goes up, much of what was held goes.
        yield from _what_held(pressure, path, "peak_bytes")


def _how_it_was_killed(pressure: Pressure) -> str:
    used, limited = _said_of(pressure.last)
    how = f"was killed for {limited}"
    if not pressure.killed:
        how = f"was killed while it had {used} of {limited}"
    return f"the program {how}; most was held by:"


def _may_have_been_refused(pressure: Pressure, outcome: Outcome) -> bool:
    """Whether it failed, and had been where requests are refused: nobody kills it for them."""
    limit = pressure.nearest
    if limit is None or limit.source != "RLIMIT_AS" or limit.share < NEAR:
        return False
    return bool(outcome.status) or outcome.signal in _REFUSED_ENDS


def _how_it_failed(pressure: Pressure, outcome: Outcome) -> str:
    how = f"signal {outcome.signal}" if outcome.signal else f"status {outcome.status}"
    used, limited = _said_of(pressure.nearest)
    return (
        f"the program ended with {how}, and had {used} of {limited}; at its peak most was held by:"
    )


def _said_of(limit: MemoryLimit | None) -> tuple[str, str]:
    from memscope.analysis.units import bytes_text

    if limit is None:
        return "", "its limit"
    limited = f"its limit of {bytes_text(limit.limit_bytes)} ({limit.source})"
    return bytes_text(limit.used_bytes), limited


def _what_held(pressure: Pressure, path: Path, by: _Held) -> Iterator[str]:
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
        elif not pressure.snapshots:
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
