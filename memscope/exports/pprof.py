"""pprof's protocol buffers (google/pprof, proto/profile.proto), as Go writes heap profiles."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.analysis.sizeclasses import serves_small_requests
from memscope.analysis.types import type_name
from memscope.capture import Capture
from memscope.capture.format import IS_POOLED, PYMALLOC_CLASSES, size_range
from memscope.errors import one_line
from memscope.exports.figures import Figure, row_figures
from memscope.exports.frametable import MOST_FRAMES, FrameTable
from memscope.exports.provenance import EXPORTER, remarks, title
from memscope.exports.wire import number, numbers, piece, varint

# Go's four in Go's order, then two that Go does not have.
SAMPLE_TYPES: tuple[tuple[str, str, Figure], ...] = (
    ("alloc_objects", "count", "allocations"),
    ("alloc_space", "bytes", "allocated_bytes"),
    ("inuse_objects", "count", "live_blocks"),
    ("inuse_space", "bytes", "live_bytes"),
    ("peak_objects", "count", "peak_blocks"),
    ("peak_space", "bytes", "peak_bytes"),
)
DEFAULT_SAMPLE_TYPE = "inuse_space"
_MOST_REMEMBERED_BYTES = 1 << 24
_REMEMBERED_CALLERS = 8
# Of a large capture. A frame is two bytes or three before they are packed, and goes out at once.
_MOST_FRAMES_A_BYTE = 8
_PIECE_BYTES = 1 << 18


class Pprof:
    name = "pprof"
    suffix = ".pb.gz"
    is_text = False
    description = "go tool pprof, Pyroscope, Parca, speedscope, Perfetto"
    bys: tuple[By, ...] = ()

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        write_profile(Profile(capture), stream)
        return ()


def write_profile(profile: Profile, stream: BinaryIO) -> None:
    """Write it packed. No name and no time in the header: the same capture gives the same bytes."""
    with gzip.GzipFile("", "wb", 6, stream, mtime=0) as packed:
        waiting, waiting_bytes = [], 0
        for part in profile.parts():
            waiting.append(part)
            waiting_bytes += len(part)
            if waiting_bytes > _PIECE_BYTES:
                packed.write(b"".join(waiting))
                waiting, waiting_bytes = [], 0
        packed.write(b"".join(waiting))


# Stack, domain, size class and type of a row, then its figures in the order of SAMPLE_TYPES.
RowKey = tuple[int, int, int, int]


def figures_by_row(measures: Measures) -> Iterator[tuple[RowKey, Sequence[int]]]:
    """All rows of a capture, in order."""
    rows = measures.capture.tables.rows
    columns = [row_figures(measures, figure) for _, _, figure in SAMPLE_TYPES]
    keys = zip(rows.stack, rows.domain, rows.size_class, rows.type, strict=True)
    return zip(keys, zip(*columns, strict=True), strict=True)


class _Strings:
    """The string table; number 0 is the empty string."""

    def __init__(self) -> None:
        self.numbers = {"": 0}

    def __call__(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))

    def parts(self) -> Iterator[bytes]:
        for text in self.numbers:
            yield piece(6, text.encode("utf-8", "backslashreplace"))


class _Locations:
    """The packed locations of stacks; what a stack's callers are packed to is remembered."""

    def __init__(self, frames: FrameTable, ids: list[bytes]) -> None:
        self._frames = frames
        self._ids = ids
        self._packed: dict[int, bytes] = {0: b""}
        self._packed_bytes = 0
        self._last = -1, b""

    def of(self, stack: int) -> bytes:
        if stack != self._last[0]:
            self._last = stack, piece(1, self._of(stack) or self._ids[0])
        return self._last[1]

    def _of(self, stack: int) -> bytes:
        if self._packed_bytes > _MOST_REMEMBERED_BYTES:
            self._packed = {0: b""}
            self._packed_bytes = 0
        parent, number_of = self._frames.parent, self._frames.number_of
        path = []
        while stack not in self._packed:
            path.append(stack)
            stack = parent[stack]
        # Of a deep recursion each caller would be remembered whole.
        near, far = path[:_REMEMBERED_CALLERS], path[_REMEMBERED_CALLERS:]
        found = b"".join([self._ids[number_of[node]] for node in far if number_of[node]])
        found += self._packed[stack]
        for node in reversed(near):
            if number_of[node]:
                found = self._ids[number_of[node]] + found
            self._packed[node] = found
            self._packed_bytes += len(found)
        return found


