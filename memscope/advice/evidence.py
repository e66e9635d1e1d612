"""What all kinds judge by: the tallies of each line of own code, over the whole and over time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from memscope.advice.calibration import HostCosts
from memscope.advice.model import Interval, Measure, Whole
from memscope.advice.source import Sources, Statement, method_name
from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin
from memscope.analysis.timeline import MemoryOverTime, highest_resident, memory_over_time
from memscope.capture import Capture
from memscope.capture.format import DOMAINS, LIFETIME_BYTE_BUCKETS, PYMALLOC_CLASSES, size_range
from memscope.capture.model import CodeFrame, Window

# Less than this is not worth a change, whatever the kind.
LEAST_CPU_SHARE = 0.01
LEAST_PEAK_BYTES = 1_000_000
LEAST_PEAK_SHARE = 0.02
# A change to a program also changes what little it allocates beside: where the saving was proved,
# fixes measured within 0.5 % of it.
ALSO_CHANGED_SHARE = 0.02

# Of a saving that the ends of windows neither prove nor disprove, what is counted on.
HIDDEN_SHARE = 0.7

OBJ_DOMAIN = DOMAINS.index("obj")
_INSTANCES_OF_ONE_SIZE_UNTIL = ("3.11.", "3.12.")
FIRST_OF_EACH_SIZE = 2  # size classes are 16 bytes wide, an attribute takes 8

PAGE_BYTES = 4096
# How many own frames outwards a line's callers are looked for; and which part of it is nearly all.
MOST_CALLERS = 32
MOSTLY = 0.9
# Smaller ones come from memory that the allocator keeps.
FAULTING_BYTES = 60_000
# glibc never keeps a larger block: it is fresh pages, every time.
ALWAYS_MAPPED_BYTES = 32 << 20


Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Blocks:
    """Sums over rows; `max_live_low` and `_high` enclose how many lived at once."""

    rows: tuple[int, ...]
    allocations: float
    allocated_bytes: float
    released: float
    live_bytes: float
    peak_blocks: float
    peak_bytes: float
    max_live_low: float
    max_live_high: float
    reallocations: float
    moved: float
    copied_bytes: float
    foreign_frees: float

    @property
    def mean_bytes(self) -> float:
        return self.allocated_bytes / self.allocations if self.allocations else 0.0

    @property
    def live_blocks(self) -> float:
        return self.allocations - self.released


@dataclass(frozen=True, slots=True)
class Line:
    """A line of own code with the rows that it had allocated, itself or through libraries."""

    key: int
    node: int  # the own node of its heaviest stack
    frame: CodeFrame
    blocks: Blocks

    @property
    def rows(self) -> tuple[int, ...]:
        return self.blocks.rows


@dataclass(frozen=True, slots=True)
class Change:
    """What a line did within one window; live at its end."""

    window: int
    allocations: float
    allocated_bytes: float
    live_blocks: float
    live_bytes: float


class Case:
    """A capture under judgement."""

    def __init__(self, measures: Measures, costs: HostCosts, sources: Sources) -> None:
        self.measures = measures
        self.costs = costs
        self.sources = sources
        self._known: dict[object, Any] = {}

    def once(self, key: object, find_out: Callable[[], Known]) -> Known:
        """What `find_out` says, asked once for each key: several kinds want to know the same."""
        if key not in self._known:
            self._known[key] = find_out()
        known: Known = self._known[key]
        return known

    @property
    def capture(self) -> Capture:
        return self.measures.capture

    @cached_property
    def whole(self) -> Whole:
        ended = self.capture.exit
        known = ended is not None and ended.cpu_s > 0
        cpu_s = ended.cpu_s if ended is not None and known else self.capture.duration_ns / 1e9
        resident = ended.peak_resident_bytes if ended is not None else 0
        highest = highest_resident(self.over_time.points)
        resident = max(resident, highest.resident_bytes if highest is not None else 0)
        return Whole(cpu_s, known, self.capture.sums.total.peak_bytes, resident)

    @cached_property
    def _large_churn_pages(self) -> tuple[float, float]:
        """Pages of all large blocks that were made anew, in place growth left out.

        Of those that the allocator may keep, and of those that it never does.
        """
        totals = self.capture.totals
        classes = self.capture.tables.rows.size_class
        pages = [0.0, 0.0]
        for row in self.large(range(len(classes)), FAULTING_BYTES):
            count = totals.allocations[row]
            if count:
                made = count - totals.reallocations[row] + totals.moved[row]
                size = totals.allocated_bytes[row] / count
                pages[size > ALWAYS_MAPPED_BYTES] += made * size / PAGE_BYTES
        return pages[0], pages[1]

    def faults_s(self, block_bytes: float, count: float) -> Interval:
        """Seconds that the kernel took to give out the pages of `count` such blocks again.

        What the kernel counted beyond one fault for each page of the highest resident size was
        given out more than once. Blocks that the allocator never keeps come first; the other large
        ones have their part of what is left by their pages. Not known in a capture of
        `memscope.record()`: from none to all then.
        """
        if block_bytes < FAULTING_BYTES:
            return Interval(0.0, 0.0, 0.0)
        pages = count * block_bytes / PAGE_BYTES
        always = block_bytes > ALWAYS_MAPPED_BYTES
        ended = self.capture.exit
        if ended is None or not ended.minor_faults:
            most = pages * self.costs.page_fault_s
            return Interval(most * 0.5 if always else 0.0, most if always else 0.0, most)
        again = max(ended.minor_faults - self.whole.resident_bytes / PAGE_BYTES, 0.0)
        kept, mapped = self._large_churn_pages
        churned = mapped if always else kept
        if not always:
            again = max(again - mapped, 0.0)
        share = min(again / churned, 1.0) if churned else 0.0
        fault_s = min(self.costs.page_fault_s, ended.system_s / ended.minor_faults)
        return Interval.around(pages * share * fault_s, 0.6, 1.5)

    @property
    def least_peak_bytes(self) -> float:
        return max(LEAST_PEAK_BYTES, LEAST_PEAK_SHARE * self.whole.peak_bytes)

    @property
    def least_cpu_s(self) -> float:
        return LEAST_CPU_SHARE * self.whole.cpu_s

    def pays(self, predicted: Mapping[Measure, Interval]) -> bool:
        """Whether any saving is worth a change even if it turns out low."""
        least: dict[Measure, float] = {
            "cpu_s": self.least_cpu_s,
            "peak_bytes": self.least_peak_bytes,
            "rss_bytes": self.least_peak_bytes,
        }
        return any(
            saving.low >= least[measure] and saving.low > 0
            for measure, saving in predicted.items()
            if measure in least
        )

    def blocks(self, rows: Iterable[int]) -> Blocks:
        rows = tuple(rows)
        totals = self.capture.totals

        def add(column: Sequence[float]) -> float:
            return sum(map(column.__getitem__, rows))

        most = list(map(totals.max_live_blocks.__getitem__, rows))
        allocated = add(totals.allocated_bytes)
        return Blocks(
            rows=rows,
            allocations=add(totals.allocations),
            allocated_bytes=allocated,
            released=add(totals.released),
            live_bytes=allocated - add(totals.released_bytes),
            peak_blocks=add(totals.peak_blocks),
            peak_bytes=add(totals.peak_bytes),
            max_live_low=max(most, default=0),
            max_live_high=sum(most),
            reallocations=add(totals.reallocations),
            moved=add(totals.moved),
            copied_bytes=add(totals.copied_bytes),
            foreign_frees=add(totals.foreign_frees),
        )

    @cached_property
    def _row_lines(self) -> tuple[list[int], dict[int, list[int]]]:
        """For each row the number of its own line (-1: none); and each line's rows."""
        stacks = self.measures.stacks
        own, keys, importing = stacks.own, stacks.line_keys, stacks.importing
        rows_of: dict[int, list[int]] = {}
        of_row = []
        for row, node in enumerate(self.measures.row_stacks):
            key = keys[own[node]] if own[node] and not importing[node] else -1
            of_row.append(key)
            if key >= 0:
                rows_of.setdefault(key, []).append(row)
        return of_row, rows_of

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All lines of own code that allocated while no module was being imported."""
        totals, stacks = self.capture.totals, self.measures.stacks
        found = []
        for key, rows in self._row_lines[1].items():
            heaviest = max(rows, key=totals.allocated_bytes.__getitem__)
            node = stacks.own[self.measures.row_stacks[heaviest]]
            found.append(Line(key, node, stacks.frame(node), self.blocks(rows)))
        found.sort(key=lambda line: -line.blocks.allocated_bytes)
        return tuple(found)

    def lines_rows(self, key: int) -> list[int]:
        """The rows of the line with this key."""
        return self._row_lines[1].get(key, [])

    @cached_property
    def instances(self) -> dict[str, float]:
        """For the name of each class that own code calls, how many it makes, at most.

        An object's own memory is allocated by the line that calls its class, once a call.
        """
        totals, rows = self.capture.totals, self.capture.tables.rows
        keys = self.measures.stacks.line_keys
        shrinking = not self.capture.meta.python.startswith(_INSTANCES_OF_ONE_SIZE_UNTIL)
        found: dict[str, float] = {}
        for line in self.lines:
            statement = self.statement(line.frame)
            called = [] if statement is None else statement.calls()
            names = {name for name in map(method_name, called) if name.lstrip("_")[:1].isupper()}
            if not names:
                continue
            by_stack: dict[int, dict[int, float]] = {}
            for row in line.rows:
                stack = rows.stack[row]
                if keys[stack] == line.key and rows.domain[row] == OBJ_DOMAIN:
                    sizes = by_stack.setdefault(stack, {})
                    size = rows.size_class[row]
                    sizes[size] = sizes.get(size, 0.0) + totals.allocations[row]
            for name in names:
                found[name] = found.get(name, 0.0) + sum(
                    _first_ones_too(sizes) if shrinking else max(sizes.values())
                    for sizes in by_stack.values()
                )
        return found

    @cached_property
    def _peak_under(self) -> dict[int, dict[int, float]]:
        """For each own line what was live at the peak of those that it had called, by line."""
        stacks = self.measures.stacks
        own, keys, parents = stacks.own, stacks.line_keys, stacks.tables.nodes.parent
        peak_bytes, row_stacks = self.capture.totals.peak_bytes, self.measures.row_stacks
        found: dict[int, dict[int, float]] = {}
        for row, key in enumerate(self._row_lines[0]):
            # Less is no part of anything that would have to change.
            if key < 0 or peak_bytes[row] < PAGE_BYTES:
                continue
            node, callers = own[row_stacks[row]], set()
            for _ in range(MOST_CALLERS):
                node = own[parents[node]]
                if not node:
                    break
                callers.add(keys[node])
            for caller in callers - {key}:
                made = found.setdefault(caller, {})
                made[key] = made.get(key, 0.0) + peak_bytes[row]
        return found

    def made_under(self, line: Line) -> list[Line]:
        """Lines that are live at the peak by what this one called, and by little else."""
        under = self._peak_under.get(line.key, {})
        return [
            other
            for other in self.lines
            if under.get(other.key, 0.0) > MOSTLY * other.blocks.peak_bytes
        ]

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        return self.measures.windows

    @cached_property
    def lifetimes_in_bytes(self) -> dict[int, list[float]]:
        """For each row with released blocks, how many in each bucket of bytes meanwhile."""
        found: dict[int, list[float]] = {}
        lifetimes = self.capture.lifetimes
        if lifetimes is not None:
            entries = zip(
                lifetimes.row, lifetimes.scale, lifetimes.bucket, lifetimes.count, strict=True
            )
            for row, scale, bucket, count in entries:
                if scale == 0:
                    counts = found.setdefault(row - 1, [0.0] * LIFETIME_BYTE_BUCKETS)
                    counts[bucket] += count
        return found

    @cached_property
    def over_time(self) -> MemoryOverTime:
        return memory_over_time(self.capture)

    @cached_property
    def _changes(self) -> dict[int, list[Change]]:
        of_row, _ = self._row_lines
        worth = {
            line.key
            for line in self.lines
            if line.blocks.live_bytes >= 4096
            or line.blocks.peak_bytes >= 4096
            or line.blocks.allocated_bytes >= 65536
        }
        place = [key if key in worth else -1 for key in of_row]
        found: dict[int, list[Change]] = {}
        for number, window in enumerate(self.windows):
            sums: dict[int, list[float]] = {}
            entries = zip(
                window.row,
                window.allocations,
                window.allocated_bytes,
                window.released,
                window.released_bytes,
                strict=True,
            )
            for row, more, more_bytes, less, less_bytes in entries:
                key = place[row - 1]
                if key < 0:
                    continue
                item = sums.get(key)
                if item is None:
                    item = sums[key] = [0.0, 0.0, 0.0, 0.0]
                item[0] += more
                item[1] += more_bytes
                item[2] += more - less
                item[3] += more_bytes - less_bytes
            for key, (count, size, net, net_bytes) in sums.items():
                series = found.setdefault(key, [])
                blocks = series[-1].live_blocks if series else 0.0
                live = series[-1].live_bytes if series else 0.0
                series.append(Change(number, count, size, blocks + net, live + net_bytes))
        return found

    def changes(self, line: Line) -> list[Change]:
        """What a line did in each window in which it did anything; [] for a negligible line."""
        return self._changes.get(line.key, [])

    def live_over_time(self, line: Line) -> list[float]:
        """Live bytes of a line at the end of each window."""
        series: list[float] = []
        live = 0.0
        for change in self.changes(line):
            series.extend([live] * (change.window - len(series)))
            live = change.live_bytes
            series.append(live)
        series.extend([live] * (len(self.windows) - len(series)))
        return series

    def peak_saving(self, lines: Sequence[Line], saved_bytes: float) -> Interval:
        """How much lower the peak is if `saved_bytes` of what these lines hold at it were not.

        What is live at the peak is exact. At other times only the ends of windows are known: the
        new peak may be one of those, and lies between what is left if the lines held at that time
        what they held least, and most.
        """
        peak = self.whole.peak_bytes
        at_peak = sum(line.blocks.peak_bytes for line in lines)
        share = min(saved_bytes / at_peak, 1.0) if at_peak else 0.0
        series = [self.live_over_time(line) for line in lines]
        held = [sum(values) for values in zip(*series, strict=True)] if series else []
        came: dict[int, float] = {}
        for line in lines:
            for change in self.changes(line):
                came[change.window] = came.get(change.window, 0.0) + change.allocated_bytes
        lowest = highest = peak - saved_bytes
        when = self.capture.sums.peak_time_ns
        windows, number = self.windows, 0
        for point in self.over_time.points:
            while number < len(windows) - 1 and windows[number].end_ns < point.time_ns:
                number += 1
            if number >= len(held):
                break
            before = held[number - 1] if number else 0.0
            least = min(before, held[number])
            most = min(before + came.get(number, 0.0), max(at_peak, before, held[number]))
            if windows[number].start_ns <= when <= windows[number].end_ns:
                most = max(most, at_peak)
                if point.max_live_bytes >= peak:
                    least = at_peak
            lowest = max(lowest, point.max_live_bytes - most * share)
            highest = max(highest, point.max_live_bytes - least * share)
        sure = max(peak - highest, 0.0)
        likely = max(peak - lowest, 0.0)
        # That another moment of the same window is as high without these lines is possible, and
        # was not seen in any program measured so far.
        low = min(max(sure, HIDDEN_SHARE * likely), (1 - ALSO_CHANGED_SHARE) * likely)
        return Interval(low, likely, (1 + ALSO_CHANGED_SHARE) * likely)

    def statement(self, frame: CodeFrame) -> Statement | None:
        return self.sources.statement(frame)

    def stack(self, node: int) -> tuple[CodeFrame, ...]:
        return self.measures.stacks.tables.stack(node)

    def own_frames(self, node: int) -> list[tuple[int, CodeFrame]]:
        """The nodes and frames of own code on a stack, innermost first."""
        stacks = self.measures.stacks
        parents = stacks.tables.nodes.parent
        found = []
        while node:
            if stacks.origin(node) is Origin.OWN:
                found.append((node, stacks.frame(node)))
            node = parents[node]
        return found

    def own_at_peak(self, line: Line) -> list[CodeFrame]:
        """The own frames, innermost first, of the stack that holds most of a line at the peak."""
        row = max(line.rows, key=self.capture.totals.peak_bytes.__getitem__)
        return [frame for _, frame in self.own_frames(self.measures.row_stacks[row])]

    def heaviest_stack(self, rows: Iterable[int], by: Sequence[float]) -> tuple[CodeFrame, ...]:
        rows = list(rows)
        if not rows:
            return ()
        return self.stack(self.measures.row_stacks[max(rows, key=by.__getitem__)])

    def large(self, rows: Iterable[int], least_bytes: int) -> list[int]:
        """Of these rows those whose requests have at least this many bytes."""
        classes = self.capture.tables.rows.size_class
        return [row for row in rows if size_range(classes[row]).from_bytes >= least_bytes]

    def small(self, rows: Iterable[int]) -> list[int]:
        """Of these rows those that pymalloc serves."""
        classes, domains = self.capture.tables.rows.size_class, self.capture.tables.rows.domain
        return [row for row in rows if 0 < classes[row] <= PYMALLOC_CLASSES and domains[row]]

    def sizes(self, rows: Iterable[int]) -> dict[int, list[int]]:
        """Rows by size class."""
        classes = self.capture.tables.rows.size_class
        found: dict[int, list[int]] = {}
        for row in rows:
            found.setdefault(classes[row], []).append(row)
        return found


def _first_ones_too(counts: Mapping[int, float]) -> float:
    """How many instances there are among a place's blocks, which are counted by their size class.

    Those of the size that most have, and the first ones: from 3.13 on each of a class's first 30
    instances has room for one attribute fewer than the one before, so that two are of each size.
    """
    usual = max(counts, key=lambda size: counts[size])
    whole = counts[usual]
    for step in (1, -1):
        size = usual + step
        while 0 < counts.get(size, 0.0) <= FIRST_OF_EACH_SIZE:
            whole += counts[size]
            size += step
    return whole
