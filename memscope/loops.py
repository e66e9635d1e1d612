"""Whether what is done again and again keeps more each time: for tests, and for a look by hand.

    warm up   runs   snapshot   runs   snapshot   runs   snapshot
                        └── held then ──┴── held more ──┴── and more: who holds it?

What grows in both steps under one holder is growth; what a first call keeps, such as a cache that
is then full, is none.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from memscope.errors import MemscopeError, one_line
from memscope.recording.record import record

if TYPE_CHECKING:
    from memscope.analysis.retainergrowth import LeakSuspect

_SNAPSHOTS = 3
_SHOWN = 5  # holders


def assert_no_growth(
    function: Callable[[], object], *, runs: int = 10, warm_up: int = 2, most: int | str = "16 KB"
) -> None:
    """Call a function again and again, and fail if some holder keeps more each time.

    Args:
        function: What is called, without arguments: `warm_up` times, then three times `runs` times.
            All objects are listed after each of these, when garbage has been collected.
        runs: How often it is called between two lists.
        warm_up: How often it is called before the first.
        most: What a holder may gain from the first list to the last, in bytes or as a size such as
            "64 KB". The 64 heaviest holders are looked at, and all that retain more than this.

    Raises:
        AssertionError: It names the holders with their way from a root, the types of what they
            gained, and the lines that made it.
        MemscopeError: It cannot be known: this process is recorded already, or no snapshot could
            be taken.

    What the function raises is passed on.
    """
    __tracebackhide__ = True
    from memscope.analysis.limits import parse_size

    allowed = most if isinstance(most, int) else parse_size(most)
    if runs < 1 or warm_up < 0 or allowed < 0:
        raise MemscopeError("runs are 1 or more, warm_up and most are not below 0")
    with tempfile.TemporaryDirectory(prefix="memscope-") as directory:
        path = Path(directory) / "loop.mscope"
        _record(function, path, runs, warm_up)
        grown = _suspects(path, allowed)
    if grown:
        raise AssertionError(_explained(grown, runs * (_SNAPSHOTS - 1)))


def _record(function: Callable[[], object], path: Path, runs: int, warm_up: int) -> None:
    __tracebackhide__ = True
    recording = record(os.fspath(path))
    for _ in range(warm_up):
        function()
    with recording:
        if not recording.is_on:
            raise MemscopeError(
                "growth cannot be told while this process is recorded already",
                None,
                "run without memscope run and pytest --memscope, or use leaked= or growth=",
            )
        for _ in range(_SNAPSHOTS):
            for _ in range(runs):
                function()
            gc.collect()
            if not recording.snapshot():
                raise MemscopeError("growth cannot be told: no snapshot of the objects was taken")
    if recording.problem is not None:
        raise MemscopeError(f"growth cannot be told: {recording.problem}")


def _suspects(path: Path, allowed: int) -> list[LeakSuspect]:
    from memscope.analysis.measures import Measures
    from memscope.analysis.retainergrowth import growth
    from memscope.analysis.retainers import Holdings
    from memscope.capture import load

    with load(path) as capture:
        measures = Measures(capture)
        holdings = Holdings(measures)
        retained = holdings.graph.retained_bytes
        rows = [number for number in holdings.tops if retained[number] > allowed]
        found = growth(measures, holdings, rows, least_bytes=allowed + 1)
    return [] if found is None else list(found.suspects)


def _explained(grown: list[LeakSuspect], runs: int) -> str:
    from memscope.analysis.sharetexts import share_texts
    from memscope.analysis.units import bytes_text, plural

    lines = [f"memscope: {plural(len(grown), 'holder')} kept more with each of {runs} runs:"]
    for of in grown[:_SHOWN]:
        gained = of.growth_bytes
        each = f"+{bytes_text(gained)}, {bytes_text(gained / runs)} a run"
        lines.append(f"  {one_line(of.way.path)}  {each}")
        lines += (f"  {text}" for text in share_texts(of.types, of.lines, sign="+"))
    if len(grown) > _SHOWN:
        lines.append(f"  and {len(grown) - _SHOWN} more")
    return "\n".join(lines)
