"""Looks at the memory limits of forked children: who is killed for its memory has no end."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from memscope.recording.memorylimits import limits_of
from memscope.recording.nearlimits import NearLimits
from memscope.recording.thresholds import OFTEN_S, Thresholds, tightest_among, wait_s

if TYPE_CHECKING:
    from memscope._recorder import Drain


class Limited(Protocol):
    """A child that is recorded now."""

    @property
    def pid(self) -> int: ...
    @property
    def drain(self) -> Drain: ...
    def counters(self) -> dict[str, int]: ...


class ChildLimits:
    """Has children take snapshots of their objects near a limit, where there is room for that."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[NearLimits, Thresholds]] = {}
        self._next_s = 0.0

    def look(self, children: Collection[Limited]) -> float:
        """At all of them, if it is time for that; in how many seconds the next look is."""
        left_s = self._next_s - time.monotonic()
        if left_s > 0:
            return left_s
        self._known = {child.pid: self._of(child) for child in children}
        wait = min((self._look_at(child) for child in children), default=wait_s(None))
        # Each look at a child is some tenth of a millisecond.
        wait = max(wait, OFTEN_S * len(children) / 8)
        self._next_s = time.monotonic() + wait
        return wait

    def _of(self, child: Limited) -> tuple[NearLimits, Thresholds]:
        return self._known.get(child.pid) or (NearLimits(child), Thresholds())

    def _look_at(self, child: Limited) -> float:
        near, thresholds = self._known[child.pid]
        limits, now = limits_of(child.pid), child.counters()
        near.look(limits, now)
        limit = tightest_among(limits, child.pid)
        if thresholds.passed(limit, now["live_bytes"]) and limit and near.has_room(limit):
            child.drain.ask_snapshot()
        return wait_s(limit)
