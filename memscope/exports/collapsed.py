"""Collapsed stacks: `root;…;leaf 123`, a line for each stack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from memscope.analysis.measures import BYS, By, Measures
from memscope.capture import Capture
from memscope.capture.columns import encoded, lines, number, same
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
        names = encoded(_fit(frames.label(frame)) for frame in range(len(frames)))
        found = stack_figures(measures, by)
        frames.check_length(found.stacks)
        parts = (
            frames.stacks(found.stacks, b";", names),
            same(" "),
            number(found.values),
            same("\n"),
        )
        for written in lines(parts, len(found.stacks)):
            stream.write(written)
        return ()


def _fit(name: str) -> str:
    """A name that cannot be taken for two frames, or for the number of its line."""
    return _NUMBER_AT_THE_END.sub("_", name.replace(";", ","))


exporter = Collapsed()
