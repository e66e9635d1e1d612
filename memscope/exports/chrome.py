"""Chrome's trace event format: memory over time, for Perfetto's and Chrome's trace viewers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from memscope.analysis.measures import By
from memscope.analysis.timeline import collecting_spans, memory_over_time
from memscope.capture import Capture
from memscope.exports.figures import live_by_domain
from memscope.exports.provenance import EXPORTER, remarks, title

MAIN_TRACK, COLLECTOR_TRACK = 1, 2


class Chrome:
    name = "chrome"
    suffix = ".trace.json"
    is_text = True
    description = "https://ui.perfetto.dev, chrome://tracing: memory over time, no stacks"
    bys: tuple[By, ...] = ()

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        about = {
            "exporter": EXPORTER,
            "command": title(capture),
            "mode": capture.meta.mode,
            "remarks": list(remarks(capture)),
            "clock": "microseconds since the recording began",
        }
        head = {"displayTimeUnit": "ms", "otherData": about}
        stream.write(json.dumps(head)[:-1].encode("ascii") + b', "traceEvents": [')
        for place, event in enumerate(_events(capture)):
            start = ",\n" if place else "\n"
            stream.write((start + json.dumps(event)).encode("ascii"))
        stream.write(b"]}\n")
        return ()


def _events(capture: Capture) -> Iterator[dict[str, Any]]:
    pid = capture.meta.pid
    names = (("process_name", MAIN_TRACK, title(capture)), ("thread_name", MAIN_TRACK, "memory"),
             ("thread_name", COLLECTOR_TRACK, "cyclic collector"))  # fmt: skip
    for kind, track, name in names:
        yield {"ph": "M", "name": kind, "pid": pid, "tid": track, "args": {"name": name}}

    def counter(name: str, time_ns: int, **values: int) -> dict[str, Any]:
        return {"ph": "C", "name": name, "pid": pid, "ts": time_ns / 1000, "args": values}

    over_time = memory_over_time(capture)
    for sample in over_time.samples:
        yield counter("live bytes", sample.time_ns, **live_by_domain(sample, capture.meta.domains))
        if sample.resident_bytes:
            yield counter(
                "resident bytes",
                sample.time_ns,
                program=sample.resident_bytes - sample.own_bytes,
                memscope=sample.own_bytes,
            )
    yield {
        "ph": "i",
        "s": "p",
        "name": "peak",
        "pid": pid,
        "tid": MAIN_TRACK,
        "ts": over_time.peak_time_ns / 1000,
        "args": {"live_bytes": round(over_time.peak_bytes)},
    }
    for start_ns, end_ns in collecting_spans(over_time):
        yield {
            "ph": "X",
            "name": "collecting, at some time in here",
            "pid": pid,
            "tid": COLLECTOR_TRACK,
            "ts": start_ns / 1000,
            "dur": (end_ns - start_ns) / 1000,
        }


exporter = Chrome()
