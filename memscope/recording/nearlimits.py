"""Snapshots of a program's objects near a limit of its memory, as long as there is room for them.

    taken of the limit        80 %      90 %  killed
    ─────────┬─────────────────┬─────────┬─────┬
             │                 └─────────┴─ with the capture of then, if there is room
             └─ earlier, where the objects are so many that there soon will be none

A snapshot takes memory in the program while it is taken. One that had the program killed would be
worse than none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from memscope.recording.memorylimits import MemoryLimit
    from memscope.recording.watched import Watched

# As in cext/drain/snapshotpolicy.c, which holds those at peaks to it.
OBJECT_BYTES = 80  # of file and tables, for one with its references
SPARSE_BYTES = 256  # more, where objects are large and few of them lie in a page:
SPARSE_SHARE = 8  # so much of the heap at most
OLDER_OBJECTS = 50_000  # of the interpreter and of what it has imported: not recorded
_SPARED = 2  # of what is left, one in so many parts is for a snapshot
_LAST = 3  # from so many parts on there soon is no room
_GROWN = 1.25  # for another while there is room: so many times as much is live
_UNLIMITED = 2**63
_PATIENCE_S = 1.0  # longer than that, the capture and who lets go of caches do not wait


class NearLimits:
    """Has the program take them; none at a peak that would take more than can be spared."""

    def __init__(self, recording: Watched) -> None:
        self._recording = recording
        self._live_bytes = 0  # as the last one was asked for

    def look(self, limits: Iterable[MemoryLimit], live_blocks: int, live_bytes: int) -> None:
        """What is taken of all limits, whoever has taken it, and what is live."""
        left = min(map(_left, limits), default=_UNLIMITED)
        self._recording.drain.room_for_snapshots(left // _SPARED)
        needed = _needed(live_blocks, live_bytes)
        if needed * _SPARED <= left < needed * _LAST and live_bytes > self._live_bytes * _GROWN:
            self._live_bytes = live_bytes
            self._recording.drain.ask_snapshot()

    def take(self, limit: MemoryLimit, given_up: Callable[[], bool]) -> None:
        """One for the capture that is about to be written, if there is room."""
        counters = self._recording.counters()
        if _needed(counters["live_blocks"], counters["live_bytes"]) * _SPARED > _left(limit):
            return
        until = time.monotonic() + _PATIENCE_S
        self._live_bytes = counters["live_bytes"]
        self._recording.take_snapshot(lambda: given_up() or time.monotonic() > until)


def _left(limit: MemoryLimit) -> int:
    return max(limit.limit_bytes - limit.used_bytes, 0)


def _needed(live_blocks: int, live_bytes: int) -> int:
    objects = OLDER_OBJECTS + live_blocks
    return objects * OBJECT_BYTES + min(objects * SPARSE_BYTES, live_bytes // SPARSE_SHARE)
