"""How large the requests are, and what rounding them up to pymalloc's classes costs."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest

from memscope.analysis.measures import Measures
from memscope.analysis.stacks import Stacks
from memscope.capture import Capture
from memscope.capture.columns import gathered, numbered, sums_by, sums_of_keys
from memscope.capture.format import (
    IS_POOLED,
    LARGEST_SIZE_CLASS,
    PYMALLOC_CLASSES,
    PYMALLOC_STEP_BYTES,
    SizeRange,
    size_range,
)
from memscope.capture.model import NO_PYTHON_FRAME, CodeFrame
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class SizeClass:
    """The requests of one size class, whole blocks and bytes; estimates in a sampled capture."""

    requests: SizeRange
    allocations: int
    requested_bytes: int
    live_blocks: int
    live_bytes: int
    peak_blocks: int
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class PymallocClass(SizeClass):
    """Requests that pymalloc serves with blocks of `class_bytes`."""

    @property
    def class_bytes(self) -> int:
        return self.requests.to_bytes

    @property
    def rounding_bytes(self) -> int:
        return self.class_bytes * self.allocations - self.requested_bytes

    @property
    def peak_rounding_bytes(self) -> int:
        return self.class_bytes * self.peak_blocks - self.peak_bytes


@dataclass(frozen=True, slots=True)
class SiteSizes:
    """The sizes that one line requests."""

    site: CodeFrame
    classes: tuple[PymallocClass, ...]
    small_raw: tuple[SizeClass, ...]
    large: tuple[SizeClass, ...]

    @property
    def rounding_bytes(self) -> int:
        return sum(item.rounding_bytes for item in self.classes)

    @property
    def requested_bytes(self) -> int:
        everything = (*self.classes, *self.small_raw, *self.large)
        return sum(item.requested_bytes for item in everything)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Requests by size.

    `classes` are small requests of the mem and obj domains, which pymalloc rounds up (if it is the
    allocator: `pymalloc`). `small_raw` are small requests that go to the C library, whose rounding
    is not modelled: those of the raw domain, and requests of no bytes. `large` is the rest.
    """

    allocator: str
    pymalloc: bool
    classes: tuple[PymallocClass, ...]
    small_raw: tuple[SizeClass, ...]
    large: tuple[SizeClass, ...]
    sites: tuple[SiteSizes, ...]

    @property
    def allocations(self) -> int:
        return sum(item.allocations for item in (*self.classes, *self.small_raw, *self.large))

    @property
    def rounding_bytes(self) -> int:
        return sum(item.rounding_bytes for item in self.classes)

    @property
    def peak_rounding_bytes(self) -> int:
        return sum(item.peak_rounding_bytes for item in self.classes)

    @property
    def small_requested_bytes(self) -> int:
        return sum(item.requested_bytes for item in self.classes)


def serves_small_requests(allocator: str) -> bool:
    """Whether pymalloc was at work (its debug variant is pymalloc with guards around blocks)."""
    return allocator in ("pymalloc", "pymalloc_debug")


def size_histogram(capture: Capture) -> list[float]:
    """Allocations per pymalloc class, the last entry being all larger requests; for sparklines."""
    sizes = capture.tables.rows.size_class
    counts = sums_by(sizes, capture.totals.allocations, LARGEST_SIZE_CLASS + 1)
    smallest, *small = counts[: PYMALLOC_CLASSES + 1]
    small[0] += smallest
    return [*small, sum(counts[PYMALLOC_CLASSES + 1 :])]


def find_sizes(measures: Measures, *, by_site: bool = False, limit: int = 20) -> Sizes:
    """Sizes over the whole run; with `by_site` also those of the `limit` lines that ask for most.

    The lines that lose most to rounding come first, then those that ask for most (0: all).
    """
    capture = measures.capture
    everything = _counter(capture, None)[None]
    sites: tuple[SiteSizes, ...] = ()
    if by_site:
        sites = _by_site(capture, limit, measures.stacks)
    classes, small_raw, large = _sorted_out(everything)
    allocator = capture.meta.allocator
    return Sizes(allocator, serves_small_requests(allocator), classes, small_raw, large, sites)


_Key = tuple[bool, int]  # of a domain of pymalloc's, size class
_Sums = dict[_Key, list[float]]


def _counter(capture: Capture, sites: _Sites | None) -> dict[CodeFrame | None, _Sums]:
    """Six sums per key: allocations, requested, live blocks and bytes, peak blocks and bytes."""
    rows, totals = capture.tables.rows, capture.totals
    found: dict[CodeFrame | None, _Sums] = {None: {}} if sites is None else {}
    columns = (
        totals.allocations,
        totals.allocated_bytes,
        totals.live_blocks,
        totals.live_bytes,
        totals.peak_blocks,
        totals.peak_bytes,
    )
    lines: Sequence[int] = bytes(len(rows.stack)) if sites is None else sites.of_row
    keys = lines, rows.domain, rows.size_class
    for (line, domain, size_class), *sums in sums_of_keys(keys, *columns):
        of_site = found.setdefault(None if sites is None else sites.frames[line], {})
        item = of_site.setdefault((IS_POOLED[domain], size_class), [0, 0, 0, 0, 0, 0])
        for place, value in enumerate(sums):
            item[place] += value
    return found


@dataclass(frozen=True, slots=True)
class _Sites:
    """The frame of each row's leaf, and for each row its place among them."""

    of_row: Sequence[int]
    frames: Sequence[CodeFrame]


def _by_site(capture: Capture, limit: int, stacks: Stacks) -> tuple[SiteSizes, ...]:
    nodes, row_stacks = stacks.tables.nodes, capture.tables.rows.stack
    of_row, first = numbered(gathered(nodes.code, row_stacks), gathered(nodes.line, row_stacks))
    sites = _Sites(of_row, [stacks.frame(row_stacks[row]) for row in first])
    found = []
    for site, sums in _counter(capture, sites).items():
        classes, small_raw, large = _sorted_out(sums)
        found.append(SiteSizes(site or NO_PYTHON_FRAME, classes, small_raw, large))
    count = limit if limit > 0 else len(found)
    return tuple(nlargest(count, found, key=lambda s: (s.rounding_bytes, s.requested_bytes)))


def _sorted_out(
    sums: _Sums,
) -> tuple[tuple[PymallocClass, ...], tuple[SizeClass, ...], tuple[SizeClass, ...]]:
    classes: list[PymallocClass] = []
    small_raw: list[SizeClass] = []
    large: dict[int, list[float]] = {}
    for (pooled, number), counters in sorted(sums.items()):
        if number > PYMALLOC_CLASSES:
            merged = large.setdefault(number, [0] * len(counters))
            large[number] = [a + b for a, b in zip(merged, counters, strict=True)]
        elif number == 0 or not pooled:
            small_raw.append(SizeClass(size_range(number), *map(round, counters)))
        else:
            classes.append(PymallocClass(size_range(number), *map(round, counters)))
    assert all(item.class_bytes % PYMALLOC_STEP_BYTES == 0 for item in classes)
    return (
        tuple(classes),
        tuple(small_raw),
        tuple(SizeClass(size_range(n), *map(round, t)) for n, t in sorted(large.items())),
    )
