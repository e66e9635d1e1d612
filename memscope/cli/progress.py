"""Progress bars for what takes long, on a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

QUIET_S = 0.7  # shorter work shows nothing

_shown: list[Progress] = []  # the bar that is there now; two would write over each other


def stop_bars() -> None:
    """Takes the bar away: to be called before anything else is printed."""
    while _shown:
        _shown.pop().stop()


class _Bar:
    """A bar that is there once something has taken a while, and until another one is."""

    def __init__(self, what: str, *, of_bytes: bool) -> None:
        self._what = what
        self._of_bytes = of_bytes
        self._started = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self.wanted = sys.stderr is not None and sys.stderr.isatty()

    def tell(self, done: int, whole: int | None) -> None:
        """How far the work is; of how much may be unknown."""
        if not self.wanted:
            return
        if self._bar is None:
            if time.monotonic() - self._started < QUIET_S:
                return
            self._show(whole)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=whole)
            if whole is not None and done >= whole:
                self.stop()

    def stop(self) -> None:
        """Take the bar away, also where the end was not reached."""
        if self._bar is not None and self._bar in _shown:
            stop_bars()
        self.wanted = False

    def _show(self, whole: int | None) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            FileSizeColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
        )

        stop_bars()
        amount = (
            MofNCompleteColumn()
            if not self._of_bytes
            else DownloadColumn(binary_units=True)
            if whole is not None
            else FileSizeColumn()
        )
        self._bar = Progress(
            TextColumn(self._what),
            BarColumn(),
            amount,
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(self._what, total=whole)
        self._bar.start()
        _shown.append(self._bar)


class ReadingProgress(_Bar):
    """Is told how far a capture has been read or packed; shows it once that has taken a while."""

    def __init__(self, what: str = "reading") -> None:
        super().__init__(what, of_bytes=True)
        self._furthest = 0

    def __call__(self, done_bytes: int, whole_bytes: int) -> None:
        if done_bytes > self._furthest:
            self._furthest = done_bytes
            self.tell(done_bytes, whole_bytes)


@contextmanager
def writing(what: str = "writing") -> Iterator[Callable[[int], None]]:
    """Shows how many bytes have been written, as it is told; how many there will be is unknown."""
    bar = _Bar(what, of_bytes=True)
    try:
        yield lambda done: bar.tell(done, None)
    finally:
        bar.stop()


@contextmanager
def steps(what: str) -> Iterator[Callable[[int, int], None]]:
    """Shows how many steps of how many are done, as it is told, once they have taken a while."""
    bar = _Bar(what, of_bytes=False)
    try:
        yield bar.tell
    finally:
        bar.stop()


@contextmanager
def counting(what: str, whole: int) -> Iterator[Callable[[int], None]]:
    """Shows how many of `whole` are done, as it is told."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn(what), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=whole)
        yield lambda done: bar.update(task, completed=done)
