"""Snapshots of a program's objects near a limit of its memory, as long as there is room for them.

    taken of the limit        80 %      90 %  killed
    ─────────┬─────────────────┬─────────┬─────┬
             │                 └─────────┴─ with the capture of then, if there is room
             └─ earlier, where the objects are so many that there soon will be none

A snapshot takes memory in the program while it is taken. One that had the program killed would be
worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from typing import Protocol

    from memscope._recorder import Drain
    from memscope.recording.memorylimits import MemoryLimit

    class Recorded(Protocol):
        """What is asked of a recording here."""

        @property
        def drain(self) -> Drain: ...
        def counters(self) -> dict[str, int]: ...


# As in cext/drain/snapshotpolicy.c, which holds those at peaks to it.
OBJECT_BYTES = 80  # of file and tables, for one with its references
SPARSE_BYTES = 256  # more, where objects are large and few of them lie in a page:
SPARSE_SHARE = 8  # so much of the heap at most
OLDER_OBJECTS = 50_000  # of the interpreter and of what it has imported: not recorded
_SPARED = 2  # of what is left, one in so many parts is for a snapshot
_LAST = 3  # from so many parts on there soon is no room
_GROWN = 1.25  # for another while there is room: so many times as much is live
_UNLIMITED = 2**63


class NearLimits:
    """Has the program take them; none at a peak that would take more than can be spared."""

    def __init__(self, recording: Recorded) -> None:
        self._recording = recording
        self._live_bytes = 0  # as the last one was asked for

    def look(self, limits: Iterable[MemoryLimit], now: dict[str, int]) -> None:
        """What is taken of all limits, whoever has taken it, and what is live."""
        left = min(map(_left, limits), default=_UNLIMITED)
        self._recording.drain.room_for_snapshots(left // _SPARED)
        needed, grown = _needed(now), now["live_bytes"] > self._live_bytes * _GROWN
        if needed * _SPARED <= left < needed * _LAST and grown:
            self._live_bytes = now["live_bytes"]
            self._recording.drain.ask_snapshot()

    def has_room(self, limit: MemoryLimit) -> bool:
        """Whether one that is asked for at a threshold would fit; it is, then."""
        now = self._recording.counters()
        fits = _needed(now) * _SPARED <= _left(limit)
        if fits:
            self._live_bytes = now["live_bytes"]
        return fits


def _left(limit: MemoryLimit) -> int:
    return max(limit.limit_bytes - limit.used_bytes, 0)


def _needed(now: dict[str, int]) -> int:
    objects = OLDER_OBJECTS + now["live_blocks"]
    return objects * OBJECT_BYTES + min(objects * SPARSE_BYTES, now["live_bytes"] // SPARSE_SHARE)
