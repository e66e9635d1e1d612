"""What the fixes of all kinds name, before anything of it is left out."""

from __future__ import annotations

from pathlib import Path

from memscope.advice.context import Context
from memscope.advice.evidence.calibration import DEFAULT_COSTS
from memscope.advice.grounding import invented_in_code, invented_in_text
from memscope.advice.program.source import SourceFiles
from memscope.advice.registry import BUILT_IN, finders
from memscope.analysis.measures import Measures
from memscope.capture import load


def inventions(path: Path) -> list[str]:
    """Where a capture's advice has code that is no Python, or names what the program has not."""
    capture = load(path)
    context = Context(Measures(capture), DEFAULT_COSTS, SourceFiles(capture.meta))
    found = []
    for kind, find in finders(list(BUILT_IN)).items():
        for item in find(context).advice:
            place = item.fix.place or item.site
            source, line = context.sources.of(place.file), place.line
            names = invented_in_code(item.fix.code, source, line)
            names += invented_in_text(item.fix.text, source, line, context.sources.file_names())
            found += [f"{kind} of line {line} names {name}" for name in names]
    return found
