"""One phase of one test: what it came to, and its captures where somebody will look at them."""

from __future__ import annotations

import gc
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memscope.errors import MemscopeError
from memscope.pytest_plugin.figures import Figures, exceeded
from memscope.pytest_plugin.limits import Limit

if TYPE_CHECKING:
    from memscope.pytest_plugin.laps import Laps

# Objects that the interpreter itself froze: 375 of 3.12, none of others.
_FROZEN = gc.get_freeze_count()


def settle() -> None:
    """Empty the free lists and set the collector's counts to 0, so that figures repeat.

    A full collection does both, at 15 ms for each million objects. With all of them out of its
    sight for that moment it takes what free lists take, 0.1 ms in a suite of templates. Where the
    program froze objects of its own, they stay so.
    """
    if gc.get_freeze_count() > _FROZEN:
        gc.collect()
        return
    gc.freeze()
    gc.collect()
    gc.unfreeze()


class Phase:
    """Setup, call, teardown or a part of a call, as a lap of the recording.

    One that is interrupted by a part goes on as another lap: its sums are those of all, its peak is
    the highest of them. Laps are written as captures where a limit is broken, or `keeps` says so.
    """

    def __init__(
        self,
        laps: Laps,
        stem: str,
        folder: Path,
        limits: Sequence[Limit] = (),
        keeps: bool = False,
    ) -> None:
        self.broken: str | None = None
        self.cut_short = False  # something of it is missing, so there are no figures
        self.limits = tuple(limits)
        self._laps = laps
        self._stem = stem
        self._folder = folder
        self._keeps = keeps
        self._pieces: list[Figures] = []
        self._captures: list[tuple[int, Path]] = []
        self._on = False

    def start(self, collect: bool = False) -> None:
        """collect: first, so that what others left behind is not released within."""
        if collect:
            gc.collect()
        settle()
        self._laps.begin()
        self._on = True

    def stop(self, collect: bool = False, interrupted: bool = False) -> None:
        if not self._on:
            return
        self._on = False
        if collect:
            gc.collect()
        piece = self._laps.end()
        if piece is None:
            self.cut_short = self._laps.is_here
            return
        self._pieces.append(piece)
        total = self.figures
        broken = total is not None and exceeded(total, self.limits)
        if self._keeps or broken or (interrupted and self.limits):
            path = _free_path(self._folder, self._stem)
            self._laps.write(path)
            self._captures.append((piece.peak_bytes, path))

    @property
    def figures(self) -> Figures | None:
        """None while nothing of it is over, and where something is missing."""
        if not self._pieces or self.cut_short:
            return None
        return Figures(
            max(piece.peak_bytes for piece in self._pieces),
            sum(piece.allocated_bytes for piece in self._pieces),
            sum(piece.allocations for piece in self._pieces),
            sum(piece.live_bytes for piece in self._pieces),
        )

    @property
    def heaviest(self) -> Path | None:
        """Of the captures that were written, the one with the highest peak."""
        return max(self._captures)[1] if self._captures else None

    def forget(self) -> None:
        """Remove the captures."""
        for _, path in self._captures:
            path.unlink(missing_ok=True)


def _free_path(folder: Path, name: str) -> Path:
    safe = re.sub(r"[^A-Za-z0-9_.=-]+", "_", name)[-150:].lstrip("._")
    for again in range(10_000):
        path = folder / (f"{safe}.mscope" if not again else f"{safe}-{again}.mscope")
        if not path.exists():
            return path
    raise MemscopeError("there are too many captures of one test", folder)
