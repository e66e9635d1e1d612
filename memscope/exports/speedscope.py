"""speedscope's own JSON (https://www.speedscope.app/file-format-schema.json)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from memscope.analysis.measures import By, Measures
from memscope.capture import Capture
from memscope.exports.figures import Figure, stack_figures
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
            stream.write(part.encode("ascii"))
        return ()


def _parts(capture: Capture) -> Iterator[str]:
    measures = Measures(capture)
    frames = FrameTable(measures.stacks)
    frames.check_length(set(measures.row_stacks))
    head = {
        "$schema": SCHEMA,
        "exporter": EXPORTER.replace(" ", "@"),
        "name": "; ".join((title(capture), *remarks(capture))),
        "activeProfileIndex": 0,
    }
    yield json.dumps(head)[:-1] + ', "shared": {"frames": ['
    for number in range(len(frames)):
        function, file, line = frames.frame(number)
        entry = {"name": function, "file": file, "line": line} if file else {"name": function}
        yield (",\n" if number else "\n") + json.dumps(entry)
    yield "]},\n" + '"profiles": ['
    for number, (figure, name, unit) in enumerate(PROFILES):
        yield ",\n" if number else "\n"
        yield from _profile(frames, stack_figures(measures, figure), name, unit, certainty(capture))
    yield "]}\n"


def _profile(
    frames: FrameTable, weights: dict[int, int], name: str, unit: str, sure: str
) -> Iterator[str]:
    head = {
        "type": "sampled",
        "name": name if sure == "exact" else f"{name} ({sure})",
        "unit": unit,
        "startValue": 0,
        "endValue": sum(weights.values()),
    }
    yield json.dumps(head)[:-1] + ', "samples": ['
    for place, stack in enumerate(weights):
        numbers = ",".join(map(str, reversed(frames.stack(stack))))
        yield f",[{numbers}]" if place else f"[{numbers}]"
    yield '], "weights": ['
    yield ",".join(map(str, weights.values()))
    yield "]}"


exporter = Speedscope()
