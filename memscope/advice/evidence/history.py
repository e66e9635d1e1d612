"""What each line had live over the run, from window to window."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property

from memscope.advice.evidence.lines import NOWHERE, UserLine, UserLines
from memscope.advice.policy import Trends
from memscope.analysis.measures import Measures
from memscope.analysis.timeline import MemoryOverTime, memory_over_time
from memscope.capture.columns import (
    chosen,
    extend,
    gathered,
    mark_at_least,
    members,
    sums_of_keys,
    total,
    zeros,
)
from memscope.capture.model import Window
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class LineWindow:
    """What a line did within one window; live at its end."""

    window: int
    allocations: float
    allocated_bytes: float
    live_blocks: float
    live_bytes: float


@dataclass(frozen=True, slots=True)
class WindowTimes:
    """When a window was, and how much was allocated in it."""

    start_ns: int
    end_ns: int
    first_event: int
    last_event: int
    allocations: float


class History:
    """The windows of a capture, line by line.

    What windows say of rows takes more memory than the rows themselves: it is read anew by who
    needs it, and what is kept are sums.
    """

    def __init__(self, measures: Measures, lines: UserLines) -> None:
        self._measures = measures
        self._lines = lines

    @property
    def windows(self) -> Sequence[WindowTimes]:
        return self._windows_and_lines[0]

    def each_window(self) -> Iterable[Window]:
        """The windows with all that they say, for somebody who goes through them once."""
        return self._measures.each_window()

    def each_at_work(self) -> Iterable[Window]:
        """The windows with events. In others only answers moved blocks, from row to row."""
        return filter(_has_events, self.each_window())

    @cached_property
    def over_time(self) -> MemoryOverTime:
        """The whole program's memory, at each point of its timeline."""
        return memory_over_time(self._measures.capture)

    @cached_property
    def last_own_ns(self) -> int:
        """The end of the last window in which user code allocated anything."""
        # Row ids count from 1.
        keys = array("i", [NOWHERE])
        extend(keys, self._lines.key_of_row)
        last_ns = 0
        for window in self.each_at_work():
            own = gathered(keys, window.row)
            if any(gathered(window.allocations, _at_lines(own))):
                last_ns = window.end_ns
        return last_ns

    def of(self, line: UserLine) -> list[LineWindow]:
        """What a line did in each window in which it did anything; [] for a negligible line."""
        return self._windows_and_lines[1].get(line.key, [])

    def live_over_time(self, line: UserLine) -> list[float]:
        """Live bytes of a line at the end of each window."""
        series: list[float] = []
        live = 0.0
        for change in self.of(line):
            series.extend([live] * (change.window - len(series)))
            live = change.live_bytes
            series.append(live)
        series.extend([live] * (len(self.windows) - len(series)))
        return series

    @cached_property
    def _windows_and_lines(self) -> tuple[list[WindowTimes], dict[int, list[LineWindow]]]:
        """All windows, and of each line that is followed what it did in them."""
        followed = {line.key for line in self._lines.all if _is_followed(line)}
        # Row ids count from 1.
        keys = array("i", [NOWHERE])
        of_key = zeros("B", max(self._lines.key_of_row, default=0) + 1)
        for key in followed:
            of_key[key] = 1
        is_followed = gathered(of_key, self._lines.key_of_row)
        nowhere = array("i", [NOWHERE]) * len(is_followed)
        extend(keys, chosen(is_followed, self._lines.key_of_row, nowhere))
        windows: list[WindowTimes] = []
        found: dict[int, list[LineWindow]] = {}
        for number, window in enumerate(self.each_window()):
            windows.append(times_of(window))
            if not _has_events(window):
                continue  # blocks were moved, which is no growth
            for key, (count, size, net, net_bytes) in _sums_by_line(window, keys).items():
                series = found.setdefault(key, [])
                blocks = series[-1].live_blocks if series else 0.0
                live = series[-1].live_bytes if series else 0.0
                series.append(LineWindow(number, count, size, blocks + net, live + net_bytes))
        return windows, found


def times_of(window: Window) -> WindowTimes:
    return WindowTimes(
        window.start_ns,
        window.end_ns,
        window.first_event,
        window.last_event,
        total(window.allocations),
    )


def _at_lines(keys: Sequence[int]) -> Sequence[int]:
    """Which entries have the key of a line."""
    above = bytearray(len(keys))
    mark_at_least(above, keys, 0)
    return members(b"\0\1", above)


def _has_events(window: Window) -> bool:
    return window.last_event > window.first_event


def _is_followed(line: UserLine) -> bool:
    blocks = line.blocks
    return (
        blocks.live_bytes >= Trends.least_held_bytes
        or blocks.peak_bytes >= Trends.least_held_bytes
        or blocks.allocated_bytes >= Trends.least_allocated_bytes
    )


def _sums_by_line(window: Window, keys: Sequence[int]) -> dict[int, tuple[float, ...]]:
    """For each line: allocations, their bytes, and by how many blocks and bytes it has more."""
    of_row = gathered(keys, window.row)
    columns = window.allocations, window.allocated_bytes, window.released, window.released_bytes
    found: dict[int, tuple[float, ...]] = {}
    for (key,), *sums in sums_of_keys((of_row,), *columns):
        if key != NOWHERE:
            more, more_bytes, less, less_bytes = map(float, sums)
            found[key] = more, more_bytes, more - less, more_bytes - less_bytes
    return found
