"""What each format comes to, as read by somebody else's reader where there is one."""

from __future__ import annotations

import csv
import gzip
import json
import pstats
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import pytest

from memscope.exports.figures import Figure

SCHEMA = Path(__file__).with_name("speedscope") / "file-format-schema.json"
SVG = "{http://www.w3.org/2000/svg}"
# As flamegraph.pl reads a line: stack, number.
FLAMEGRAPH_LINE = re.compile(r"^(.*)\s+?(\d+(?:\.\d*)?)$")

Totals = dict[str, int]


def read_pprof(path: Path) -> Any:
    from exports.profile_proto import Profile

    profile = Profile()
    profile.ParseFromString(gzip.decompress(path.read_bytes()))
    return profile


def pprof(path: Path) -> Totals:
    profile = read_pprof(path)
    names = [profile.string_table[kind.type] for kind in profile.sample_type]
    figures = {
        "alloc_objects": "allocations",
        "alloc_space": "allocated_bytes",
        "inuse_objects": "live_blocks",
        "inuse_space": "live_bytes",
        "peak_objects": "peak_blocks",
        "peak_space": "peak_bytes",
    }
    return {
        figures[name]: sum(sample.value[place] for sample in profile.sample)
        for place, name in enumerate(names)
    }


def read_speedscope(path: Path) -> Any:
    jsonschema = pytest.importorskip("jsonschema", reason="speedscope's schema needs jsonschema")
    document = json.loads(path.read_bytes())
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    return document


def speedscope(path: Path) -> Totals:
    names = (
        "allocated_bytes",
        "allocations",
        "peak_bytes",
        "peak_blocks",
        "live_bytes",
        "live_blocks",
    )
    profiles = read_speedscope(path)["profiles"]
    return {name: sum(found["weights"]) for name, found in zip(names, profiles, strict=True)}


def collapsed(path: Path) -> Totals:
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    found = [FLAMEGRAPH_LINE.match(line) for line in lines]
    assert all(found), lines
    return {"allocated_bytes": sum(int(match[2]) for match in found if match)}


def svg(path: Path) -> Totals:
    """The caption at the root says the whole."""
    captions = [title.text or "" for title in ElementTree.parse(path).iter(f"{SVG}title")]
    match = re.search(r": ([\d,]+) bytes allocated", captions[0])
    assert match, captions[0]
    return {"allocated_bytes": int(match[1].replace(",", ""))}


def chrome(path: Path) -> Totals:
    events = json.loads(path.read_bytes())["traceEvents"]
    (peak,) = [event for event in events if event["ph"] == "i"]
    live = [event for event in events if event["ph"] == "C" and event["name"] == "live bytes"]
    last = max(live, key=lambda event: event["ts"])
    return {"peak_bytes": peak["args"]["live_bytes"], "live_bytes": sum(last["args"].values())}


def read_perfetto(path: Path) -> Any:
    trace_pb2 = pytest.importorskip(
        "perfetto.protos.perfetto.trace.perfetto_trace_pb2", reason="needs the package perfetto"
    )
    trace = trace_pb2.Trace()
    trace.ParseFromString(path.read_bytes())
    return trace


def perfetto(path: Path) -> Totals:
    totals = dict.fromkeys(
        (
            "allocations",
            "allocated_bytes",
            "live_blocks",
            "live_bytes",
            "peak_blocks",
            "peak_bytes",
        ),
        0,
    )
    for packet in read_perfetto(path).packet:
        for dump in packet.profile_packet.process_dumps:
            for sample in dump.samples:
                if dump.heap_name == "live at the peak":
                    totals["peak_blocks"] += sample.alloc_count
                    totals["peak_bytes"] += sample.self_allocated
                    continue
                if dump.heap_name == "live at the end":  # only of captures with objects
                    totals["live_blocks"] += sample.alloc_count
                    totals["live_bytes"] += sample.self_allocated
                    continue
                totals["allocations"] += sample.alloc_count
                totals["allocated_bytes"] += sample.self_allocated
                totals["live_blocks"] += sample.alloc_count - sample.free_count
                totals["live_bytes"] += sample.self_allocated - sample.self_freed
    return totals


def read_pstats(path: Path) -> Any:
    return pstats.Stats(str(path))


def pstats_file(path: Path) -> Totals:
    stats = read_pstats(path)
    return {"allocations": stats.total_calls, "allocated_bytes": stats.total_tt}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def csv_file(path: Path) -> Totals:
    rows = read_csv(path)
    names = (
        "allocations", "frees", "reallocations", "allocated_bytes", "live_blocks", "live_bytes",
        "peak_blocks", "peak_bytes", "short_lived",
    )  # fmt: skip
    return {name: sum(int(row[name]) for row in rows) for name in names}


def json_file(path: Path) -> Totals:
    document = json.loads(path.read_bytes())
    names = get_args(Figure)
    return {name: sum(row[name] for row in document["rows"]) for name in names}


OPENERS: dict[str, Callable[[Path], Totals]] = {
    "pprof": pprof,
    "speedscope": speedscope,
    "collapsed": collapsed,
    "svg": svg,
    "chrome": chrome,
    "perfetto": perfetto,
    "pstats": pstats_file,
    "csv": csv_file,
    "json": json_file,
}
