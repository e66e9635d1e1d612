"""Looks at a recorded process, one after the other, while somebody presses keys."""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from collections.abc import Callable

from memscope.analysis.pace import PACE_GROUPS, Moment, PaceGroup, moment_of
from memscope.capture import load
from memscope.errors import MemscopeError
from memscope.plain import dataclass
from memscope.recording.control import ask_for_capture
from memscope.recording.memorylimits import limits_of, memory_of
from memscope.reports.terminal.top import TopLimit

RATES_S = 10.0  # a rate is of the last so many seconds, or of one step if that is longer
HISTORY = 24  # steps of live memory that are drawn
_MOST_KEPT = 16  # looks


@dataclass(frozen=True, slots=True)
class TopLook:
    """A process at one moment, by each group; its memory as the kernel tells it."""

    by_group: dict[PaceGroup, Moment]
    resident_bytes: int | None
    limit: TopLimit | None

    @property
    def time_s(self) -> float:
        return self.by_group["line"].time_s


def look_at(pid: int) -> TopLook:
    """Have a capture of now made, and read it; raises MemscopeError."""
    with tempfile.TemporaryFile() as file:
        ask_for_capture(pid, file.fileno())
        with load(f"/proc/self/fd/{file.fileno()}") as capture:
            by_group = {group: moment_of(capture, group) for group in PACE_GROUPS}
    memory = memory_of(pid)
    limit = max(limits_of(pid), key=lambda each: each.share, default=None)
    return TopLook(
        by_group,
        None if memory is None else memory[1],
        None if limit is None else TopLimit(limit.limit_bytes, limit.source),
    )


class Looks:
    """The newest looks at a process. Each is taken on a thread: keys are heard meanwhile."""

    def __init__(self, take: Callable[[], TopLook]) -> None:
        self._take = take
        self._kept: deque[TopLook] = deque(maxlen=_MOST_KEPT)
        self._thread: threading.Thread | None = None
        self._taken: TopLook | None = None
        self.live: deque[float] = deque(maxlen=HISTORY)
        self.problem = ""

    def begin(self) -> None:
        """Take another, unless one is being taken."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            self._taken = self._take()
        except MemscopeError as error:
            self.problem = str(error)
        except (OSError, MemoryError) as error:
            self.problem = f"no more can be seen: {error}"

    def came(self) -> bool:
        """Whether what was begun is over by now: there is another look, or a problem."""
        if self._thread is None or self._thread.is_alive():
            return False
        self._thread.join()
        self._thread = None
        if self._taken is not None:
            self._kept.append(self._taken)
            self.live.append(self._taken.by_group["line"].whole.live_bytes)
            self._taken = None
        return True

    @property
    def newest(self) -> TopLook | None:
        return self._kept[-1] if self._kept else None

    @property
    def before(self) -> TopLook | None:
        """That which rates are told against: the oldest of the last seconds, or the last one."""
        *earlier, newest = self._kept or [None]
        if newest is None or not earlier:
            return None
        late = [each for each in earlier if each and newest.time_s - each.time_s <= RATES_S]
        return late[0] if late else earlier[-1]
