"""The witness: a process of ours in the program's group, to which nobody sends a signal of its own.

Why there has to be one: docs/decisions/0017-a-witness-for-group-signals.md.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from memscope.plain import dataclass
from memscope.recording._witness import is_stopped
from memscope.recording.executables import beside_recorder

_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_witness.py")
_ASK = signal.SIGRTMAX  # the last to be taken, so that all that came before it is told before
_PATIENCE_S = 2.0  # for a witness that runs, on a machine that is busy
_LOOK_S = 0.02
_RECORDS_FD, _NEWS_FD = 1, 0  # as cext/witness/witness.c has them


@dataclass(frozen=True, slots=True)
class Receipt:
    """One signal as one process received it."""

    number: int
    code: int  # si_code
    sender: int  # process id; 0 for the kernel, and for who is not of this pid namespace
    at_ns: int  # on the monotonic clock
    value: int = 0  # of a signal from sigqueue
    delayed: bool = False  # memscope was stopped, and will receive its own when it goes on

    def is_like(self, other: Receipt) -> bool:
        return (self.number, self.code, self.sender) == (other.number, other.code, other.sender)


class Witness:
    """The running witness; without one (it could not start, or is gone) `alive` is False."""

    def __init__(self, program_words: Sequence[str]) -> None:
        """Start it. All signals are blocked in it from its first moment on."""
        self.pid = 0
        self._unread = b""
        self._asked = self._answers = 0
        self._told: list[Receipt] = []
        self._records, records = os.pipe()
        news, self._news = os.pipe()
        os.set_blocking(self._records, False)
        actions = [
            (os.POSIX_SPAWN_DUP2, records, _RECORDS_FD),
            (os.POSIX_SPAWN_DUP2, news, _NEWS_FD),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        for path, words in _ways(program_words):
            with suppress(OSError):
                self.pid = os.posix_spawn(
                    path,
                    words,
                    os.environb,
                    file_actions=actions,
                    setsigmask=signal.valid_signals(),
                )
                break
        os.close(records)
        os.close(news)

    @property
    def alive(self) -> bool:
        return self.pid > 0

    @property
    def descriptors(self) -> tuple[int, int, int]:
        """Its process id, and the ends of pipes: from it, and to it."""
        return self.pid, self._records, self._news

    def tell(self, news: str) -> None:
        """Tell it the program's process id, or that memscope `follows` its stop or `goes-on`."""
        with suppress(OSError):
            os.write(self._news, f"{news}\n".encode())

    def receipts(self) -> list[Receipt]:
        """What has reached it since the last call: all that was sent to it before this one.

        Less if it is stopped, and nothing if it is no longer there.
        """
        if not self.alive:
            return []
        with suppress(OSError):
            os.kill(self.pid, _ASK)
            self._asked += 1
        patience = time.monotonic() + _PATIENCE_S
        while self._answers < self._asked and time.monotonic() < patience:
            if not select.select([self._records], [], [], _LOOK_S)[0]:
                if is_stopped(self.pid):
                    break
                continue
            data = os.read(self._records, 1 << 16)
            if not data:  # it is gone
                self.stop()
                break
            *lines, self._unread = (self._unread + data).split(b"\n")
            self._answers += lines.count(b".")
            self._told += [_parsed(line) for line in lines if line != b"."]
        told, self._told = self._told, []
        return told

    def has_pending(self, number: int) -> bool:
        """Whether it has this signal and could not tell when it was asked, since it is stopped."""
        if not self.alive or self._answers == self._asked:
            return False
        with suppress(OSError), open(f"/proc/{self.pid}/status", errors="replace") as status:
            for line in status:
                if line.startswith("ShdPnd:"):
                    return bool(int(line.split()[1], 16) >> (number - 1) & 1)
        return False

    def stop(self) -> None:
        if not self.alive:
            return
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._records)
        os.close(self._news)
        self.pid = 0


def _ways(program_words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """What can be executed as a witness, and with which words, the cheaper first.

    A program without Python takes a tenth of the memory. Files may not be executable where it lies.
    """
    script = ["-S", "-s", "-P", _SCRIPT, str(_RECORDS_FD), str(_NEWS_FD)]
    words = [sys.orig_argv[0], *script, *program_words[1:]]
    return [(executable(), [*program_words]), (sys.executable, words)]


def executable() -> str:
    """The program without Python, whether it is there or not."""
    return beside_recorder("_witness")


def _parsed(line: bytes) -> Receipt:
    at_ns, number, code, sender, delayed = map(int, line.split())
    return Receipt(number, code, sender, at_ns, delayed=bool(delayed))
