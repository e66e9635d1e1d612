"""Perfetto's protocol buffers: memory over time, and where it was allocated, in one trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.analysis.timeline import collecting_spans, memory_over_time
from memscope.capture import Capture
from memscope.capture.columns import (
    Part,
    added,
    difference,
    flags,
    gathered,
    joined,
    mark_at_least,
    members,
    messages,
    nothing,
    only_where,
    places_of,
    same,
    scatter,
    sums_by,
    varint,
    zeros,
)
from memscope.capture.format import DOMAINS
from memscope.errors import MemscopeError
from memscope.exports import wire
from memscope.exports.figures import (
    Figure,
    live_by_domain,
    row_figures,
    stack_figures,
    whole_column,
)
from memscope.exports.frametable import FrameTable
from memscope.exports.provenance import EXPORTER, remarks, title
from memscope.plain import dataclass

# Packets refer to what earlier packets of their own sequence said.
EVENTS_SEQUENCE, HEAP_SEQUENCE = 1, 2
PROCESS_TRACK, COLLECTOR_TRACK, FIRST_COUNTER = 1, 2, 10
PEAK_HEAP, END_HEAP = "live at the peak", "live at the end"
_BATCH = 4096  # frames in a packet
_LARGEST = (1 << 63) - 1


class Perfetto:
    name = "perfetto"
    suffix = ".perfetto-trace"
    is_text = False
    description = "https://ui.perfetto.dev: memory over time and heap profiles (extra: perfetto)"
    bys: tuple[By, ...] = ()

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        try:
            from perfetto.trace_builder.proto_builder import StreamingTraceProtoBuilder
        except ImportError:
            raise MemscopeError(
                "the format perfetto needs a package that is not installed",
                None,
                "pip install 'memscope-profiler[perfetto]'",
            ) from None
        builder = StreamingTraceProtoBuilder(stream)
        trace = _Trace(capture, builder.create_packet)
        for packet in trace.packets():
            builder.write_packet(packet)
        return ()


class _Trace:
    """Makes the packets; times are those of the recording, which began at 0."""

    def __init__(self, capture: Capture, create_packet: Any) -> None:
        self.capture = capture
        self.create_packet = create_packet
        self.pid = min(capture.meta.pid, (1 << 31) - 1)
        self.counters: dict[str, int] = {}

    def packets(self) -> Iterator[Any]:
        yield self._clocks()
        yield self._process()
        yield from self._over_time()
        yield from self._heaps()

    def _clocks(self) -> Any:
        """Without it trace processors drop heap profiles, whose clock is another."""
        packet = self._packet(EVENTS_SEQUENCE, 0)
        kinds = packet.clock_snapshot.Clock.BuiltinClocks
        started_ns = _fit(int(self.capture.meta.started * 1e9))
        for kind in ("BOOTTIME", "MONOTONIC", "MONOTONIC_COARSE", "REALTIME"):
            clock = packet.clock_snapshot.clocks.add()
            clock.clock_id = kinds.Value(kind)
            clock.timestamp = started_ns if kind == "REALTIME" else 0
        packet.sequence_flags = packet.SEQ_INCREMENTAL_STATE_CLEARED
        return packet

    def _process(self) -> Any:
        packet = self._packet(EVENTS_SEQUENCE, 0)
        track = packet.track_descriptor
        track.uuid = PROCESS_TRACK
        track.process.pid = self.pid
        track.process.process_name = _text(title(self.capture))
        track.process.process_labels.extend(map(_text, (EXPORTER, *remarks(self.capture))))
        return packet

    def _over_time(self) -> Iterator[Any]:
        over_time = memory_over_time(self.capture)
        for sample in over_time.samples:
            live = live_by_domain(sample, self.capture.meta.domains)
            values = {f"live {domain}": value for domain, value in live.items()}
            if sample.resident_bytes:
                values["resident"] = sample.resident_bytes - sample.own_bytes
                values["resident, of memscope"] = sample.own_bytes
            for name, value in values.items():
                yield from self._count(name, sample.time_ns, value)
        track = self._packet(EVENTS_SEQUENCE, 0)
        track.track_descriptor.uuid = COLLECTOR_TRACK
        track.track_descriptor.parent_uuid = PROCESS_TRACK
        track.track_descriptor.name = "cyclic collector"
        yield track
        for start_ns, end_ns in collecting_spans(over_time):
            start = self._event(start_ns, "TYPE_SLICE_BEGIN", COLLECTOR_TRACK)
            start.track_event.name = "collecting, at some time in here"
            yield start
            yield self._event(end_ns, "TYPE_SLICE_END", COLLECTOR_TRACK)
        peak = self._event(over_time.peak_time_ns, "TYPE_INSTANT", PROCESS_TRACK)
        peak.track_event.name = "peak"
        note = peak.track_event.debug_annotations.add()
        note.name, note.uint_value = "live_bytes", _fit(round(over_time.peak_bytes))
        yield peak

    def _count(self, name: str, time_ns: int, value: int) -> Iterator[Any]:
        if name not in self.counters:
            self.counters[name] = FIRST_COUNTER + len(self.counters)
            packet = self._packet(EVENTS_SEQUENCE, 0)
            track = packet.track_descriptor
            track.uuid = self.counters[name]
            track.parent_uuid = PROCESS_TRACK
            track.name = name
            track.counter.unit = track.counter.UNIT_SIZE_BYTES
            yield packet
        event = self._event(time_ns, "TYPE_COUNTER", self.counters[name])
        event.track_event.counter_value = _fit(value)
        yield event

    def _heaps(self) -> Iterator[Any]:
        """A heap for each domain at the end of the recording, and one for the peak.

        With objects more may be live at a stack than it asked for, which a heap cannot say: what
        was asked for counts as freed there, and what is live has a heap of its own.
        """
        measures = Measures(self.capture)
        heaps = dict(zip(self.capture.meta.domains, _by_domain(measures), strict=False))
        heaps[PEAK_HEAP] = _live(measures, "peak_bytes", "peak_blocks")
        if self.capture.meta.objects:
            heaps[END_HEAP] = _live(measures, "live_bytes", "live_blocks")
        packets = self._profile_packets(measures, heaps)
        packet = next(packets)
        for index, following in enumerate(packets, 1):
            packet.profile_packet.continued = True
            yield packet
            packet = following
            packet.profile_packet.index = index
        yield packet

    def _profile_packets(self, measures: Measures, heaps: dict[str, _Heap]) -> Iterator[Any]:
        """Frames and stacks before the samples that refer to them, in packets of bounded size."""
        frames = FrameTable(measures.stacks)
        for numbers in _batches(range(len(frames))):
            packet = self._packet(HEAP_SEQUENCE, self.capture.duration_ns)
            if numbers[0] == 0:
                packet.profile_packet.mappings.add().iid = 1
            for number in numbers:
                string = packet.profile_packet.strings.add()
                string.iid = number + 1
                string.str = frames.label(number).encode("utf-8", "backslashreplace")
                frame = packet.profile_packet.frames.add()
                # Frames of one mapping are told apart by their address.
                frame.iid = frame.rel_pc = number + 1
                frame.function_name_id, frame.mapping_id = number + 1, 1
            yield packet
        for part in self._callstacks(frames, _stacks_of(heaps.values(), len(frames.parent))):
            packet = self._packet(HEAP_SEQUENCE, self.capture.duration_ns)
            packet.profile_packet.MergeFromString(part)
            yield packet
        for name, heap in heaps.items():
            for part in self._samples(heap):
                packet = self._packet(HEAP_SEQUENCE, self.capture.duration_ns)
                dump = packet.profile_packet.process_dumps.add()
                dump.pid, dump.heap_name = self.pid, name
                dump.timestamp = _fit(self.capture.duration_ns)
                meta = self.capture.meta
                dump.sampling_interval_bytes = _fit(meta.sample_bytes) if meta.sampled else 1
                dump.MergeFromString(part)
                yield packet

    def _callstacks(self, frames: FrameTable, stacks: Sequence[int]) -> Iterator[bytes]:
        frames.check_length(stacks)
        profile = self.create_packet().profile_packet
        callstack = _Fields(profile.callstacks.add())
        frame_ids = [callstack.numbered("frame_ids", number + 1) for number in range(len(frames))]
        parts = (
            *callstack.column("iid", _plus_one(stacks)),
            frames.stacks(stacks, b"", frame_ids),
        )
        return messages(_Fields(profile).number_of("callstacks"), parts, len(stacks))

    def _samples(self, heap: _Heap) -> Iterator[bytes]:
        dump = self.create_packet().profile_packet.process_dumps.add()
        sample = _Fields(dump.samples.add())
        parts = (
            *sample.column("callstack_id", _plus_one(heap.stacks)),
            *sample.column("self_allocated", heap.allocated_bytes),
            *sample.column("self_freed", heap.freed_bytes),
            *sample.column("alloc_count", heap.allocations),
            *sample.column("free_count", heap.frees),
        )
        return messages(_Fields(dump).number_of("samples"), parts, len(heap.stacks))

    def _event(self, time_ns: int, kind: str, track: int) -> Any:
        packet = self._packet(EVENTS_SEQUENCE, time_ns)
        packet.track_event.type = packet.track_event.Type.Value(kind)
        packet.track_event.track_uuid = track
        return packet

    def _packet(self, sequence: int, time_ns: int) -> Any:
        packet = self.create_packet()
        packet.trusted_packet_sequence_id = sequence
        packet.timestamp = _fit(time_ns)
        return packet


@dataclass(frozen=True, slots=True)
class _Heap:
    """Columns: stacks, by the node that stands for each in all threads, and what each has."""

    stacks: Sequence[int]
    allocated_bytes: Sequence[int]
    freed_bytes: Sequence[int]
    allocations: Sequence[int]
    frees: Sequence[int]


def _heap(stacks: Sequence[int], columns: Iterable[Sequence[int]], count: int) -> _Heap:
    """Rows of bytes and blocks, each allocated and then live, summed by stack."""
    found = places_of(sums_by(stacks, b"\1" * len(stacks), count))
    sums = (gathered(sums_by(stacks, column, count), found) for column in columns)
    size, live_size, blocks, live_blocks = sums
    return _Heap(
        found,
        _not_negative(size),
        _not_negative(difference(size, live_size)),
        _not_negative(blocks),
        _not_negative(difference(blocks, live_blocks)),
    )


def _by_domain(measures: Measures) -> Iterator[_Heap]:
    capture = measures.capture
    merged, domain = measures.stacks.merged, capture.tables.rows.domain
    figures: list[Figure] = ["allocated_bytes", "live_bytes", "allocations", "live_blocks"]
    columns = [whole_column(row_figures(measures, figure)) for figure in figures]
    if capture.meta.objects:  # what is live has a heap of its own
        columns[1] = columns[3] = nothing(len(columns[0]))
    for number in range(len(capture.meta.domains)):
        rows = members(flags(each == number for each in range(len(DOMAINS))), domain)
        stacks = gathered(merged, gathered(measures.row_stacks, rows))
        yield _heap(stacks, (gathered(column, rows) for column in columns), len(merged))


def _live(measures: Measures, of_bytes: Figure, of_blocks: Figure) -> _Heap:
    """What was live at each stack at one moment: allocated, and not freed."""
    count = len(measures.stacks.merged)
    sizes, blocks = stack_figures(measures, of_bytes), stack_figures(measures, of_blocks)
    stacks = joined([sizes.stacks, blocks.stacks])
    size = joined([sizes.values, nothing(len(blocks.stacks))])
    of_block = joined([nothing(len(sizes.stacks)), blocks.values])
    return _heap(stacks, (size, size, of_block, of_block), count)


def _stacks_of(heaps: Iterable[_Heap], count: int) -> Sequence[int]:
    """Those that any of the heaps has, in order."""
    seen = zeros("B", count)
    for heap in heaps:
        scatter(seen, heap.stacks, b"\1" * len(heap.stacks))
    return places_of(seen)


def _plus_one(column: Sequence[int]) -> Sequence[int]:
    return added(column, b"\1" * len(column))


def _not_negative(column: Sequence[int]) -> Sequence[int]:
    """What the fields can hold: of a cut or hostile capture a sum may be less than nothing."""
    positive = bytearray(len(column))
    mark_at_least(positive, column, 1)
    return only_where(column, positive)


class _Fields:
    """The fields of a message, as protocol buffers write them."""

    def __init__(self, message: Any) -> None:
        self._fields = message.DESCRIPTOR.fields_by_name

    def number_of(self, name: str) -> int:
        return int(self._fields[name].number)

    def numbered(self, name: str, value: int) -> bytes:
        return wire.number(self.number_of(name), value)

    def column(self, name: str, values: Sequence[int]) -> tuple[Part, Part]:
        tag = wire.varint(self.number_of(name) << 3).decode("ascii")
        return same(tag), varint(values)


def _batches(items: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _fit(value: int) -> int:
    """What the fields can hold: a hostile capture may claim anything."""
    return max(0, min(value, _LARGEST))


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


exporter = Perfetto()
