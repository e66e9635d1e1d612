"""One phase of one test: what it came to, and its captures where somebody will look at them."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Bound before any test runs, as tests patch the modules that they are of.
from gc import collect as collect_garbage
from gc import freeze, get_freeze_count, unfreeze
from os import unlink
from typing import TYPE_CHECKING

from memscope.pytest_plugin.figures import Figures, Limit, Line, exceeded
from memscope.pytest_plugin.functions import Sums

if TYPE_CHECKING:
    from memscope.pytest_plugin.leaks import Leaks
    from memscope.pytest_plugin.sections import Sections

# Objects that the interpreter itself froze: 375 of 3.12, none of others.
_FROZEN = get_freeze_count()
_UNSAFE = re.compile(r"[^A-Za-z0-9_.=-]+")


def settle() -> None:
    """Empty the free lists and set the collector's counts to 0, so that figures repeat.

    A full collection does both, at 15 ms for each million objects. With all of them out of its
    sight for that moment it takes what free lists take, 0.1 ms in a suite of templates. Where the
    program froze objects of its own, they stay so.
    """
    if get_freeze_count() > _FROZEN:
        collect_garbage()
        return
    freeze()
    collect_garbage()
    unfreeze()


class Phase:
    """Setup, call, teardown or a part of a call, as a section of the recording.

    One that is interrupted by a part goes on as another section: its sums are those of all, its
    peak is the highest of them. Where a limit is broken its lines are taken, and it is written as a
    capture; this also where it `keeps` all. `detailed` asks for what its functions came to.
    One that is to leave nothing behind takes a snapshot of all objects at its end where it does;
    what its limit ignores is not in the lines. `native`: what libraries request counts, too.
    """

    def __init__(
        self,
        sections: Sections,
        folder: str,
        stem: str,
        limits: Sequence[Limit] = (),
        keeps: bool = False,
        detailed: bool = False,
        leaks: Leaks | None = None,
        native: bool = False,
    ) -> None:
        self.broken: str | None = None
        self.cut_short = False  # something of it is missing, so there are no figures
        self.no_snapshot = ""  # why who keeps what it left is not known
        self.first_calls = 0  # functions that no phase before it had met in this process
        self.limits = tuple(limits)
        self.native = native
        self._sections = sections
        self._folder = folder
        self._stem = stem
        self._keeps = keeps
        self._detailed = detailed
        self._leaks = leaks
        self._ignored = None if leaks is None else leaks.ignored
        self._figures: Figures | None = None
        self._lines: list[tuple[int, list[Line]]] = []
        self._functions: list[tuple[int, Sums]] = []
        self._captures: list[tuple[int, str]] = []
        self._on = False

    def start(self, collect: bool = False) -> None:
        """collect: first, so that what others left behind is not released within."""
        self._sections.prepare(self.native)
        if collect:
            collect_garbage()
        settle()
        self._sections.begin(may_be_written=self._keeps or bool(self.limits))
        self._on = True

    def stop(self, collect: bool = False, interrupted: bool = False) -> None:
        if not self._on:
            return
        self._on = False
        if collect:
            collect_garbage()
        if self._leaks is not None and self._leaks.is_broken(
            self._sections.lines_so_far(self._ignored)
        ):
            self.no_snapshot = self._sections.take_snapshot()
        piece = self._sections.end()
        if piece is None:
            self.cut_short = self._sections.is_here
            return
        before = self._figures
        total = piece if before is None else before.followed_by(piece)
        self._figures = total
        self.first_calls += self._sections.first_calls
        broken = not self.cut_short and bool(exceeded(total, self.limits))
        broken = broken or (interrupted and bool(self.limits))
        if broken or self._ignored:
            self._lines.append((piece.peak_bytes, self._sections.lines(self._ignored)))
        if self._detailed:
            self._functions.append((piece.peak_bytes, self._sections.functions()))
        if broken or self._keeps:
            self._captures.append((piece.peak_bytes, self._sections.write(self._path())))

    def _path(self) -> str:
        """Of its captures, without what follows the name."""
        return f"{self._folder}/" + _UNSAFE.sub("_", self._stem)[-150:].lstrip("._")

    @property
    def figures(self) -> Figures | None:
        """None while nothing of it is over, and where something is missing."""
        return None if self.cut_short else self._figures

    @property
    def lines(self) -> list[Line]:
        """Those of the piece with the highest peak."""
        return max(self._lines, key=lambda entry: entry[0])[1] if self._lines else []

    @property
    def functions(self) -> Sums:
        """Those of the piece with the highest peak, if they were asked for."""
        return max(self._functions, key=lambda entry: entry[0])[1] if self._functions else {}

    @property
    def heaviest(self) -> str | None:
        """Of the captures that were written, the one with the highest peak."""
        return max(self._captures)[1] if self._captures else None

    def forget(self) -> None:
        """Remove the captures."""
        for _, path in self._captures:
            try:
                unlink(path)
            except FileNotFoundError:  # a test that clears pytest's cache was before us
                continue
        self._captures.clear()
