"""One figure before and after, over one or several runs.

By how much it changed, if it did, and whether that is more than a limit allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from statistics import median
from typing import Literal

from memscope.analysis.limits import GrowthLimit
from memscope.analysis.significance import (
    ALPHA,
    MIN_RUNS,
    mann_whitney,
    median_interval,
    shift_interval,
)
from memscope.plain import dataclass

# How a figure behaves from run to run of the same program. What is counted comes out the same but
# for a few blocks in millions (hash seeds, threads); what is measured is noise and all.
Kind = Literal["counted", "measured"]

# Counts of an unchanged program differ by less than this; 600 million bytes by 1e-7, measured.
NEGLIGIBLE = 0.001


@dataclass(frozen=True)
class Sample:
    """A figure's values, one per run."""

    values: tuple[float, ...]

    @cached_property
    def median(self) -> float:
        return median(self.values)

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """Where the median lies, at 95 %; None for fewer than 6 runs."""
        return median_interval(self.values)

    @property
    def lowest(self) -> float:
        return min(self.values)

    @property
    def highest(self) -> float:
        return max(self.values)


@dataclass(frozen=True)
class Change:
    """A figure of two sides; `delta` is by how much the new median exceeds the old one."""

    kind: Kind
    old: Sample
    new: Sample

    @property
    def delta(self) -> float:
        return self.new.median - self.old.median

    @property
    def share(self) -> float | None:
        """The delta as a part of the old median; None where that is nothing."""
        return self.delta / self.old.median if self.old.median else None

    @cached_property
    def p(self) -> float | None:
        """Of the Mann-Whitney U test; None where too few runs allow no judgement by it."""
        if min(len(self.old.values), len(self.new.values)) < MIN_RUNS:
            return None
        return mann_whitney(self.old.values, self.new.values)

    @cached_property
    def shift(self) -> tuple[float, float, float] | None:
        """Lower end, estimate and upper end of how much more new runs have than old ones."""
        return shift_interval(self.old.values, self.new.values)

    @cached_property
    def shown(self) -> bool:
        """Whether the runs show that the figure is another.

        With four runs or more on each side by p < 0.05. With fewer, what is counted has changed if
        the values of the two sides do not overlap, and what is measured never has.
        """
        if self.p is not None:
            return self.p < ALPHA
        if self.kind == "measured":
            return False
        return self.old.highest < self.new.lowest or self.new.highest < self.old.lowest

    @property
    def significant(self) -> bool:
        """Whether a change is shown, and of a counted figure more than 0.1 % of the larger side."""
        if self.kind == "measured":
            return self.shown and self.delta != 0
        larger = max(abs(self.old.median), abs(self.new.median))
        return self.shown and abs(self.delta) > NEGLIGIBLE * larger

    def allowed(self, limit: GrowthLimit) -> float:
        """By how much the limit lets it grow."""
        return limit.growth(self.old.median)

    def passes(self, limit: GrowthLimit) -> bool:
        """Whether it has grown by more than the limit, as far as the runs show."""
        return self.shown and self.delta > self.allowed(limit)

    @property
    def decidable(self) -> bool:
        """Whether there are runs enough for any limit to be passed at all."""
        return self.kind == "counted" or self.p is not None


def change(kind: Kind, old: Sequence[float | None], new: Sequence[float | None]) -> Change | None:
    """The change of a figure; runs that do not have it are left out, None if a side has none."""
    before = tuple(value for value in old if value is not None)
    after = tuple(value for value in new if value is not None)
    return Change(kind, Sample(before), Sample(after)) if before and after else None


def undecidable(limits: Sequence[GrowthLimit], changes: Mapping[str, Change]) -> str | None:
    """Why a limit could never be passed, in words; None if each could."""
    for limit in limits:
        found = changes.get(limit.figure)
        if found is None:
            return f"{limit.text} cannot be judged: not both sides have this figure"
        if not found.decidable:
            return f"{limit.text} cannot be judged: it takes {MIN_RUNS} runs or more on each side"
    return None