class Profile:
    """A capture as a profile: `default` is the sample type that viewers show first.

    `rows`: figures that take the place of the capture's own, with stacks of the capture.
    """

    def __init__(
        self,
        capture: Capture,
        default: str = DEFAULT_SAMPLE_TYPE,
        rows: Mapping[RowKey, Sequence[int]] | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.capture = capture
        self.default = default
        self.given = rows
        self.notes = notes
        self.measures = Measures(capture)
        self.frames = FrameTable(self.measures.stacks)
        self.strings = _Strings()

    def parts(self) -> Iterator[bytes]:
        """The message Profile, field by field; the strings last, when all are known."""
        strings, meta = self.strings, self.capture.meta
        for kind, unit, _ in SAMPLE_TYPES:
            yield piece(1, self._value_type(kind, unit))
        yield from self._samples()
        yield from self._locations()
        for remark in (f"{EXPORTER}: {title(self.capture)}", *remarks(self.capture)):
            yield number(13, strings(remark))
        for note in self.notes:
            yield number(13, strings(one_line(note)))
        yield number(14, strings(self.default))
        yield number(9, int(meta.started * 1e9))
        yield number(10, self.capture.duration_ns)
        yield piece(11, self._value_type("space", "bytes"))
        yield number(12, meta.sample_bytes if meta.sampled else 1)
        yield from strings.parts()

    def _value_type(self, kind: str, unit: str) -> bytes:
        return number(1, self.strings(kind)) + number(2, self.strings(unit))

    def _samples(self) -> Iterator[bytes]:
        """A sample for each row of the capture."""
        tables = self.capture.tables
        rows = tables.rows
        most = max(MOST_FRAMES, _MOST_FRAMES_A_BYTE * self.capture.size_bytes)
        self.frames.check_length(rows.stack, most)
        # Location ids count from 1.
        ids = [varint(frame + 1) for frame in range(len(self.frames))]
        domains = [self._text_label("domain", domain) for domain in self.capture.meta.domains]
        threads = self._thread_labels()
        types = [self._text_label("type", one_line(type_name(of))) for of in tables.types]
        types[0] = b""  # what has no type has no label
        block_bytes = unit = self.strings("bytes")
        pymalloc = serves_small_requests(self.capture.meta.allocator)

        @lru_cache(1 << 16)
        def label_of(size: int) -> bytes:
            return piece(3, number(1, block_bytes) + number(3, size) + number(4, unit))

        locations = _Locations(self.frames, ids)
        for (stack, domain, size_class, of), values in self._rows():
            if not any(values):
                continue
            if pymalloc and IS_POOLED[domain] and 0 < size_class <= PYMALLOC_CLASSES:
                size = size_range(size_class).to_bytes
            else:
                size = max(values[1] // values[0], 0) if values[0] > 0 else 0
            yield piece(
                2,
                locations.of(stack)
                + numbers(2, values)
                + threads[stack]
                + domains[domain]
                + types[of]
                + label_of(size),
            )

    def _rows(self) -> Iterable[tuple[RowKey, Sequence[int]]]:
        if self.given is not None:
            return self.given.items()
        return figures_by_row(self.measures)

    def _text_label(self, key: str, value: str) -> bytes:
        return piece(3, number(1, self.strings(key)) + number(2, self.strings(value)))

    def _thread_labels(self) -> list[bytes]:
        """The label of every node's thread."""
        nodes, threads = self.capture.tables.nodes, self.capture.tables.threads
        labels = [self._text_label("thread", "unknown")]
        for thread in threads:
            name = "further threads" if thread.is_shared else one_line(thread.name)
            labels.append(self._text_label("thread", name or f"thread {thread.native_id}"))
        found: list[bytes] = []
        for node, parent in enumerate(nodes.parent):
            if parent:
                found.append(found[parent])
            else:
                root = nodes.line[node] if not nodes.code[node] else 0
                found.append(labels[root] if root < len(labels) else labels[0])
        return found

    def _locations(self) -> Iterator[bytes]:
        """A location for each frame, and a function for each that the frames are in."""
        strings, functions = self.strings, dict[tuple[str, str, int], int]()
        for frame in range(len(self.frames)):
            function, file, line = self.frames.frame(frame)
            key = function, file, self.frames.first_line(frame)
            if key not in functions:
                functions[key] = len(functions) + 1
                # Without a system name: pprof takes one like <module> for a template of C++, and
                # shortens it to nothing.
                yield piece(
                    5,
                    number(1, functions[key])
                    + number(2, strings(function))
                    + number(4, strings(file))
                    + number(5, key[2]),
                )
            at = number(1, functions[key]) + number(2, line)
            yield piece(4, number(1, frame + 1) + piece(4, at))


exporter = Pprof()
