"""What is said of a program that was killed at its memory limit."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memscope.recording.pressure import Pressure

MOST_LINES = 3
LEAST_SHARE = 0.05  # of what is live, for a type to be named


def lines_of_pressure(pressure: Pressure, ended_by: int | None, path: Path) -> Iterator[str]:
    """Which captures were written on the way, and, of a program that was killed, what held it."""
    from memscope.analysis.units import bytes_text
    from memscope.recording.outputs import shown

    for written in pressure.written:
        if written.exists():
            yield f"memory came near its limit: the capture of then is {shown(written)}"
    limit = pressure.last
    if ended_by != signal.SIGKILL or limit is None or not pressure.was_near:
        return
    limited = f"its limit of {bytes_text(limit.limit_bytes)} ({limit.source})"
    if pressure.killed:
        yield f"the program was killed for {limited}; most was held by:"
    else:
        used = bytes_text(limit.used_bytes)
        yield f"the program was killed while it had {used} of {limited}; most was held by:"
    yield from _holders(path)


def _holders(path: Path) -> Iterator[str]:
    # Not above: what is seldom said would be imported before each program.
    from memscope.analysis.hotspots import responsible_lines
    from memscope.analysis.measures import Measures
    from memscope.analysis.types import find_types, type_name
    from memscope.analysis.units import bytes_text, share_text
    from memscope.cli.answer import open_capture

    with open_capture(path) as capture:
        measures = Measures(capture)
        for row in responsible_lines(measures, ["live_bytes"], MOST_LINES)[0].rows:
            where = f"{row.file}:{row.line}" if row.file else "no Python frame"
            share = share_text(row.share)
            yield f"  {bytes_text(row.live_bytes)} ({share}) {row.function}  {where}"
        if not capture.meta.objects:
            return
        types = find_types(measures, by="live_bytes", limit=MOST_LINES).rows
        told = [
            f"{type_name(row.type)} {share_text(row.share)}"
            for row in types
            if row.type.kind and row.share >= LEAST_SHARE
        ]
        if told:
            yield f"  as {', '.join(told)}"
