"""Putting the tables of captures behind one another, under new ids."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

from memscope.analysis.origins import Origins
from memscope.capture import Capture
from memscope.capture.columns import as_type, gathered
from memscope.capture.description import Meta
from memscope.capture.format import MAX_NODES, MAX_ROWS, SAMPLED_UNIT, TYPE_KINDS, FrameKind
from memscope.capture.model import TOTALS_COLUMNS, BlockType, Tables, Thread
from memscope.capture.writing import FrameWriter
from memscope.errors import MemscopeError
from memscope.merging.places import FilePlaces


def stored(values: Sequence[float], unit: int) -> Sequence[int]:
    """Counters as a file has them: whole numbers, or 256ths of a sampled capture."""
    if unit == 1 and not (isinstance(values, array) and values.typecode == "d"):
        return values  # type: ignore[return-value]
    return [round(value * unit) for value in values]


class MergedTables:
    """Writes each capture's tables and counters; names that they share are written once.

    Stacks stay apart by thread, so each process can be told; analyses take equal stacks together.
    """

    def __init__(self, frames: FrameWriter, *, sampled: bool) -> None:
        self._frames = frames
        self._unit = SAMPLED_UNIT if sampled else 1
        self._strings: dict[str, int] = {"": 0}
        self._codes: dict[tuple[str, str, int], int] = {}
        self._types: dict[tuple[BlockType, int], int] = {}
        self._places = FilePlaces()
        self._nodes = self._threads = self._rows = 0

    def add(self, capture: Capture, process: str) -> int:
        """Everything of a capture that belongs to rows and stacks; how many rows were before."""
        tables = capture.tables
        first_row, first_node = self._rows, self._nodes
        codes = self._add_codes(tables, capture.meta)
        types = self._add_types(tables.types)
        self._add_nodes(tables, codes)
        self._add_threads(tables.threads, process)
        self._add_rows(tables, first_node, types)
        self._frames.table(FrameKind.TOTALS, self._totals(capture))
        self._add_lifetimes(capture, first_row)
        self._add_growth(capture, first_node)
        self._add_cohorts(capture, first_row)
        return first_row

    def _names(self, names: Iterable[str]) -> None:
        """Writes those that were not written yet."""
        fresh = [name for name in dict.fromkeys(names) if name not in self._strings]
        for name in fresh:
            self._strings[name] = len(self._strings)
        self._frames.strings(fresh)

    def _add_codes(self, tables: Tables, meta: Meta) -> array[int]:
        """For each code of the capture its id in the merged one."""
        places = self._places.of_capture(meta, Origins(meta, tables))
        codes = tables.codes
        paths = {file: places.path(file) for file in dict.fromkeys(codes.file)}
        keys = [
            (paths[file], function, line)
            for file, function, line in zip(
                codes.file, codes.function, codes.first_line, strict=True
            )
        ][1:]
        fresh = [key for key in dict.fromkeys(keys) if key not in self._codes]
        self._names(name for file, function, _ in fresh for name in (file, function))
        for key in fresh:
            self._codes[key] = len(self._codes) + 1
        names = self._strings
        told = [(names[file], names[function], line) for file, function, line in fresh]
        if told:
            self._frames.table(FrameKind.CODES, list(zip(*told, strict=True)))
        return array("I", [0, *(self._codes[key] for key in keys)])

    def _add_types(self, types: Sequence[BlockType]) -> array[int]:
        """The same of types. Two classes of one name stay two: the first is the first's."""
        seen: Counter[BlockType] = Counter()
        keys = []
        for of in types[1:]:
            keys.append((of, seen[of]))
            seen[of] += 1
        fresh = [key for key in keys if key not in self._types]
        self._names(name for of, _ in fresh for name in (of.module, of.name))
        for key in fresh:
            self._types[key] = len(self._types) + 1
        names, kinds = self._strings, TYPE_KINDS
        told = [(names[of.module], names[of.name], kinds.index(of.kind)) for of, _ in fresh]
        if told:
            self._frames.table(FrameKind.TYPES, list(zip(*told, strict=True)))
        return array("I", [0, *(self._types[key] for key in keys)])

    def _add_nodes(self, tables: Tables, codes: array[int]) -> None:
        nodes = tables.nodes
        first, count = self._nodes, len(nodes.parent) - 1
        self._nodes += count
        if self._nodes >= MAX_NODES:
            raise MemscopeError(f"these captures have more than {MAX_NODES:,} stacks together")
        # Its own id stands for no parent; otherwise the distance stays what it was.
        gaps = [
            node - parent if parent else first + node
            for node, parent in enumerate(nodes.parent[1:], 1)
        ]
        # The line of a thread's root is the thread.
        lines = [
            line if code or not line else line + self._threads
            for code, line in zip(nodes.code[1:], nodes.line[1:], strict=True)
        ]
        self._frames.table(FrameKind.NODES, [gaps, gathered(codes, nodes.code)[1:], lines])

    def _add_threads(self, threads: Sequence[Thread], process: str) -> None:
        if not threads:
            return
        names = [f"{thread.name or thread.native_id}, {process}" for thread in threads]
        self._names(names)
        told = [
            (thread.native_id, self._strings[name], thread.is_main | thread.is_shared << 1)
            for thread, name in zip(threads, names, strict=True)
        ]
        self._frames.table(FrameKind.THREADS, list(zip(*told, strict=True)))
        self._threads += len(threads)

    def _add_rows(self, tables: Tables, first_node: int, types: array[int]) -> None:
        rows = tables.rows
        self._rows += len(rows.stack)
        if self._rows > MAX_ROWS:
            raise MemscopeError(f"these captures have more than {MAX_ROWS:,} rows together")
        stacks = [stack + first_node if stack else 0 for stack in rows.stack]
        columns = [stacks, rows.domain, rows.size_class, gathered(types, rows.type)]
        self._frames.table(FrameKind.ROWS, columns)

    def _totals(self, capture: Capture) -> list[Sequence[int]]:
        return [
            stored(capture.totals.passing(name), 1 if name == "longest_chain" else self._unit)
            for name in TOTALS_COLUMNS
        ]

    def _add_lifetimes(self, capture: Capture, first_row: int) -> None:
        for part in capture.lifetime_parts():
            counts = stored(part.count, self._unit)
            rows = _moved(part.row, first_row)
            self._frames.sparse(FrameKind.LIFETIMES, rows, part.scale, part.bucket, counts)

    def _add_growth(self, capture: Capture, first_node: int) -> None:
        found = capture.growth
        if found is not None:
            columns = (
                found.chains, found.links, found.steep_links, found.copied_bytes,
                found.longest_chain, found.largest_bytes,
            )  # fmt: skip
            stacks = [stack + first_node if stack else 0 for stack in found.stack]
            self._frames.table(FrameKind.GROWTH, [stacks, *columns])

    def _add_cohorts(self, capture: Capture, first_row: int) -> None:
        found = capture.cohorts
        if found is not None:
            counts = (stored(each, self._unit) for each in (found.blocks, found.size_bytes))
            rows = _moved(found.row, first_row)
            self._frames.sparse(FrameKind.COHORTS, rows, found.from_ns, found.until_ns, *counts)


def _moved(rows: Sequence[int], first_row: int) -> array[int]:
    return array("I", [row + first_row for row in as_type("I", rows)])
