"""A recording that goes on, for those who look on from other threads of the supervisor."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from memscope.errors import MemscopeError
from memscope.plain import dataclass, field
from memscope.recording.sampling import counters_of, unit_of
from memscope.recording.waiting import has_ended

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Protocol

    from memscope._recorder import Drain
    from memscope.recording.childrenasked import ChildrenAsked

    class Watcher(Protocol):
        """Somebody who looks on while a program is being recorded."""

        def start(self, recording: Watched) -> None: ...
        def stop(self) -> None: ...


# How long an interim capture may take: a gigabyte of it is written in seconds.
LIMIT_S = 300.0
_EVERY_S = 0.1
_SNAPSHOT_S = 20.0  # for the program to come by a safe moment, and for what it says to be taken in
_SNAPSHOT_EVERY_S = 0.005
_NO_SNAPSHOT = {
    "left out": "it was no safe moment, as `memscope holders` says",
    "unanswered": "the main thread allocated nothing for five seconds, or did not come by"
    "; ask again, and have it work meanwhile: send a service a request",
    "waits": "the program ended, or the recorder is behind",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """One recording of another process; from the drain's start to when all watchers have stopped.

    `children` are its forked ones, where these are recorded. `capture` is where it is being written
    to, `name` what that is called in the end, without its suffix; `files` are both.
    """

    drain: Drain
    pid: int
    command: tuple[str, ...]
    files: tuple[str, str]
    sample_bytes: int
    children: ChildrenAsked | None = None  # forked ones that are recorded; None: none is
    lock: threading.Lock = field(default_factory=threading.Lock)  # held while one is written

    @property
    def capture(self) -> Path:
        from pathlib import Path

        return Path(self.files[0])

    @property
    def name(self) -> Path:
        from pathlib import Path

        return Path(self.files[1])

    def counters(self) -> dict[str, int]:
        """Counts and bytes so far; estimates where it samples."""
        return counters_of(self.drain, self.sample_bytes)

    @property
    def unit(self) -> int:
        """What figures of the run summary are stored times."""
        return unit_of(self.sample_bytes)

    def summary(self) -> bytes:
        """The run summary so far, JSON as in a capture's END: sampled figures in their unit."""
        return self.drain.summary()

    def take_snapshot(self, given_up: Callable[[], bool] = lambda: False) -> str:
        """Have the program take a snapshot of its objects, into the capture; why not, or empty."""
        if not self.drain.ask_snapshot():
            return "objects are not recorded"
        until = time.monotonic() + _SNAPSHOT_S
        while self.drain.asked_snapshot() == "waits" and time.monotonic() < until:
            if given_up():
                break
            time.sleep(_SNAPSHOT_EVERY_S)
        return _NO_SNAPSHOT.get(self.drain.asked_snapshot(), "")

    def write_interim(
        self,
        fd: int,
        given_up: Callable[[], bool] = lambda: False,
        limit_s: float = LIMIT_S,
        begun: Callable[[], None] = lambda: None,
    ) -> None:
        """Write all that was recorded by now as a capture into an empty file; the program goes on.

        A forked copy of this process writes it, and is waited for; `begun` is called when it has
        all that it will write. Raises MemscopeError if it
        cannot be written in full, or within the limit, or is given up meanwhile.
        """
        until = time.monotonic() + limit_s
        while not self.lock.acquire(timeout=_EVERY_S):
            if given_up() or time.monotonic() > until:
                raise MemscopeError("another capture is being written")
        try:
            write_copy(self.drain, fd, given_up, limit_s, begun)
        finally:
            self.lock.release()


def write_copy(
    drain: Drain,
    fd: int,
    given_up: Callable[[], bool] = lambda: False,
    limit_s: float = LIMIT_S,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Have a forked copy of this process write the recording so far, and wait for it.

    Raises MemscopeError, as `Watched.write_interim` does.
    """
    try:
        copy = drain.begin_interim(fd)
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise MemscopeError(f"the capture cannot be begun: {reason}") from error
    begun()
    if not has_ended(copy, given_up, limit_s):
        with suppress(ProcessLookupError):
            os.kill(copy, signal.SIGKILL)
        os.waitpid(copy, 0)
        raise MemscopeError("the capture was given up before it was whole")
    code = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    if code != 0:
        reason = os.strerror(code) if code > 0 else f"signal {-code}"
        raise MemscopeError(f"the capture could not be written in full: {reason}")
