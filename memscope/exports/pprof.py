"""pprof's protocol buffers (google/pprof, proto/profile.proto), as Go writes heap profiles."""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.analysis.sizeclasses import serves_small_requests
from memscope.analysis.types import type_name
from memscope.capture import Capture, columns
from memscope.capture.format import IS_POOLED, PYMALLOC_CLASSES, size_range
from memscope.errors import one_line
from memscope.exports.figures import Figure, row_figures, whole_column
from memscope.exports.frametable import MOST_FRAMES, FrameTable
from memscope.exports.provenance import EXPORTER, remarks, title
from memscope.exports.wire import number, piece
from memscope.plain import dataclass

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
# Of a large capture. A frame is two bytes or three before they are packed, and goes out at once.
_MOST_FRAMES_A_BYTE = 8
_PIECE_BYTES = 1 << 18
_LARGEST = (1 << 63) - 1


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


@dataclass(frozen=True, slots=True)
class _Rows:
    """Columns: what tells rows apart, and a column of figures for each of SAMPLE_TYPES."""

    stack: Sequence[int]
    domain: Sequence[int]
    size_class: Sequence[int]
    type: Sequence[int]
    figures: Sequence[Sequence[int]]


def _rows_given(rows: Mapping[RowKey, Sequence[int]]) -> _Rows:
    keys = list(rows)
    figures = [
        array("q", [max(-_LARGEST, min(value, _LARGEST)) for value in column])
        for column in zip(*rows.values(), strict=True)
    ]
    stack, domain, size_class, of = (array("I", [key[place] for key in keys]) for place in range(4))
    return _Rows(stack, domain, size_class, of, figures)


def _block_sizes(rows: _Rows, *, pymalloc: bool) -> Sequence[int]:
    """Of each row what its blocks are said to have: of small ones the most, of others the mean."""
    most = [0] * 256
    if pymalloc:
        most[1 : PYMALLOC_CLASSES + 1] = [
            size_range(size_class).to_bytes for size_class in range(1, PYMALLOC_CLASSES + 1)
        ]
    pooled = columns.gathered(columns.flags(IS_POOLED), rows.domain)
    found = columns.as_type(
        "q", columns.only_where(columns.gathered(array("q", most), rows.size_class), pooled)
    )
    if rows.figures:
        allocations, allocated_bytes, *_ = rows.figures
        for row, size in enumerate(found):
            if not size and allocations[row] > 0:
                mean = allocated_bytes[row] // allocations[row]
                found[row] = max(0, min(mean, _LARGEST))  # a hostile capture's may be any
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
        rows = self._rows()
        most = max(MOST_FRAMES, _MOST_FRAMES_A_BYTE * self.capture.size_bytes)
        self.frames.check_length(rows.stack, most)
        domains = [self._text_label("domain", domain) for domain in self.capture.meta.domains]
        threads, thread_of = self._thread_labels()
        types = [
            self._text_label("type", one_line(type_name(of))) for of in self.capture.tables.types
        ]
        types[0] = b""  # what has no type has no label
        unit = self.strings("bytes")
        sizes = _block_sizes(rows, pymalloc=serves_small_requests(self.capture.meta.allocator))
        size_of, first = columns.numbered(sizes)
        blocks = [
            piece(3, number(1, unit) + number(3, sizes[row]) + number(4, unit)) for row in first
        ]
        frames = self.frames
        return columns.samples(
            (
                columns.number(frames.parent),
                columns.number(frames.number_of),
                columns.number(rows.stack),
            ),
            map(columns.number, rows.figures),
            (
                columns.one_of(threads, columns.gathered(thread_of, rows.stack)),
                columns.one_of(domains, rows.domain),
                columns.one_of(types, rows.type),
                columns.one_of(blocks, size_of),
            ),
            len(rows.stack),
        )

    def _rows(self) -> _Rows:
        if self.given is not None:
            return _rows_given(self.given)
        rows = self.capture.tables.rows
        figures = [row_figures(self.measures, figure) for _, _, figure in SAMPLE_TYPES]
        whole = [whole_column(column) for column in figures]
        return _Rows(rows.stack, rows.domain, rows.size_class, rows.type, whole)

    def _text_label(self, key: str, value: str) -> bytes:
        return piece(3, number(1, self.strings(key)) + number(2, self.strings(value)))

    def _thread_labels(self) -> tuple[list[bytes], Sequence[int]]:
        """The labels of all threads, and which of them is each node's."""
        nodes, threads = self.capture.tables.nodes, self.capture.tables.threads
        labels = [self._text_label("thread", "unknown")]
        for thread in threads:
            name = "further threads" if thread.is_shared else one_line(thread.name)
            labels.append(self._text_label("thread", name or f"thread {thread.native_id}"))
        found = array("I")
        for node, parent in enumerate(nodes.parent):
            if parent:
                found.append(found[parent])
            else:
                root = nodes.line[node] if not nodes.code[node] else 0
                found.append(root if root < len(labels) else 0)
        return labels, found

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
