"""Everything that a capture sums up to, as one JSON object (`memscope.export/1`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.analysis.timeline import memory_over_time
from memscope.capture import Capture
from memscope.capture.description import DomainSums
from memscope.capture.format import DOMAINS, size_range
from memscope.exports.csv import FIGURES
from memscope.exports.figures import live_by_domain, row_figures
from memscope.exports.provenance import remarks

SCHEMA = "memscope.export/1"


class Json:
    name = "json"
    suffix = ".export.json"
    is_text = True
    description = "scripts: every stack, every tally, memory over time"
    bys: tuple[By, ...] = ()

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        head = json.dumps({"schema": SCHEMA, **_about(capture)})
        stream.write(head[:-1].encode("ascii"))
        lists = {
            "threads": _threads(capture),
            "stacks": _stacks(capture),
            "rows": _rows(capture),
            "points": _points(capture),
        }
        for name, entries in lists.items():
            stream.write(f',\n"{name}": ['.encode("ascii"))
            for place, entry in enumerate(entries):
                text = (",\n" if place else "\n") + json.dumps(entry, allow_nan=False)
                stream.write(text.encode("ascii"))
            stream.write(b"]")
        stream.write(b"}\n")
        return ()


def _about(capture: Capture) -> dict[str, Any]:
    found, meta, sums = list(remarks(capture)), capture.meta, capture.sums
    return {
        "capture": {
            "file": str(capture.path),
            "command": list(meta.command),
            "python": meta.python,
            "allocator": meta.allocator,
            "mode": meta.mode,
            "sample_bytes": meta.sample_bytes,
            "complete": capture.complete,
            "remarks": found,
            "started": meta.started,
            "duration_s": sums.duration_ns / 1e9,
        },
        "totals": {**_rounded(sums.total), "peak_time_s": sums.peak_time_ns / 1e9},
        "domains": [
            {"domain": name, **_rounded(sums.domains.get(name, DomainSums()))} for name in DOMAINS
        ],
    }


def _rounded(sums: DomainSums) -> dict[str, int]:
    return {name: round(value) for name, value in asdict(sums).items()}


def _threads(capture: Capture) -> Iterator[dict[str, Any]]:
    for number, thread in enumerate(capture.tables.threads, 1):
        yield {"id": number, **asdict(thread)}


def _stacks(capture: Capture) -> Iterator[dict[str, Any]]:
    """The tree of stacks as a flat list, parents first; a root has the id of its thread."""
    nodes, codes = capture.tables.nodes, capture.tables.codes
    entries: Iterable[tuple[int, int, int]] = zip(nodes.parent, nodes.code, nodes.line, strict=True)
    for node, (parent, code, line) in enumerate(entries):
        if node == 0:
            continue
        if not code:
            yield {"id": node, "parent": None, "thread": line}
            continue
        place = {"function": codes.function[code], "file": codes.file[code], "line": line}
        yield {"id": node, "parent": parent or None, **place}


def _rows(capture: Capture) -> Iterator[dict[str, Any]]:
    rows, measures = capture.tables.rows, Measures(capture)
    columns = [row_figures(measures, figure) for figure in FIGURES]
    for row, values in enumerate(zip(*columns, strict=True)):
        requests = size_range(rows.size_class[row])
        yield {
            "stack": rows.stack[row],
            "domain": DOMAINS[rows.domain[row]],
            "from_bytes": requests.from_bytes,
            "to_bytes": requests.to_bytes,
            **dict(zip(FIGURES, values, strict=True)),
        }


def _points(capture: Capture) -> Iterator[dict[str, Any]]:
    for point in memory_over_time(capture).points:
        yield {
            "time_s": point.time_ns / 1e9,
            **{f"{domain}_bytes": value for domain, value in live_by_domain(point).items()},
            "max_live_bytes": round(point.max_live_bytes),
            "resident_bytes": point.resident_bytes or None,
            "own_bytes": point.own_bytes,
            "collecting": point.collecting,
        }


exporter = Json()
