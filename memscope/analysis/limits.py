"""What `--fail-on` allows: "peak:5%,allocations:0%" as limits on how much a figure may grow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from memscope.analysis.changes import Change
from memscope.analysis.significance import MIN_RUNS

Unit = Literal["bytes", "count", "seconds"]

_LIMIT = re.compile(r"\s*([a-z_]+)\s*:\s*(\d+(?:\.\d+)?)\s*(%|[a-z]*)\s*", re.IGNORECASE)
_UNITS: Mapping[Unit, Mapping[str, float]] = {
    "count": {"": 1, "k": 1e3, "m": 1e6},
    "seconds": {"": 1, "s": 1, "ms": 1e-3, "us": 1e-6},
    "bytes": {
        "": 1,
        "b": 1,
        **{
            f"{prefix}{ending}": 1024 ** (power + 1)
            for power, prefix in enumerate("kmg")
            for ending in ("", "b", "ib")
        },
    },
}


@dataclass(frozen=True, slots=True)
class Limit:
    """How much more of a figure is allowed: a part of the old value, or so much."""

    name: str  # as it was given
    figure: str
    amount: float
    relative: bool
    text: str

    def allowed(self, change: Change) -> float:
        return self.amount * abs(change.old.median) if self.relative else self.amount

    def passed(self, change: Change) -> bool:
        """Whether the figure has grown by more, as far as the runs show."""
        return change.shown and change.delta > self.allowed(change)

    def decidable(self, change: Change) -> bool:
        """Whether there are runs enough for the limit to be passed at all."""
        return change.kind == "counted" or change.p is not None


def parse_limits(text: str, figures: Mapping[str, tuple[str, Unit]]) -> tuple[Limit, ...]:
    """The limits in a list separated by commas; `figures` gives each name's figure and unit.

    Raises ValueError with a reason in words.
    """
    limits = []
    for part in text.split(","):
        found = _LIMIT.fullmatch(part)
        if found is None:
            raise ValueError(f"{part.strip()!r} is no limit: write peak:5% or peak:10MiB")
        name, amount, ending = found[1].lower(), float(found[2]), found[3].lower()
        if name not in figures:
            raise ValueError(f"{name!r} cannot be limited: choose from {', '.join(figures)}")
        figure, unit = figures[name]
        factor = 0.01 if ending == "%" else _UNITS[unit].get(ending)
        if factor is None:
            raise ValueError(f"{part.strip()!r}: {found[3]!r} is no unit of {unit}")
        limits.append(Limit(name, figure, amount * factor, ending == "%", part.strip()))
    return tuple(limits)


def undecidable(limits: Sequence[Limit], changes: Mapping[str, Change]) -> str | None:
    """Why a limit could never be passed, in words; None if each could."""
    for limit in limits:
        change = changes.get(limit.figure)
        if change is None:
            return f"{limit.text} cannot be judged: not both sides have this figure"
        if not limit.decidable(change):
            return f"{limit.text} cannot be judged: it takes {MIN_RUNS} runs or more on each side"
    return None
