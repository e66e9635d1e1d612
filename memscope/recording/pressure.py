"""Looks at a program's memory limits, and has a capture written before it is killed for them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from memscope.errors import MemscopeError
from memscope.recording.interims import Interims
from memscope.recording.memorylimits import MemoryLimit, limits_of
from memscope.recording.thresholds import (
    OFTEN_S,
    THRESHOLDS,
    Thresholds,
    grows_fast,
    tightest_among,
    wait_s,
)

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path

    from memscope.recording.nearlimits import NearLimits
    from memscope.recording.watched import Watched

_PATIENCE_S = 1.0  # for a snapshot: who lets go of caches waits for it
_NEAR = 0.9  # of the limit: who is killed there was killed for it, if nobody says otherwise


class Pressure:
    """A watcher who writes a capture as each threshold is passed for the first time: two at most.

    Each time that one is passed `tell` is given the limit, as soon as it is settled what the
    capture holds. With `snapshots` the captures have the objects of then, and who holds them, where
    there is room for that.
    """

    def __init__(
        self,
        given_bytes: int | None = None,
        tell: Callable[[MemoryLimit], None] = lambda limit: None,
        *,
        snapshots: bool = False,
    ) -> None:
        self._given_bytes = given_bytes
        self.snapshots = snapshots
        self._near: NearLimits | None = None
        self._tell = tell
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._before: dict[str, int] = {}
        self._written_at: set[int] = set()
        self._writing: list[threading.Thread] = []
        self.last: MemoryLimit | None = None  # the tightest, at the last look
        self.nearest: MemoryLimit | None = None  # with the most taken at any look
        self.killed = False  # the kernel has killed a process of the cgroup for its limit
        self.written: list[Path] = []
        self.problem = ""

    @property
    def was_near(self) -> bool:
        """Whether the program was at its limit when it was seen last."""
        return self.killed or (self.last is not None and self.last.share >= _NEAR)

    def start(self, recording: Watched) -> None:
        # Also where there is none: a program may join a cgroup, or one be limited, later.
        limits = limits_of(recording.pid, self._given_bytes)
        self._before = {limit.source: limit.kills for limit in limits}
        self._recording = recording
        self._limits = limits
        self.last = tightest_among(limits, recording.pid)
        if self.snapshots:
            from memscope.recording.nearlimits import NearLimits

            self._near = NearLimits(recording)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is None:
            return
        self._thread.join()
        for writing in self._writing:
            writing.join()
        # The process is gone; what is left tells whether it was killed for its cgroup's limit.
        for limit in limits_of(os.getpid()):
            if limit.source == "cgroup" and limit.kills > self._before.get("cgroup", limit.kills):
                self.killed = True
                if self.last is None or self.last.source != "cgroup":
                    self.last = limit

    def _watch(self) -> None:
        interims = Interims(self._recording, len(THRESHOLDS))
        thresholds = Thresholds()
        pause_s = wait_s(self.last)
        while not self._over.wait(pause_s):
            limits = limits_of(self._recording.pid, self._given_bytes)
            limit = tightest_among(limits, self._recording.pid)
            pause_s = OFTEN_S if grows_fast(limits, self._limits) else wait_s(limit)
            self._limits = limits
            now = self._recording.counters()
            if self._near is not None:
                self._near.look(limits, now)
            threshold = thresholds.passed(limit, now["live_bytes"])
            if limit is None:
                continue
            self.last = limit
            if self.nearest is None or limit.share > self.nearest.share:
                self.nearest = limit
            if threshold:
                self._pass(interims, threshold, limit)

    def _pass(self, interims: Interims, threshold: int, limit: MemoryLimit) -> None:
        if self._written_at and threshold <= max(self._written_at):
            self._tell(limit)
            return
        self._written_at.add(threshold)
        # Looks go on meanwhile: a large capture takes seconds.
        writing = threading.Thread(
            target=self._write, args=(interims, threshold, limit), daemon=True
        )
        try:
            writing.start()
        except RuntimeError:
            self._write(interims, threshold, limit)
        else:
            self._writing.append(writing)

    def _write(self, interims: Interims, threshold: int, limit: MemoryLimit) -> None:
        told = threading.Event()

        def tell() -> None:
            told.set()
            self._tell(limit)

        try:
            if self._near is not None and self._near.has_room(limit):
                until = time.monotonic() + _PATIENCE_S
                self._recording.take_snapshot(
                    lambda: self._over.is_set() or time.monotonic() > until
                )
            label = f"at-{threshold}-percent"
            self.written.append(interims.write(label, self._over.is_set, tell))
        except MemscopeError as error:
            if not self._over.is_set():
                self.problem = str(error)
        if not told.is_set():  # there is no capture, but memory is scarce all the same
            self._tell(limit)
