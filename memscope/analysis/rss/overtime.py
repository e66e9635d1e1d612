"""The parts of resident memory at every look, by origin: what the bridge tells in full of two.

sums of a look              where resident bytes lay
windows up to the look      whose the live blocks were
───────────────────────
bytes of each origin        as `bridge` has them, without names
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from memscope.analysis.measures import Measures
from memscope.analysis.rss.parts import PartOrigin, ResidentPart, summing_to
from memscope.analysis.sizeclasses import serves_small_requests
from memscope.capture.columns import (
    chosen,
    difference,
    flags,
    gathered,
    nothing,
    only_where,
    sums_by,
)
from memscope.capture.format import (
    DOMAINS,
    IS_POOLED,
    LARGEST_SIZE_CLASS,
    PYMALLOC_CLASSES,
    PYMALLOC_STEP_BYTES,
)
from memscope.capture.model import LookSums, Window
from memscope.plain import dataclass

# What live blocks are told apart by: how they lie in resident memory, and whose they are.
_SMALL, _SMALL_PARKED, _LARGE, _LARGE_PARKED, _NATIVE, _MAPPED = range(6)


@dataclass(frozen=True, slots=True)
class ResidentMoment:
    """What was resident at one look: the origins sum up to `resident_bytes`."""

    time_ns: int
    resident_bytes: int
    origins: dict[PartOrigin, int]


def resident_over_time(measures: Measures) -> tuple[ResidentMoment, ...]:
    """The looks of a recording in order; empty in captures that tell of two looks alone."""
    looks = measures.capture.look_sums
    if not looks:
        return ()
    running = _Live(measures)
    found = []
    windows = iter(measures.each_window())
    window = next(windows, None)
    for sums in looks:
        while window is not None and window.end_ns <= sums.time_ns:
            running.add(window)
            window = next(windows, None)
        parts = _parts(measures, sums, running)
        found.append(ResidentMoment(sums.time_ns, sums.resident_bytes, parts))
    return tuple(found)


class _Live:
    """Live blocks by group, brought up to date window by window."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self.live_bytes = [0.0] * 6
        self.taken_bytes = 0.0  # by small blocks, rounded up to their size class

    def add(self, window: Window) -> None:
        came = difference(window.allocated_bytes, window.released_bytes)
        for group, amount in enumerate(sums_by(gathered(self._groups, window.row), came, 6)):
            self.live_bytes[group] += amount
        blocks = difference(window.allocations, window.released)
        classes = gathered(self._small_classes, window.row)
        for number, count in enumerate(sums_by(classes, blocks, PYMALLOC_CLASSES + 1)):
            if number:
                self.taken_bytes += count * number * PYMALLOC_STEP_BYTES

    @cached_property
    def _is_small(self) -> Sequence[int]:
        capture = self._measures.capture
        rows = capture.tables.rows
        if not serves_small_requests(capture.meta.allocator):
            return nothing(len(rows.stack))
        small = flags(number <= PYMALLOC_CLASSES for number in range(LARGEST_SIZE_CLASS + 1))
        return only_where(gathered(small, rows.size_class), gathered(bytes(IS_POOLED), rows.domain))

    @cached_property
    def _small_classes(self) -> Sequence[int]:
        """By row id, the size class of small blocks; 0 of all others."""
        classes = self._measures.capture.tables.rows.size_class
        return b"\0" + bytes(only_where(classes, self._is_small))

    @cached_property
    def _groups(self) -> Sequence[int]:
        """By row id."""
        of_domains = {"native": _NATIVE, "mapped": _MAPPED}
        by_domain = bytes(of_domains.get(name, 0) for name in DOMAINS)
        elsewhere = gathered(by_domain, self._measures.capture.tables.rows.domain)
        count = len(elsewhere)
        small, large = (
            chosen(
                self._measures.parked,
                bytes([group + _SMALL_PARKED]) * count,
                bytes([group]) * count,
            )
            for group in (_SMALL, _LARGE)
        )
        return b"\0" + bytes(chosen(elsewhere, elsewhere, chosen(self._is_small, small, large)))


