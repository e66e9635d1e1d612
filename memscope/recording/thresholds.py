"""When a program is near a limit of its memory: shares of it that are told as they are passed."""

from __future__ import annotations

from collections.abc import Iterable

from memscope.recording.memorylimits import MemoryLimit, limits_of, memory_of

THRESHOLDS = (80, 90)  # per cent of a limit
SELDOM_S, OFTEN_S = 0.5, 0.05  # between two looks, by how near it is
OFTEN_FROM = 0.5
_FAST_PER_LOOK = 0.02
_AGAIN_BELOW = 10  # per cent below a threshold: what passes it then passes it again
# The same of live bytes: how far they fall, and how near they come to what they were. What is
# freed in pieces serves less than it was.
_FALLEN, _NEAR = 20, 10
_OWN_SHARE = 0.5  # of a cgroup's limit: with less of it the program is not the reason


class Thresholds:
    """Tells each threshold as it is passed, and again once there was clearly less in between.

    What a program frees often stays with its allocators: then its resident memory says nothing of
    what comes next. So it is told again, too, once its live bytes have fallen and come back to
    where they were.
    """

    def __init__(self) -> None:
        self._passed: set[int] = set()
        self._live_then = 0.0  # most that was live when one was told
        self._fell = False

    def passed(self, limit: MemoryLimit | None, live_bytes: float | None = None) -> int:
        """The highest threshold that is passed now, in per cent; 0: none.

        None is no limit of the process's own, as when it has let go of most of its memory; or live
        bytes that nobody counts.
        """
        percent = 0.0 if limit is None else limit.share * 100
        self._passed = {each for each in self._passed if percent >= each - _AGAIN_BELOW}
        if limit is not None and live_bytes is not None and self._came_back(limit, live_bytes):
            self._passed.clear()
        if not self._passed:
            self._live_then, self._fell = 0.0, False
        new = {each for each in THRESHOLDS if percent >= each} - self._passed
        self._passed |= new
        if new and live_bytes is not None:
            self._live_then = max(self._live_then, live_bytes)
        return max(new, default=0)

    def _came_back(self, limit: MemoryLimit, live_bytes: float) -> bool:
        below = self._live_then - live_bytes
        self._fell = self._fell or below > limit.limit_bytes * _FALLEN / 100
        return self._fell and below <= limit.limit_bytes * _NEAR / 100


def tightest_of(pid: int, given_bytes: int | None = None) -> MemoryLimit | None:
    """Of the limits that are a process's own, the one that most is taken of; None: it has none.

    A cgroup's counts only where the process itself holds half of it: others may be in it.
    """
    return tightest_among(limits_of(pid, given_bytes), pid)


def tightest_among(limits: Iterable[MemoryLimit], pid: int) -> MemoryLimit | None:
    """The same of limits that were looked up."""
    own = [limit for limit in limits if _is_of(limit, pid)]
    return max(own, key=lambda limit: limit.share, default=None)


def _is_of(limit: MemoryLimit, pid: int) -> bool:
    if limit.source != "cgroup":
        return True
    memory = memory_of(pid)
    return memory is not None and memory[1] >= limit.limit_bytes * _OWN_SHARE


def wait_s(limit: MemoryLimit | None) -> float:
    """How long until the next look."""
    return OFTEN_S if limit is not None and limit.share >= OFTEN_FROM else SELDOM_S


def grows_fast(limits: Iterable[MemoryLimit], before: Iterable[MemoryLimit]) -> bool:
    """Whether so much more is taken of one than at the look before that it soon may be full."""
    taken = {limit.source: limit.used_bytes for limit in before}
    return any(
        limit.used_bytes - taken.get(limit.source, limit.used_bytes)
        > limit.limit_bytes * _FAST_PER_LOOK
        for limit in limits
    )
