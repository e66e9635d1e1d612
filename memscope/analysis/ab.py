"""The outcome of running two programs in turn: what changed, and whether advice was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import BinaryIO

from memscope.analysis.changes import Change, Sample
from memscope.analysis.compare import Verdict, verdict
from memscope.analysis.predictions import Held, PredictedAdvice, hold
from memscope.plain import dataclass

FIGURES = ("cpu_s", "wall_s", "resident_bytes", "page_faults")
# Beside these where any run had children.
CHILDREN = "children_cpu_s"


@dataclass(frozen=True, slots=True)
class Printed:
    """What one run of each wrote on standard output, in bytes, and the first line that differs.

    Lines count from 1; None where the two wrote the same.
    """

    before_bytes: int
    after_bytes: int
    different_line: int | None


def printed(before: BinaryIO, after: BinaryIO) -> Printed:
    """Compares two files from their beginnings."""
    before_bytes, after_bytes = (file.seek(0, 2) for file in (before, after))
    for file in (before, after):
        file.seek(0)
    pairs = enumerate(zip_longest(before, after), 1)
    different = next((number for number, (old, new) in pairs if old != new), None)
    return Printed(before_bytes, after_bytes, different)


@dataclass(frozen=True, slots=True)
class Ab:
    """`verdict` is about the figures whose change is significant."""

    before: tuple[str, ...]  # the commands
    after: tuple[str, ...]
    runs_count: int
    printed: Printed
    figures: Mapping[str, Change]
    verdict: Verdict
    advice: PredictedAdvice | None
    held: tuple[Held, ...]


def ab(
    before: Sequence[str],
    after: Sequence[str],
    before_figures: Mapping[str, Sequence[float]],
    after_figures: Mapping[str, Sequence[float]],
    advice: PredictedAdvice | None = None,
    *,
    printed: Printed,
) -> Ab:
    """Figures are told run by run; each side needs one run at least."""
    with_children = any((*before_figures.get(CHILDREN, ()), *after_figures.get(CHILDREN, ())))
    figures = {
        name: Change(
            "measured", Sample(tuple(before_figures[name])), Sample(tuple(after_figures[name]))
        )
        for name in (*FIGURES, *([CHILDREN] if with_children else []))
    }
    return Ab(
        before=tuple(before),
        after=tuple(after),
        runs_count=len(before_figures[FIGURES[0]]),
        printed=printed,
        figures=figures,
        verdict=verdict(figures.values()),
        advice=advice,
        held=() if advice is None else hold(advice, figures),
    )
