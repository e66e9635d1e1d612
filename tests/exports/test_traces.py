"""chrome and perfetto: memory over time; perfetto has heap profiles as well."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest
from capture.writer import CaptureWriter
from exports.conftest import Export
from exports.openers import read_perfetto

STEP_US = 100_000


@pytest.fixture
def events(export: Export) -> list[dict[str, Any]]:
    document = json.loads(export("chrome").read_bytes())
    assert document["displayTimeUnit"] == "ms"
    assert document["otherData"]["mode"] == "exact"
    found: list[dict[str, Any]] = document["traceEvents"]
    return found


def test_chrome_events_are_as_the_format_has_them(events: list[dict[str, Any]]) -> None:
    for event in events:
        assert isinstance(event["pid"], int)
        assert isinstance(event["name"], str)
        if event["ph"] == "M":
            assert event["name"] in ("process_name", "thread_name")
            continue
        assert isinstance(event["ts"], int | float)
        assert {"C": "args", "X": "dur", "i": "s"}[event["ph"]] in event


def test_chrome_counters(events: list[dict[str, Any]]) -> None:
    live = [event for event in events if event["name"] == "live bytes"]
    resident = [event for event in events if event["name"] == "resident bytes"]
    assert [event["ts"] for event in live] == [step * STEP_US for step in range(21)]
    assert {tuple(event["args"]) for event in live} == {("raw", "mem", "obj")}
    for one, other in zip(live, resident, strict=True):
        assert other["args"]["memscope"] == 2 << 20
        assert other["args"]["program"] == (18 << 20) + sum(one["args"].values())


def test_chrome_collector(events: list[dict[str, Any]]) -> None:
    """The collector was seen at work within the steps before points 4, 5 and 15."""
    spans = [(event["ts"], event["dur"]) for event in events if event["ph"] == "X"]
    assert spans == [(3 * STEP_US, 2 * STEP_US), (14 * STEP_US, STEP_US)]


def test_chrome_peak(events: list[dict[str, Any]]) -> None:
    (peak,) = [event for event in events if event["ph"] == "i"]
    live = {event["ts"]: event["args"] for event in events if event["name"] == "live bytes"}
    assert sum(live[peak["ts"]].values()) == peak["args"]["live_bytes"]


def test_perfetto_over_time(export: Export) -> None:
    trace = read_perfetto(export("perfetto"))
    tracks = {}
    counted = defaultdict(list)
    for packet in trace.packet:
        if packet.HasField("track_descriptor"):
            tracks[packet.track_descriptor.uuid] = packet.track_descriptor
        elif packet.HasField("track_event") and packet.track_event.HasField("counter_value"):
            track = tracks[packet.track_event.track_uuid]  # described before it is used
            assert track.counter.unit == track.counter.UNIT_SIZE_BYTES
            counted[track.name].append((packet.timestamp, packet.track_event.counter_value))
    assert set(counted) == {
        "live raw", "live mem", "live obj", "resident", "resident, of memscope",
    }  # fmt: skip
    assert all(len(values) == 21 for values in counted.values())
    assert counted["resident, of memscope"][3] == (300_000_000, 2 << 20)
    kinds = [packet.track_event.type for packet in trace.packet if packet.HasField("track_event")]
    event = trace.packet[0].track_event
    assert kinds.count(event.TYPE_SLICE_BEGIN) == kinds.count(event.TYPE_SLICE_END) == 2
    assert kinds.count(event.TYPE_INSTANT) == 1


def test_perfetto_relates_the_clock_of_heap_profiles(export: Export) -> None:
    """Trace processors leave out dumps whose clock they cannot place."""
    first = read_perfetto(export("perfetto")).packet[0]
    kinds = first.clock_snapshot.Clock.BuiltinClocks
    clocks = {clock.clock_id: clock.timestamp for clock in first.clock_snapshot.clocks}
    assert clocks[kinds.Value("MONOTONIC_COARSE")] == clocks[kinds.Value("BOOTTIME")] == 0
    assert clocks[kinds.Value("REALTIME")] == 1_700_000_000 * 10**9


def test_perfetto_stacks(export: Export) -> None:
    trace = read_perfetto(export("perfetto"))
    strings, frames, stacks, mappings = {}, {}, {}, set()
    found = defaultdict(dict)
    packets = [
        packet.profile_packet for packet in trace.packet if packet.HasField("profile_packet")
    ]
    assert [packet.index for packet in packets] == list(range(len(packets)))
    assert [packet.continued for packet in packets] == [True] * (len(packets) - 1) + [False]
    for packet in packets:
        mappings |= {mapping.iid for mapping in packet.mappings}
        strings |= {string.iid: string.str.decode() for string in packet.strings}
        for frame in packet.frames:
            assert frame.mapping_id in mappings
            frames[frame.iid] = strings[frame.function_name_id]
        stacks |= {
            stack.iid: tuple(frames[number] for number in stack.frame_ids)
            for stack in packet.callstacks
        }
        for dump in packet.process_dumps:
            assert (dump.pid, dump.sampling_interval_bytes) == (4711, 1)
            for sample in dump.samples:
                found[dump.heap_name][stacks[sample.callstack_id]] = sample
    assert list(found) == ["raw", "mem", "obj", "live at the peak"]
    grow = ("<module> (app.py:3)", "run (app.py:40)", "Maß.wachse (größen/maße.py:12)")
    sample = found["mem"][grow]
    assert (sample.self_allocated, sample.self_freed) == (204_800, 200_704)
    assert (sample.alloc_count, sample.free_count) == (105, 98)
    at_peak = found["live at the peak"]
    assert at_peak[grow].self_allocated == 4096
    assert not any(each.self_freed or each.free_count for each in at_peak.values())
    assert found["raw"]["<no Python frame>",].alloc_count == 7


def test_perfetto_in_pieces(export: Export, tmp_path: Any) -> None:
    made = CaptureWriter()
    for number in range(5000):
        made.site([("f", "/home/me/f.py", number + 1)], size=16)
    capture = tmp_path / "many.mscope"
    capture.write_bytes(made.build())
    packets = [p.profile_packet for p in read_perfetto(export("perfetto", capture)).packet]
    samples = sum(len(dump.samples) for packet in packets for dump in packet.process_dumps)
    assert samples == 2 * 5000
    assert max(len(packet.frames) for packet in packets) < 5000