def _parts(measures: Measures, sums: LookSums, live: _Live) -> dict[PartOrigin, int]:
    """The same reckoning as the bridge's, group by group instead of row by row."""
    parts = [
        *_in_arenas(sums, live),
        *_outside(measures, sums, live),
        _part("code", sums.libraries),
        _part("mapping", sums.files + sums.shared),
        _part("stacks", sums.stacks),
        _part("memscope", sums.own),
    ]
    found: dict[PartOrigin, int] = {}
    for part in summing_to(sums.resident_bytes, parts):
        found[part.origin] = found.get(part.origin, 0) + part.size_bytes
    return found


def _part(origin: PartOrigin, size_bytes: float) -> ResidentPart:
    whole = max(round(size_bytes), 0)
    return ResidentPart(origin, "", whole, whole)


def _in_arenas(sums: LookSums, live: _Live) -> Iterator[ResidentPart]:
    taken = max(live.taken_bytes, 0)
    factor = min(sums.room / taken, 1.0) if taken > 0 else 1.0
    told = round(taken * factor)
    left = max(sums.room - told, 0)
    before = min(max(sums.arena_blocks - told, 0), left, sums.older_blocks)
    objects = max(live.live_bytes[_SMALL] * factor, 0)
    yield _part("objects", objects + before)
    yield _part("pymalloc free", sums.arenas - objects - before)


def _outside(measures: Measures, sums: LookSums, live: _Live) -> Iterator[ResidentPart]:
    """Blocks that the C library serves, what libraries have mapped, and what is left."""
    python = live.live_bytes[_LARGE] - sums.untouched_python
    parked = live.live_bytes[_LARGE_PARKED]
    native = live.live_bytes[_NATIVE] - sums.untouched_native
    mapped = live.live_bytes[_MAPPED] - sums.untouched_mapped
    told = python + parked + native + mapped
    factor = min(sums.outside / told, 1.0) if told > 0 else 1.0
    yield _part("objects", python * factor)
    yield _part("native", native * factor)
    yield _part("mapping", mapped * factor)
    yield _part("libc free", parked * factor + sums.around)
    rest = _Rest(sums)
    rest.take(round(told * factor - sums.blocks))
    yield _part("memscope", rest.take_mapped(sums.own_tables))
    yield from _heaps(measures, sums, rest)
    yield _part("unexplained", rest.small + rest.large)


class _Rest:
    """What nobody is known to have; smaller mappings are taken from first, as in `leftover`."""

    def __init__(self, sums: LookSums) -> None:
        self.heaps, self.small, self.large = sums.heap_rest, sums.small_rest, sums.large_rest

    def take(self, amount: int) -> None:
        taken = min(amount, self.heaps)
        self.heaps -= taken
        self.take_mapped(amount - taken)

    def take_mapped(self, amount: int) -> int:
        from_small = min(max(amount, 0), self.small)
        from_large = min(max(amount, 0) - from_small, self.large)
        self.small -= from_small
        self.large -= from_large
        return from_small + from_large


def _heaps(measures: Measures, sums: LookSums, rest: _Rest) -> Iterator[ResidentPart]:
    capture = measures.capture
    end = capture.end
    if end is None:
        yield _part("unexplained", rest.heaps)
        return
    small = end.native_small
    used = rest.heaps
    before = min(end.libc_before.used_bytes, used)
    if sums.final and end.libc_end.heap_bytes:
        used = min(max(end.libc_end.used_bytes - sums.heap_blocks, 0), used)
    elif end.native == "seen" and small is None:
        used = before
    before = min(before, used)
    unknown = used - before
    mapped_before = min(end.libc_before.mapped_bytes, rest.small)
    rest.small -= mapped_before
    yield _part("native", before + mapped_before)
    yield _part("libc free", rest.heaps - used)
    if small is not None and sums.final:
        counted = min(small.chunk_bytes, unknown)
        yield _part("native", counted)
        unknown -= counted
    yield _part("unexplained", unknown)
