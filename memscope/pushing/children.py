"""Profiles of each forked child that is recorded, as those of a process of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from memscope.errors import MemscopeError
from memscope.plain import replace
from memscope.pushing.destinations import PushReceiver
from memscope.pushing.messages import Sender
from memscope.pushing.pusher import Pusher
from memscope.recording.childrenasked import FollowedRecording

if TYPE_CHECKING:
    from memscope.recording.watched import Watched

LOOK_S = 5.0  # between two looks at who is there, at most


class ChildrenPusher:
    """A watcher who has a Pusher for each child; they are told apart by the label `pid`.

    The last profile of a child that has ended is made of its capture.
    """

    def __init__(self, destination: PushReceiver, sender: Sender, every_s: float) -> None:
        self._destination = destination
        self._sender = sender
        self._every_s = every_s
        self._over = threading.Event()
        self._turn = threading.Lock()  # many at once would be as many processes that make profiles
        self._recording: Watched | None = None
        self._thread: threading.Thread | None = None
        self._pushers: dict[int, Pusher] = {}
        self.problem = ""  # why the last one of some child was not taken, if so

    def start(self, recording: Watched) -> None:
        if recording.children is None:
            return
        self._recording = recording
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is None:
            return
        self._over.set()
        self._thread.join()
        for pusher in self._pushers.values():
            pusher.end()
        for pid in list(self._pushers):
            self._part_with(pid)

    def _work(self) -> None:
        while not self._over.wait(min(LOOK_S, self._every_s)):
            self._look()
        self._look()

    def _look(self) -> None:
        assert self._recording is not None
        children = self._recording.children
        assert children is not None
        try:
            there = {child.pid for child in children.now()}
        except MemscopeError:  # it has gone, or is behind: whoever is pushed stays so
            return
        for pid in there - self._pushers.keys():
            sender = replace(self._sender, labels={**self._sender.labels, "pid": str(pid)})
            pusher = Pusher(self._destination, sender, self._every_s, self._turn)
            try:
                pusher.start(FollowedRecording(pid, self._recording.capture, children))
            except RuntimeError:  # no more threads
                continue
            self._pushers[pid] = pusher
        for pid in list(self._pushers.keys() - there):
            self._pushers[pid].end()
            if self._pushers[pid].is_over:
                self._part_with(pid)

    def _part_with(self, pid: int) -> None:
        pusher = self._pushers.pop(pid)
        pusher.stop()
        self.problem = self.problem or (pusher.problem and f"child {pid}: {pusher.problem}")
