"""pprof's protocol buffers (google/pprof, proto/profile.proto), as Go writes heap profiles."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.analysis.sizeclasses import serves_small_requests
from memscope.capture import Capture
from memscope.capture.format import DOMAINS, PYMALLOC_CLASSES, size_range
from memscope.errors import one_line
from memscope.exports.figures import Figure, row_figures
from memscope.exports.frametable import FrameTable
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
_RAW = DOMAINS.index("raw")


class Pprof:
    name = "pprof"
    suffix = ".pb.gz"
    is_text = False
    description = "go tool pprof, Pyroscope, Parca, speedscope, Perfetto"
    bys: tuple[By, ...] = ()

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        # No name and no time in the header: the same capture gives the same bytes.
        with gzip.GzipFile("", "wb", 6, stream, mtime=0) as packed:
            for part in _Profile(capture).parts():
                packed.write(part)
        return ()


class _Strings:
    """The string table; number 0 is the empty string."""

    def __init__(self) -> None:
        self.numbers = {"": 0}

    def __call__(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))

    def parts(self) -> Iterator[bytes]:
        for text in self.numbers:
            yield piece(6, text.encode("utf-8", "backslashreplace"))


class _Profile:
    def __init__(self, capture: Capture) -> None:
        self.capture = capture
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
        yield number(14, strings(DEFAULT_SAMPLE_TYPE))
        yield number(9, int(meta.started * 1e9))
        yield number(10, self.capture.duration_ns)
        yield piece(11, self._value_type("space", "bytes"))
        yield number(12, meta.sample_bytes if meta.sampled else 1)
        yield from strings.parts()

    def _value_type(self, kind: str, unit: str) -> bytes:
        return number(1, self.strings(kind)) + number(2, self.strings(unit))

    def _samples(self) -> Iterator[bytes]:
        """A sample for each row of the capture."""
        rows = self.capture.tables.rows
        self.frames.check_length(rows.stack)
        columns = [row_figures(self.measures, figure) for _, _, figure in SAMPLE_TYPES]
        # Location ids count from 1.
        ids = [varint(frame + 1) for frame in range(len(self.frames))]
        domains = [self._text_label("domain", domain) for domain in DOMAINS]
        threads = self._thread_labels()
        block_bytes, unit = self.strings("bytes"), self.strings("bytes")
        pymalloc = serves_small_requests(self.capture.meta.allocator)
        last_stack, locations = -1, b""
        for row, values in enumerate(zip(*columns, strict=True)):
            if not any(values):
                continue
            stack, domain = rows.stack[row], rows.domain[row]
            if stack != last_stack:
                packed = b"".join([ids[frame] for frame in self.frames.stack(stack)])
                last_stack, locations = stack, piece(1, packed)
            size_class = rows.size_class[row]
            if pymalloc and domain != _RAW and 0 < size_class <= PYMALLOC_CLASSES:
                size = size_range(size_class).to_bytes
            else:
                size = values[1] // values[0] if values[0] > 0 else 0
            size_label = number(1, block_bytes) + number(3, size) + number(4, unit)
            yield piece(
                2,
                locations
                + numbers(2, values)
                + threads[stack]
                + domains[domain]
                + piece(3, size_label),
            )

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
