"""speedscope's own JSON (https://www.speedscope.app/file-format-schema.json)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.capture import Capture
from memscope.capture.columns import Part, StackPart, gathered, lines, number, numbered, same, total
from memscope.exports.figures import Figure, StackFigures, stack_figures
from memscope.exports.frametable import FrameTable
from memscope.exports.provenance import EXPORTER, certainty, remarks, title

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
PROFILES: tuple[tuple[Figure, str, str], ...] = (
    ("allocated_bytes", "allocated bytes", "bytes"),
    ("allocations", "allocations", "none"),
    ("peak_bytes", "bytes live at the peak", "bytes"),
    ("peak_blocks", "blocks live at the peak", "none"),
    ("live_bytes", "bytes live at the end", "bytes"),
    ("live_blocks", "blocks live at the end", "none"),
)


class Speedscope:
    name = "speedscope"
    suffix = ".speedscope.json"
    is_text = True
    description = "https://www.speedscope.app: six flame graphs in one file"
    bys: tuple[By, ...] = ()

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        for part in _parts(capture):
            stream.write(part)
        return ()


def _parts(capture: Capture) -> Iterator[bytes]:
    measures = Measures(capture)
    frames = FrameTable(measures.stacks)
    frames.check_length(gathered(measures.row_stacks, numbered(measures.row_stacks)[1]))
    head = {
        "$schema": SCHEMA,
        "exporter": EXPORTER.replace(" ", "@"),
        "name": "; ".join((title(capture), *remarks(capture))),
        "activeProfileIndex": 0,
    }
    yield json.dumps(head)[:-1].encode() + b', "shared": {"frames": ['
    for place in range(len(frames)):
        function, file, line = frames.frame(place)
        entry = {"name": function, "file": file, "line": line} if file else {"name": function}
        yield (b",\n" if place else b"\n") + json.dumps(entry).encode()
    yield b"]},\n" + b'"profiles": ['
    for place, (figure, name, unit) in enumerate(PROFILES):
        yield b",\n" if place else b"\n"
        yield from _profile(frames, stack_figures(measures, figure), name, unit, certainty(capture))
    yield b"]}\n"


def _profile(
    frames: FrameTable, found: StackFigures, name: str, unit: str, sure: str
) -> Iterator[bytes]:
    head = {
        "type": "sampled",
        "name": name if sure == "exact" else f"{name} ({sure})",
        "unit": unit,
        "startValue": 0,
        "endValue": total(found.values),
    }
    yield json.dumps(head)[:-1].encode() + b', "samples": ['
    yield from _listed(same(",["), frames.stacks(found.stacks, b","), same("]"), of=found)
    yield b'], "weights": ['
    yield from _listed(same(","), number(found.values), of=found)
    yield b"]}"


def _listed(*parts: Part | StackPart, of: StackFigures) -> Iterator[bytes]:
    """Lines that begin with a comma each, but for the first."""
    written = lines(parts, len(of.stacks))
    yield next(written, b"")[1:]
    yield from written


exporter = Speedscope()
