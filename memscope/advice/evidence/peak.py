"""The peak, and how much lower it would be without some of what is live at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from memscope.advice.evidence.history import History
from memscope.advice.evidence.lines import NOWHERE, UserLine, UserLines
from memscope.advice.model import Interval
from memscope.advice.policy import Peak
from memscope.analysis.measures import Measures
from memscope.capture.columns import mark_at_least, members


class PeakModel:
    """The peak with some lines' blocks taken away."""

    def __init__(self, measures: Measures, lines: UserLines, history: History) -> None:
        self._measures = measures
        self._lines = lines
        self._history = history

    def saving(self, lines: Sequence[UserLine], saved_bytes: float) -> Interval:
        """How much lower the peak is if `saved_bytes` of what these lines hold at it were not.

        What is live at the peak is exact. At other times only the ends of windows are known: the
        new peak may be one of those, and lies between what is left if the lines held at that time
        what they held least, and most.
        """
        peak = self._measures.capture.sums.total.peak_bytes
        at_peak = sum(line.blocks.peak_bytes for line in lines)
        # Tables of the lines' objects may be made elsewhere: then it is more than they hold.
        share = saved_bytes / at_peak if at_peak else 0.0
        lowest = highest = peak - saved_bytes
        for live, least, most in self._held_at_points(lines, at_peak):
            lowest = max(lowest, live - most * share)
            highest = max(highest, live - least * min(share, 1.0))
        sure = max(peak - highest, 0.0)
        likely = max(peak - lowest, 0.0)
        # That another moment of the same window is as high without these lines is possible, and
        # was not seen in any program measured so far.
        low = min(max(sure, Peak.hidden_share * likely), (1 - Peak.also_changed_share) * likely)
        return Interval(low, likely, (1 + Peak.also_changed_share) * likely)

    def _held_at_points(
        self, lines: Sequence[UserLine], at_peak: float
    ) -> Iterator[tuple[float, float, float]]:
        """For each sample of the timeline what was live, and the least and most of it that was
        these lines'.
        """
        peak = self._measures.capture.sums.total.peak_bytes
        when = self._measures.capture.sums.peak_time_ns
        windows, first = self._history.windows, 0
        held = self._held_in_windows(lines, at_peak)
        begins = 0
        for sample in self._history.over_time.samples:
            # A sample tells the most since the one before, and windows may have ended meanwhile.
            while first < len(windows) - 1 and windows[first].end_ns < begins:
                first += 1
            last = first
            while last < len(windows) - 1 and windows[last].end_ns < sample.time_ns:
                last += 1
            spanned = held[first : last + 1]
            if not spanned:
                return
            least = min(least for least, _ in spanned)
            most = max(most for _, most in spanned)
            if sample.max_live_bytes >= peak:
                least = most = at_peak
            elif windows[first].start_ns <= when <= windows[last].end_ns:
                most = max(most, at_peak)
            yield sample.max_live_bytes, least, most
            begins = sample.time_ns

    def _held_in_windows(
        self, lines: Sequence[UserLine], at_peak: float
    ) -> list[tuple[float, float]]:
        """The least and the most bytes that these lines had live at once within each window."""
        series = [self._history.live_over_time(line) for line in lines]
        ends = [sum(values) for values in zip(*series, strict=True)] if series else []
        came: dict[int, float] = {}
        for line in lines:
            for item in self._history.of(line):
                came[item.window] = came.get(item.window, 0.0) + item.allocated_bytes
        found = []
        before = 0.0
        for number, end in enumerate(ends):
            most = min(before + came.get(number, 0.0), max(at_peak, before, end))
            found.append((min(before, end), most))
            before = end
        if not any(most for _, most in found):
            # The windows leave out lines with little: how much of it when is not known.
            return [(0.0, at_peak)] * len(found)
        return found

    def made_under(self, line: UserLine) -> list[UserLine]:
        """Lines that are live at the peak by what this one called, and by little else."""
        under = self._bytes_under.get(line.key, {})
        return [
            other
            for other in self._lines.all
            if under.get(other.key, 0.0) > Peak.mostly_share * other.blocks.peak_bytes
        ]

    @cached_property
    def _bytes_under(self) -> dict[int, dict[int, float]]:
        """For each own line what was live at the peak of those that it had called, by line."""
        peak_bytes = self._measures.capture.totals.peak_bytes
        found: dict[int, dict[int, float]] = {}
        large = bytearray(len(peak_bytes))
        mark_at_least(large, peak_bytes, Peak.least_row_bytes)
        for row in members(b"\0\1", large):
            key = self._lines.key_of_row[row]
            if key == NOWHERE:
                continue
            for caller in self._callers(self._measures.row_stacks[row]) - {key}:
                made = found.setdefault(caller, {})
                made[key] = made.get(key, 0.0) + peak_bytes[row]
        return found

    def _callers(self, node: int) -> set[int]:
        """The keys of the own lines that a stack went through, but for its innermost one."""
        stacks = self._measures.stacks
        own, keys, parents = stacks.own, stacks.line_keys, stacks.tables.nodes.parent
        node, found = own[node], set()
        for _ in range(Peak.most_callers):
            node = own[parents[node]]
            if not node:
                break
            found.add(keys[node])
        return found
