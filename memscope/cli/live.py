"""One line on a terminal that follows a program while it is being recorded."""

from __future__ import annotations

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
_CLEAR = "\r\x1b[2K"


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

    def start(self, recording: Counting) -> None:
        if self._stream is None or not self._stream.isatty():
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
                line = live_line(now - began, list(live), seen["peak_bytes"], rate, glyphs)
                # The cursor waits at the start: what the program writes next goes over it.
                width = shutil.get_terminal_size().columns
                self._stream.write(f"{_CLEAR}{line[: width - 1]}\r")
                self._stream.flush()
            self._stream.write(_CLEAR)
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
