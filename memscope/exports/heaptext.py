"""A heap profile as Go's servers show it with `debug=1`: text for people, and for old tools.

Addresses are numbers of frames, since Python's lines have none. Each is explained below its sample.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TextIO

from memscope.analysis.measures import Measures
from memscope.capture import Capture
from memscope.exports.frametable import FrameTable
from memscope.exports.pprof import figures_by_row
from memscope.exports.provenance import remarks, title


def write_heap_text(capture: Capture, stream: TextIO) -> None:
    """Live blocks and bytes, [allocations and bytes requested] of each stack; heaviest first."""
    measures = Measures(capture)
    frames = FrameTable(measures.stacks)
    frames.check_length(capture.tables.rows.stack)
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    merged = measures.stacks.merged
    for (stack, *_), (calls, requested, blocks, live, *_) in figures_by_row(measures):
        found = sums[merged[stack]]
        for place, value in enumerate((blocks, live, calls, requested)):
            found[place] += value
    total = [sum(column) for column in zip(*sums.values(), strict=True)] or [0, 0, 0, 0]
    rate = capture.meta.sample_bytes if capture.meta.sampled else 1
    stream.write(f"heap profile: {_figures(total)} @ heap/{rate}\n")
    for stack, values in sorted(sums.items(), key=lambda item: (-item[1][1], -item[1][3])):
        if not any(values):
            continue
        numbers = [number + 1 for number in frames.stack(stack)]
        stream.write(f"{_figures(values)} @ {' '.join(map(hex, numbers))}\n")
        for number in numbers:
            function, file, line = frames.frame(number - 1)
            stream.write(f"#\t{number:#x}\t{function}+0x0\t{file}:{line}\n")
        stream.write("\n")
    stream.write(f"# {title(capture)}\n")
    for remark in remarks(capture):
        stream.write(f"# {remark}\n")


def _figures(values: list[int]) -> str:
    blocks, live, calls, requested = values
    return f"{blocks}: {live} [{calls}: {requested}]"
