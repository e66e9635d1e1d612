"""Progress bars for long reads and long measurements, on a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

QUIET_S = 0.7  # shorter reads show nothing


class ReadingProgress:
    """Is told how far a capture has been read; shows it once that has taken a while."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._furthest = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._wanted = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, done_bytes: int, whole_bytes: int) -> None:
        if not self._wanted or done_bytes <= self._furthest:
            return
        self._furthest = done_bytes
        if self._bar is None:
            if time.monotonic() - self._started < QUIET_S:
                return
            self._show(whole_bytes)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done_bytes)
            if done_bytes >= whole_bytes:
                self._bar.stop()
                self._wanted = False

    def _show(self, whole_bytes: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        self._bar = Progress(
            TextColumn("reading"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("reading", total=whole_bytes)
        self._bar.start()


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
