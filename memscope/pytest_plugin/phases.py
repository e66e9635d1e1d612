"""Records one phase of one test."""

from __future__ import annotations

import gc
import re
from pathlib import Path

from memscope.capture import load
from memscope.errors import MemscopeError
from memscope.pytest_plugin.figures import Figures, figures_of
from memscope.recording import Recording


class Phase:
    """A recording of setup, call, teardown or a part of a call.

    One that is interrupted by the recording of a part goes on as another recording: its sums are
    those of all, its peak is the highest of them.
    """

    def __init__(self, nodeid: str, name: str, folder: Path) -> None:
        self.name = name
        self.broken: str | None = None
        self._stem = f"{nodeid}-{name}"
        self._folder = folder
        self._pieces: list[tuple[Path, Figures]] = []
        self._recording: Recording | None = None

    def start(self, steady: bool = False) -> None:
        """steady: begin with empty free lists and no garbage, so that figures repeat."""
        if steady:
            gc.collect()
        path = _free_path(self._folder, self._stem)
        self._recording = Recording(path, False, 0, False, True, pack=False)
        self._recording.start()

    def stop(self, collect: bool = False) -> None:
        recording, self._recording = self._recording, None
        if recording is None:
            return
        if collect:
            gc.collect()
        recording.stop()
        if recording.path is None:  # a forked child: the recording is its parent's
            return
        with load(recording.path) as capture:
            self._pieces.append((recording.path, figures_of(capture)))

    @property
    def figures(self) -> Figures | None:
        """None while nothing of it is over."""
        if not self._pieces:
            return None
        pieces = [figures for _, figures in self._pieces]
        return Figures(
            max(piece.peak_bytes for piece in pieces),
            sum(piece.allocated_bytes for piece in pieces),
            sum(piece.allocations for piece in pieces),
            sum(piece.live_bytes for piece in pieces),
        )

    @property
    def heaviest(self) -> Path | None:
        """The capture with the highest peak."""
        if not self._pieces:
            return None
        return max(self._pieces, key=lambda piece: piece[1].peak_bytes)[0]

    def forget(self) -> None:
        """Remove the captures."""
        for path, _ in self._pieces:
            path.unlink(missing_ok=True)


def _free_path(folder: Path, name: str) -> Path:
    safe = re.sub(r"[^A-Za-z0-9_.=-]+", "_", name)[-150:].lstrip("._")
    for again in range(10_000):
        path = folder / (f"{safe}.mscope" if not again else f"{safe}-{again}.mscope")
        if not path.exists():
            return path
    raise MemscopeError("there are too many captures of one test", folder)
