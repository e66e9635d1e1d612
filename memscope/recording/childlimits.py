"""Looks at the memory limits of forked children: who is killed for its memory has no end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from memscope.plain import dataclass, field
from memscope.recording.memorylimits import MemoryLimit, group_limit, limits_of
from memscope.recording.nearlimits import NearLimits
from memscope.recording.thresholds import OFTEN_S, Thresholds, tightest_among, wait_s

if TYPE_CHECKING:
    from memscope._recorder import Drain

NEAR = 0.9  # of a limit: who ends badly there ended for it, if nobody says otherwise
# A look is some tenths of a millisecond. So much between two of them, for each child:
_APART_S = OFTEN_S / 2
_APART_FOR_SNAPSHOTS_S = OFTEN_S / 8


class Limited(Protocol):
    """A child that is recorded now."""

    @property
    def pid(self) -> int: ...
    @property
    def drain(self) -> Drain: ...
    def counters(self) -> dict[str, int]: ...


@dataclass(slots=True)
class _Known:
    """Of one child: `last` is its tightest limit at the last look, `nearest` that it came to."""

    near: NearLimits
    kills: int  # for the limit of its cgroup, as it was taken on
    thresholds: Thresholds = field(default_factory=Thresholds)
    last: MemoryLimit | None = None
    nearest: MemoryLimit | None = None


class ChildLimits:
    """Knows how near to its limits each child is.

    With `snapshots` it has children take one of their objects there, if there is room for that.
    """

    def __init__(self, *, snapshots: bool) -> None:
        self._snapshots = snapshots
        self._known: dict[int, _Known] = {}
        self._next_s = 0.0

    def look(self, children: Collection[Limited]) -> float:
        """At all of them, if it is time for that; in how many seconds the next look is."""
        left_s = self._next_s - time.monotonic()
        if left_s > 0:
            return left_s
        wait = min((self._look_at(child) for child in children), default=wait_s(None))
        apart_s = _APART_FOR_SNAPSHOTS_S if self._snapshots else _APART_S
        wait = max(wait, apart_s * len(children))
        self._next_s = time.monotonic() + wait
        return wait

    def begin(self, child: Limited) -> None:
        """To be called when a child is taken on."""
        self._known[child.pid] = _Known(NearLimits(child), _kills())

    def end(self, pid: int, status: int | None) -> tuple[MemoryLimit, bool] | None:
        """The limit that a child has ended at, and whether the kernel says so; None: at none.

        `status`: as waitpid gives it, if that is known. Who asked for more than `RLIMIT_AS` is not
        killed for it, but fails.
        """
        known = self._known.pop(pid, None)
        if known is None or not status:
            return None
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            if _kills() > known.kills:
                group = group_limit(os.getpid())
                return (group, True) if group is not None else None
            last = known.last
            return (last, False) if last is not None and last.share >= NEAR else None
        nearest = known.nearest
        if nearest is None or nearest.source != "RLIMIT_AS" or nearest.share < NEAR:
            return None
        return nearest, False

    def _look_at(self, child: Limited) -> float:
        known = self._known[child.pid]
        limits = limits_of(child.pid)
        limit = tightest_among(limits, child.pid)
        if limit is not None:
            known.last = limit
            if known.nearest is None or limit.share > known.nearest.share:
                known.nearest = limit
        if self._snapshots:
            self._have_snapshots_taken(child, known, limits, limit)
        return wait_s(limit)

    def _have_snapshots_taken(
        self, child: Limited, known: _Known, limits: list[MemoryLimit], limit: MemoryLimit | None
    ) -> None:
        now = child.counters()
        known.near.look(limits, now)
        passed = known.thresholds.passed(limit, now["live_bytes"])
        if passed and limit and known.near.has_room(limit):
            child.drain.ask_snapshot()


def _kills() -> int:
    """Of the cgroup that this process is in, with the children as a rule."""
    group = group_limit(os.getpid())
    return 0 if group is None else group.kills
