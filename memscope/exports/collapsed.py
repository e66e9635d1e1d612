"""Collapsed stacks: `root;…;leaf 123`, a line for each stack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from memscope.analysis.measures import BYS, By, Measures
from memscope.capture import Capture
from memscope.exports.figures import stack_figures
from memscope.exports.frametable import FrameTable

# A line of two numbers is a difference to flamegraph.pl.
_NUMBER_AT_THE_END = re.compile(r"\s(?=\d+(\.\d*)?$)")


class Collapsed:
    name = "collapsed"
    suffix = ".collapsed.txt"
    is_text = True
    description = "flamegraph.pl, inferno, speedscope, Perfetto: one measure, as text"
    bys = BYS

    def write(self, capture: Capture, stream: BinaryIO, by: By) -> Sequence[str]:
        measures = Measures(capture)
        frames = FrameTable(measures.stacks)
        names = [_fit(frames.label(number)) for number in range(len(frames))]
        values = stack_figures(measures, by)
        frames.check_length(values)
        for stack, value in values.items():
            line = ";".join([names[number] for number in reversed(frames.stack(stack))])
            stream.write(f"{line} {value}\n".encode("utf-8", "backslashreplace"))
        return ()


def _fit(name: str) -> str:
    """A name that cannot be taken for two frames, or for the number of its line."""
    return _NUMBER_AT_THE_END.sub("_", name.replace(";", ","))


exporter = Collapsed()
