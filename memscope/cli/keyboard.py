"""Keys as they are pressed, on a terminal that is given back as it was."""

from __future__ import annotations

import os
import select
import sys
import termios
from types import TracebackType
from typing import Any, Self

_SUSPEND = 10  # of termios' characters, on Linux
_LOCAL, _CHARACTERS = 3, 6
_ESCAPE = "\x1b"
_SEQUENCES = {
    "[A": "up",
    "[B": "down",
    "OA": "up",
    "OB": "down",
    "[5~": "page up",
    "[6~": "page down",
    "[H": "home",
    "[F": "end",
    "OH": "home",
    "OF": "end",
}
_NAMES = {"\r": "enter", "\n": "enter", "\x7f": "erase", "\b": "erase", _ESCAPE: "escape"}


class Keyboard:
    """Standard input, key by key and unseen; deaf where it is no terminal of this job's.

    Stopping this process by a key is switched off meanwhile: the screen would stay as it is.
    """

    def __init__(self) -> None:
        self._fd = -1
        self._before: list[Any] = []
        self._waiting = ""

    def __enter__(self) -> Self:
        try:
            fd = sys.stdin.fileno()
            # In the background it must not be asked: that would stop this process.
            if os.tcgetpgrp(fd) == os.getpgrp():
                self._before = termios.tcgetattr(fd)
                raw = termios.tcgetattr(fd)
                raw[_LOCAL] &= ~(termios.ICANON | termios.ECHO)
                raw[_CHARACTERS][_SUSPEND] = b"\0"
                termios.tcsetattr(fd, termios.TCSADRAIN, raw)
                self._fd = fd
        except (OSError, ValueError, AttributeError, termios.error):
            self._fd = -1
        return self

    @property
    def hears(self) -> bool:
        return self._fd >= 0

    def read(self, timeout_s: float) -> str:
        """One key: a character, or a name such as `up`; "" if none comes in time."""
        if not self._waiting:
            ready, _, _ = select.select([self._fd] if self.hears else [], [], [], timeout_s)
            if not ready:
                return ""
            received = os.read(self._fd, 1024)
            if not received:  # the terminal is gone
                self._fd = -1
                return "q"
            self._waiting = received.decode("utf-8", "replace")
        return self._next()

    def _next(self) -> str:
        first, rest = self._waiting[0], self._waiting[1:]
        if first == _ESCAPE:
            for sequence, name in _SEQUENCES.items():
                if rest.startswith(sequence):
                    self._waiting = rest.removeprefix(sequence)
                    return name
            if rest[:1] in ("[", "O"):  # another key's: none of it is text
                self._waiting = ""
                return ""
        self._waiting = rest
        return _NAMES.get(first, first)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.hears:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)
