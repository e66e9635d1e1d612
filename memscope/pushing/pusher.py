"""Profiles of a recording that goes on, each so and so long, to a receiver that may be away.

There is at most one profile that was made and not taken, in a file without a name. Until it is,
no other is made: the next one then tells of all the time since. So nothing is lost while a receiver
is away, and what waits for it does not grow with time.
"""

from __future__ import annotations

import random
import threading
import time

from memscope.errors import MemscopeError
from memscope.plain import dataclass
from memscope.pushing.destinations import PushReceiver
from memscope.pushing.messages import Sender, message_of
from memscope.pushing.posting import TIMEOUT_S, NotTakenError, post
from memscope.serving.costly import Captures, TakesInterims
from memscope.serving.messages import RefusedError

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0  # before another attempt; twice as long each time
# How long memscope's end may wait for the last profile: to make it here, and to have it taken. With
# twenty programs waiting for each processor, making the smallest took 10 s.
MAKE_LAST_S, SEND_LAST_S = 60.0, 5.0
MOST_BYTES = 64 << 20  # of a profile
_KIND = "delta_heap"  # what was requested since the last one, and what is in use as it is


@dataclass(slots=True)
class _Waiting:
    """A profile that was made and not taken yet."""

    profile: bytes
    from_s: float
    until_s: float


class Pusher:
    """A watcher who sends a profile each so many seconds, and one at the end."""

    def __init__(
        self,
        destination: PushReceiver,
        sender: Sender,
        every_s: float,
        turn: threading.Lock | None = None,
    ) -> None:
        self._destination = destination
        self._sender = sender
        self._every_s = every_s
        self._turn = turn or threading.Lock()  # whoever shares it makes one profile at a time
        self._over = threading.Event()
        self._until = float("inf")  # on the monotonic clock, once the program is over
        self._captures: Captures | None = None
        self._thread: threading.Thread | None = None
        self._waiting: _Waiting | None = None
        self._since_s = time.time()
        self._chance = random.Random()
        self.taken = 0
        self.problem = ""  # why the last one was not taken, if so

    def start(self, recording: TakesInterims) -> None:
        self._captures = Captures(recording)
        self._since_s = time.time()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether the last profile was sent, or given up."""
        return self._thread is not None and not self._thread.is_alive()

    def end(self) -> None:
        """Have the last profile made and sent, without waiting for it."""
        if not self._over.is_set():
            self._until = time.monotonic() + MAKE_LAST_S
            self._over.set()

    def stop(self) -> None:
        self.end()
        if self._thread is None:
            return
        self._thread.join(MAKE_LAST_S + 2 * SEND_LAST_S)
        if self._thread.is_alive():
            self.problem = self.problem or self._told("it did not answer in time")
        elif self._captures is not None:
            self._captures.close()

    def _work(self) -> None:
        failed = 0
        wait_s = self._every_s
        while not self._over.wait(wait_s):
            after_s = self._push()
            failed = 0 if after_s is None else failed + 1
            wait_s = self._every_s
            if after_s is not None:
                wait_s = max(self._backoff(failed), after_s)
        # What was left waiting, and then what came since: nothing came where nothing waited.
        for _ in range(2 if self._waiting else 1):
            if self._push() is not None or self._is_too_late():
                break

    def _backoff(self, failed: int) -> float:
        """Longer each time, and never the same for all processes of a fleet."""
        longest = max(LONGEST_WAIT_S, self._every_s)
        wait_s: float = min(FIRST_WAIT_S * 2 ** min(failed - 1, 20), longest)
        return wait_s * self._chance.uniform(0.5, 1.0)

    def _push(self) -> float | None:
        """None if all is well; or else how many seconds the receiver wants to be left alone."""
        try:
            with self._turn:
                waiting = self._waiting or self._made()
        except (RefusedError, MemscopeError, OSError) as error:
            self.problem = self._told(getattr(error, "reason", "") or str(error))
            return 0.0
        self._waiting = waiting
        message = message_of(
            self._destination, self._sender, waiting.profile, waiting.from_s, waiting.until_s
        )
        try:
            post(self._destination, message, SEND_LAST_S if self._over.is_set() else TIMEOUT_S)
        except NotTakenError as error:
            self.problem = self._told(str(error))
            if not error.again:
                self._waiting = None  # it would be refused for ever
            return error.after_s
        self._waiting = None
        self.problem = ""
        self.taken += 1
        return None

    def _made(self) -> _Waiting:
        assert self._captures is not None
        made = self._captures.since_last(_KIND)(self._is_too_late).file
        assert made is not None
        with made as file:
            file.seek(0)
            profile = file.read(MOST_BYTES + 1)
        from_s, self._since_s = self._since_s, time.time()
        if len(profile) > MOST_BYTES:
            raise MemscopeError(f"a profile has more than {MOST_BYTES >> 20} MiB")
        return _Waiting(profile, from_s, self._since_s)

    def _is_too_late(self) -> bool:
        return time.monotonic() > self._until

    def _told(self, reason: str) -> str:
        return f"not all profiles were taken by {self._destination.shown}: {reason}"
