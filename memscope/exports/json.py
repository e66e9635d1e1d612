"""Everything that a capture sums up to, as one JSON object (`memscope.export/1`)."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.analysis.timeline import memory_over_time
from memscope.capture import Capture
from memscope.capture.columns import (
    as_type,
    chosen,
    counted,
    encoded,
    lines,
    number,
    number_or_nothing,
    one_of,
    only_where,
    same,
)
from memscope.capture.description import DomainSums
from memscope.capture.format import DOMAINS, LARGEST_SIZE_CLASS, size_range
from memscope.exports.csv import FIGURES, OBJECT_FIGURES
from memscope.exports.figures import (
    live_by_domain,
    packed_by,
    row_figures,
    whole_column,
    whole_numbers,
)
from memscope.exports.provenance import remarks

SCHEMA = "memscope.export/1"


class Json:
    name = "json"
    suffix = ".export.json"
    is_text = True
    description = "scripts: every stack, every counter, memory over time"
    bys: tuple[By, ...] = ()

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        head = json.dumps({"schema": SCHEMA, **_about(capture)})
        stream.write(head[:-1].encode("ascii"))
        _write_list(stream, "threads", (entry.encode() for entry in _threads(capture)))
        _write_list(stream, "stacks", _stacks(capture))
        _write_list(stream, "rows", _rows(capture))
        _write_list(stream, "points", (entry.encode() for entry in _samples(capture)))
        stream.write(b"}\n")
        return ()


def _write_list(stream: BinaryIO, name: str, pieces: Iterable[bytes]) -> None:
    """A list of entries; each piece has one or more, and `,` and a newline before each."""
    stream.write(f',\n"{name}": ['.encode("ascii"))
    before = 1  # the first has no comma
    for piece in pieces:
        stream.write(piece[before:])
        before = 0
    stream.write(b"]")


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
            {"domain": name, **_rounded(sums.domains.get(name, DomainSums()))}
            for name in meta.domains
        ],
    }


def _rounded(sums: DomainSums) -> dict[str, int]:
    return {name: round(value) for name, value in asdict(sums).items()}


def _text(entry: Any) -> str:
    return json.dumps(entry, allow_nan=False)


def _threads(capture: Capture) -> Iterator[str]:
    for place, thread in enumerate(capture.tables.threads, 1):
        yield ",\n" + _text({"id": place, **asdict(thread)})


def _stacks(capture: Capture) -> Iterator[bytes]:
    """The tree of stacks as a flat list, parents first; a root has the id of its thread."""
    nodes, codes = capture.tables.nodes, capture.tables.codes
    functions = [
        f', "function": {_text(function)}, "file": {_text(file)}, "line": '
        for function, file in zip(codes.function, codes.file, strict=True)
    ]
    count = len(nodes.parent)
    nothing, everywhere = bytes(count), b"\1" * count
    # A root, a call of no other, and any other call.
    of_call = chosen(nodes.parent, b"\2" * count, everywhere)
    begins = [', "parent": null, "thread": ', ', "parent": null', ', "parent": ']
    nobody = array("i", [-1]) * count
    parents = chosen(only_where(nodes.parent, nodes.code), as_type("q", nodes.parent), nobody)
    parts = [
        same(',\n{"id": '),
        number(counted(count)),
        one_of(encoded(begins), chosen(nodes.code, of_call, nothing)),
        number_or_nothing(parents),
        one_of(encoded(["", *functions[1:]]), nodes.code),
        number(nodes.line),
        same("}"),
    ]
    return lines([(of, column and column[1:]) for of, column in parts], count - 1)


def _rows(capture: Capture) -> Iterator[bytes]:
    rows, measures = capture.tables.rows, Measures(capture)
    types = [
        _text({"module": of.module, "name": of.name, "kind": of.kind} if of.kind else None)
        for of in capture.tables.types
    ]
    sizes = [size_range(place) for place in range(LARGEST_SIZE_CLASS + 1)]
    requests = [
        f', "domain": "{domain}", "from_bytes": {of.from_bytes}, "to_bytes": {of.to_bytes}'
        for domain in DOMAINS
        for of in sizes
    ]
    parts = [same(',\n{"stack": '), number(rows.stack)]
    parts.append(one_of(encoded(requests), packed_by(len(sizes), rows.domain, rows.size_class)))
    for figure in FIGURES:
        parts.append(same(f', "{figure}": '))
        parts.append(number(whole_column(row_figures(measures, figure))))
    for name in OBJECT_FIGURES:
        parts.append(same(f', "{name}": '))
        parts.append(number(whole_column(whole_numbers(measures.counter(name)))))
    parts += [same(', "type": '), one_of(encoded(types), rows.type), same("}")]
    return lines(parts, len(rows.stack))


def _samples(capture: Capture) -> Iterator[str]:
    domains = capture.meta.domains
    for sample in memory_over_time(capture).samples:
        point = {
            "time_s": sample.time_ns / 1e9,
            **{f"{name}_bytes": value for name, value in live_by_domain(sample, domains).items()},
            "max_live_bytes": round(sample.max_live_bytes),
            "resident_bytes": sample.resident_bytes or None,
            "own_bytes": sample.own_bytes,
            "collecting": sample.collecting,
        }
        yield ",\n" + _text(point)


exporter = Json()
