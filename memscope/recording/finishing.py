"""What is done with a capture once the program is over: it is packed.

A forked copy of the supervisor does it. What is imported and held for that is in nobody's memory
while the program runs, and not beside the ledger after it.
"""

from __future__ import annotations

import marshal
import os
import signal
from collections.abc import Callable
from contextlib import suppress

from memscope.plain import dataclass
from memscope.recording.forking import forked_copy

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from typing import Any, NoReturn, Protocol

    class Progress(Protocol):
        """Somebody who is told how much of a capture has been packed."""

        def __call__(self, done_bytes: int, whole_bytes: int) -> None: ...
        def stop(self) -> None: ...


_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
_LOOK_S = 1.0  # where nobody is told of ended children


@dataclass(frozen=True, slots=True)
class Packed:
    """A capture that is as small as it gets; a signal meanwhile leaves it `unpacked`.

    `partial` says what it lacks, if it lacks something. `started_others`: by its own account the
    program started processes.
    """

    unpacked: bool = False
    partial: str | None = None
    started_others: bool = False


def pack_apart(draft: str, end: bytes, progress: Callable[[], Progress] | None) -> Packed:
    """Pack a capture, and see what its run summary says. Signals that end are blocked."""
    copy = forked_copy(lambda sending: _pack_and_tell(sending, draft, end, progress))
    if copy is None:
        return pack_here(draft, end, progress)
    pid, receiving = copy
    _wait(pid)
    with open(receiving, "rb") as answer:
        told = answer.read()
    if told:
        return Packed(*marshal.loads(told))
    # It was killed: the capture is as it was.
    with suppress(OSError):
        os.unlink(os.path.join(os.path.dirname(draft), f".{os.path.basename(draft)}.packing"))
    return Packed(started_others=True)


def _pack_and_tell(
    sending: int, draft: str, end: bytes, progress: Callable[[], Progress] | None
) -> NoReturn:
    try:
        done = pack_here(draft, end, progress)
        os.write(sending, marshal.dumps((done.unpacked, done.partial, done.started_others)))
    finally:
        os._exit(0)


def _wait(pid: int) -> None:
    """For our copy; what tells this process to end is told to it, too."""
    with suppress(ChildProcessError):
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            taken = signal.sigtimedwait({*_ENDING, signal.SIGCHLD}, _LOOK_S)
            if taken is not None and taken.si_signo in _ENDING:
                os.kill(pid, signal.SIGTERM)


def pack_here(draft: str, end: bytes, progress: Callable[[], Progress] | None) -> Packed:
    """The same in this process."""
    import json
    from pathlib import Path

    from memscope.capture.packing import pack

    summary: dict[str, Any] = json.loads(end)
    telling = progress() if progress is not None else None
    whole = pack(Path(draft), telling, is_told_to_end)
    if telling is not None:
        telling.stop()
    processes = summary.get("processes") or {}
    started = any(processes.get(each) for each in ("forked", "spawned"))
    return Packed(not whole, _what_is_missing(summary), started or "replaced_by" in processes)


def _what_is_missing(end: dict[str, Any]) -> str | None:
    """What a capture with this run summary does not hold, if there is something."""
    if end.get("dropped_events"):
        return f"{end['dropped_events']:,} events were dropped, so all numbers are too low"
    if end.get("complete") is not True:
        return "the recorder could not take in everything before it ended"
    return None


def is_told_to_end() -> bool:
    """Whether a key or another process wants this one to end; takes one such signal."""
    return signal.sigtimedwait(_ENDING, 0) is not None
