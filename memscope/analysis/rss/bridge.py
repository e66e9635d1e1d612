"""From the kernel's count at one look to parts with names."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property

from memscope.analysis.measures import Measures
from memscope.analysis.nativelibraries import likely_allocators
from memscope.analysis.resident import kernel_peak
from memscope.analysis.rss.earlier import arenas_of_parts, ranges_of_parts
from memscope.analysis.rss.leftover import LARGE_RANGE_BYTES, Left
from memscope.analysis.rss.liveblocks import chosen_by, live_at
from memscope.analysis.rss.parts import (
    AROUND,
    BEFORE,
    CHUNKS,
    FREE_BLOCKS,
    FREE_POOLS,
    HEADERS,
    HEAP_REST,
    NOT_RECORDED,
    PARKED,
    RANGE,
    ROUNDING,
    SEGMENT,
    SMALL_RANGES,
    TABLES,
    At,
    LinePart,
    PartOrigin,
    ResidentPart,
    ResidentParts,
    summing_to,
)
from memscope.analysis.types import type_name
from memscope.capture.columns import (
    added,
    flags,
    gathered,
    inverted,
    numbered,
    only_where,
    sums_by,
    total,
)
from memscope.capture.format import (
    DOMAINS,
    PYMALLOC_CLASSES,
    PYMALLOC_STEP_BYTES,
)
from memscope.capture.model import Look

# Domains whose blocks are no Python object's: they are named by the library that asked.
_ORIGINS: dict[str, PartOrigin] = {"native": "native", "mapped": "mapping"}


class Bridge:
    """The parts of one look, in the making."""

    def __init__(self, measures: Measures, look: Look) -> None:
        self.measures = measures
        self.capture = measures.capture
        self.look = look
        self.whole = bool(look.ranges)
        self.ranges = look.ranges or tuple(ranges_of_parts(look))
        self.arenas = look.arenas or arenas_of_parts(look)
        self.live = live_at(measures, look)
        self.small_factor, self.large_factor = 1.0, 1.0
        self.found: list[ResidentPart] = []

    def parts(self, at: At) -> ResidentParts:
        look, end = self.look, self.capture.end
        self._arenas()
        self._large()
        self._rest()
        self._files()
        moment: At | float = at
        if at == "end" and not look.final and self.whole:
            moment = look.time_ns / 1e9
        libraries = [part for part in look.parts if part.kind == "library"]
        parts = summing_to(look.resident_bytes, self.found)
        hidden = any(part.origin == "unexplained" for part in parts)
        return ResidentParts(
            moment=moment,
            time_ns=look.time_ns,
            resident_bytes=look.resident_bytes,
            most_bytes=kernel_peak(self.capture),
            before_bytes=end.before_resident_bytes if end is not None else 0,
            parts=parts,
            lines=tuple(self._lines()),
            likely=tuple(likely_allocators(libraries)) if hidden else (),
            whole=self.whole,
        )

    def _add(
        self, origin: PartOrigin, name: str, size_bytes: float, reserved: float | None = None
    ) -> None:
        whole = max(round(size_bytes), 0)
        self.found.append(ResidentPart(origin, name, whole, max(round(reserved or 0), whole)))

    def _arenas(self) -> None:
        """Small blocks by type, and the room in arenas that holds none."""
        arenas, live = self.arenas, self.live
        classes = self.capture.tables.rows.size_class
        count = PYMALLOC_CLASSES + 1
        kept = only_where(live.blocks, live.small)
        blocks = sums_by(only_where(classes, live.small), kept, count)
        taken = sum(
            max(number, 0) * max(size_class, 1) * PYMALLOC_STEP_BYTES
            for size_class, number in enumerate(blocks)
        )
        requested = max(total(only_where(live.size_bytes, live.small)), 0)
        all_read = arenas.counted and arenas.read >= arenas.count
        room = arenas.blocks_bytes if all_read else arenas.resident_bytes - arenas.headers_bytes
        # The recorder's counts may be some events behind, or ahead of what it read in the pools.
        self.small_factor = min(room / taken, 1.0) if taken > 0 else 1.0
        told = round(taken * self.small_factor)
        parked = self._blocks_by_type(live.small, self.small_factor)
        self._add("pymalloc free", PARKED, parked)
        self._add("pymalloc free", ROUNDING, told - round(requested * self.small_factor))
        before = min(max(arenas.blocks_bytes - told, 0), max(room - told, 0))
        if not all_read:
            before = min(before, arenas.older_bytes)
        self._add("objects", BEFORE, before)
        self._add("pymalloc free", HEADERS, arenas.headers_bytes)
        # Where all was read, this is what was counted as free; else in the same proportion.
        free = max(arenas.resident_bytes - arenas.headers_bytes - told - before, 0)
        counted = arenas.free_blocks_bytes + arenas.free_pools_bytes
        in_pools = round(free * arenas.free_blocks_bytes / counted) if counted else 0
        self._add("pymalloc free", FREE_BLOCKS, in_pools)
        reserved = max(arenas.size_bytes - arenas.resident_bytes, 0)
        self._add("pymalloc free", FREE_POOLS, free - in_pools, free - in_pools + reserved)

    def _large(self) -> None:
        """Blocks that the C library serves, by type."""
        live = self.live
        large = inverted(live.small)
        told = total(only_where(live.resident_bytes, large))
        room = sum(r.resident_bytes - r.arena_bytes for r in self.ranges)
        self.large_factor = min(room / told, 1.0) if told > 0 else 1.0
        parked = self._blocks_by_type(large, self.large_factor)
        self._add("libc free", PARKED, parked)
        placed = sum(found.block_bytes for found in self.ranges)
        self.misplaced = told * self.large_factor - placed

    def _blocks_by_type(self, chosen: Sequence[int], factor: float) -> float:
        """Adds a part for each type and kind of domain; what lies on free lists is answered."""
        tables, live = self.capture.tables, self.live
        groups, first = numbered(tables.rows.type, self._libraries)
        resident = sums_by(groups, only_where(live.resident_bytes, chosen), len(first))
        reserved = sums_by(groups, only_where(live.size_bytes, chosen), len(first))
        parked = 0.0
        for group, row in enumerate(first):
            if resident[group] <= 0 and reserved[group] <= 0:
                continue
            number = tables.rows.type[row]
            if number in self.measures.parked_types:
                parked += max(resident[group], 0) * factor
                continue
            origin: PartOrigin = "objects"
            name = type_name(tables.types[number])
            if self._libraries[row]:
                origin = _ORIGINS[DOMAINS[tables.rows.domain[row]]]
                frame = self.measures.stacks.frame(tables.rows.stack[row])
                name = frame.file.rpartition("/")[2] or frame.function
            self._add(origin, name, resident[group] * factor, reserved[group])
        return parked

    @cached_property
    def _libraries(self) -> Sequence[int]:
        """For each row of a domain of libraries a number of the one that asked; else 0."""
        tables, stacks = self.capture.tables, self.measures.stacks
        codes = gathered(tables.nodes.code, tables.rows.stack)
        file = gathered(array("I", stacks.same_file), codes)
        domains = flags(name in _ORIGINS for name in DOMAINS)
        counted_from_1 = added(file, b"\1" * len(file))
        return only_where(counted_from_1, gathered(domains, tables.rows.domain))

    # ---- what is left of private memory ----

    def _rest(self) -> None:
        look = self.look
        around = sum(found.around_bytes for found in self.ranges)
        self._add("libc free", AROUND, around)
        heaps = [r for r in self.ranges if r.kind == "heap" or r.of_thread]
        others = [r for r in self.ranges if r.kind == "anonymous" and not r.of_thread]
        left = Left(heaps, others)
        left.take(self.misplaced)
        self._add("memscope", TABLES, left.take_mapped(look.own_bytes))
        self._heaps(left)
        self._mapped(left)

    def _heaps(self, left: Left) -> None:
        """What is in the C library's heaps beside blocks that were recorded."""
        end = self.capture.end
        if end is None:
            self._add("unexplained", HEAP_REST, left.take_heaps())
            return
        before = min(end.libc_before.used_bytes, left.in_heaps)
        known = sum(found.block_bytes + found.around_bytes for found in left.heaps)
        used = left.in_heaps
        small = end.native_small
        all_native = end.native == "seen" and small is None
        if self.look.final and end.libc_end.heap_bytes:
            used = min(max(end.libc_end.used_bytes - known, 0), left.in_heaps)
        elif all_native:
            used = before
        before = min(before, used)
        unknown = used - before
        name = NOT_RECORDED if used < left.in_heaps else HEAP_REST
        free = left.in_heaps - used
        left.take_heaps()
        before += left.take_mapped(end.libc_before.mapped_bytes, of_small_ones=True)
        self._add("native", BEFORE, before)
        self._add("libc free", CHUNKS, free)
        if small is not None and self.look.final:
            counted = min(small.chunk_bytes, unknown)
            self._add("native", f"blocks below {small.least_bytes:,} bytes", counted)
            unknown -= counted
        self._add("unexplained", name, unknown)

    def _mapped(self, left: Left) -> None:
        """Mappings without a file of which nobody is known: large ones of one size together."""
        small, small_mapped = 0, 0
        sizes: dict[int, list[int]] = {}
        for found, amount in left.mapped():
            if amount >= LARGE_RANGE_BYTES:
                sums = sizes.setdefault(found.mapped_bytes, [0, 0])
                sums[0] += amount
                sums[1] += 1
            else:
                small += amount
                small_mapped += found.mapped_bytes - found.arena_bytes - found.block_bytes
        for mapped_bytes, (amount, count) in sizes.items():
            many = f"{count:,} x " if count > 1 else ""
            name = f"{RANGE}, {many}{mapped_bytes / (1 << 20):,.1f} MiB"
            self._add("unexplained", name, amount, mapped_bytes * count)
        self._add("unexplained", SMALL_RANGES, small, small_mapped)

    # ---- what has a name of its own ----

    def _files(self) -> None:
        stacks = sum(found.rest_bytes for found in self.ranges if found.kind == "stack")
        for part in self.look.parts:
            amount, mapped = part.resident_bytes, part.mapped_bytes
            if part.kind == "library":
                self._add("code", part.name, amount, mapped)
            elif part.kind == "file":
                self._add("mapping", part.name, amount, mapped)
            elif part.kind == "shared":
                self._add("mapping", f"shared memory {part.name}".strip(), amount, mapped)
            elif part.kind == "stack":
                self._add("stacks", "", stacks if self.whole else amount, mapped)
            elif part.kind == "memscope":
                self._add("memscope", SEGMENT, amount, mapped)

    def _lines(self) -> Iterator[LinePart]:
        """The parts that are blocks, by line."""
        live, measures = self.live, self.measures
        kept = inverted(measures.parked)
        groups, first = numbered(measures.sites)
        small = sums_by(groups, chosen_by(live.resident_bytes, live.small, kept), len(first))
        large_flags = inverted(live.small)
        large = sums_by(groups, chosen_by(live.resident_bytes, large_flags, kept), len(first))
        reserved = sums_by(groups, only_where(live.size_bytes, kept), len(first))
        lines = []
        for group, row in enumerate(first):
            amount = small[group] * self.small_factor + large[group] * self.large_factor
            if amount > 0 or reserved[group] > 0:
                node = measures.sites[row]
                lines.append(
                    LinePart(
                        measures.stacks.frame(node),
                        measures.stacks.origin(node),
                        max(round(amount), 0),
                        max(round(reserved[group]), round(amount), 0),
                    )
                )
        yield from sorted(lines, key=lambda line: (-line.size_bytes, line.frame))
