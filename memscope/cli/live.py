"""One line on a terminal that follows a program while it is being recorded.

The program writes to the same terminal. So the line has the terminal's last row for itself, and
what the program writes scrolls in the rows above.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from memscope.reports.terminal.elements import Glyphs

EVERY_S = 0.5
HISTORY = 24  # live bytes that are drawn, two for each second
LEAST_ROWS = 3  # of a terminal that can spare one
# The program's cursor is where it was, and in the column where it was, after each of these.
_SAVE, _RESTORE = "\x1b7", "\x1b8"
_ROW_BELOW = "\x1bD\x1b[A"  # there is one then: the screen scrolls if the cursor is in the last


class Counting(Protocol):
    """A recording that tells its counts and bytes so far."""

    def counters(self) -> dict[str, int]: ...


class LiveLine:
    """A line that is drawn anew twice a second, and gone when the program is over.

    Only on a terminal: anywhere else it would be noise among what the program writes.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._rows = 0  # of the terminal, whose last one is the line's; 0: it has none

    def start(self, recording: Counting) -> None:
        if self._stream is None or not self._stream.isatty() or os.environ.get("TERM") == "dumb":
            return
        self._thread = threading.Thread(
            target=self._follow, args=(recording.counters,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._over.set()
            self._thread.join()

    def _follow(self, counters: Callable[[], dict[str, int]]) -> None:
        from memscope.reports.terminal.elements import glyphs_for, make_console

        glyphs = glyphs_for(make_console(self._stream))
        live: deque[int] = deque(maxlen=HISTORY)
        began = last = time.monotonic()
        allocations = 0
        # A terminal that is gone is no reason to disturb anybody.
        with suppress(OSError, ValueError):
            while not self._over.wait(EVERY_S):
                now, seen = time.monotonic(), counters()
                live.append(seen["live_bytes"])
                rate = (seen["allocations"] - allocations) / (now - last)
                last, allocations = now, seen["allocations"]
                self._draw(live_line(now - began, list(live), seen["peak_bytes"], rate, glyphs))
            self._write(self._given_back())

    def _draw(self, line: str) -> None:
        size = self._size()
        taken = ""
        if size.lines != self._rows:
            taken = self._given_back()
            self._rows = size.lines if size.lines >= LEAST_ROWS else 0
            if self._rows:
                taken += f"{_ROW_BELOW}{_SAVE}\x1b[1;{self._rows - 1}r{_RESTORE}"
        if self._rows:
            taken += f"{_SAVE}{self._cleared()}{line[: size.columns - 1]}{_RESTORE}"
        self._write(taken)

    def _size(self) -> os.terminal_size:
        try:
            return os.get_terminal_size(self._stream.fileno())
        except OSError:
            return shutil.get_terminal_size()

    def _cleared(self) -> str:
        return f"\x1b[{self._rows};1H\x1b[2K"

    def _given_back(self) -> str:
        """What lets the program's lines scroll over the whole terminal again."""
        return f"{_SAVE}\x1b[r{self._cleared()}{_RESTORE}" if self._rows else ""

    def _write(self, text: str) -> None:
        # At once, so that nothing of the program's comes in between.
        self._stream.write(text)
        self._stream.flush()


def live_line(
    elapsed_s: float, live_bytes: list[int], peak_bytes: int, rate: float, glyphs: Glyphs
) -> str:
    """`memscope 8.2 s  live 45 MiB ▁▂▅▇  peak 60 MiB  1.2M allocations/s`."""
    from memscope.analysis.units import bytes_text, count_text, time_text
    from memscope.reports.terminal.elements import sparkline

    return (
        f"memscope {time_text(elapsed_s)}  live {bytes_text(live_bytes[-1])} "
        f"{sparkline(live_bytes, glyphs)}  peak {bytes_text(peak_bytes)}  "
        f"{count_text(rate)} allocations/s"
    )
