"""What advice predicted, held against what came of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from memscope.analysis.changes import Change
from memscope.plain import dataclass

# What `memscope advise` predicts, and the figure of a trial that shows it. Its savings of live
# bytes and of allocations are seen by recording only: `memscope compare` shows those. Arenas that
# go back show in `memscope fragmentation`; a trial knows the highest resident memory only.
FIGURE_OF = {"cpu_s": "cpu_s"}
PREDICTED = ("cpu_s", "peak_bytes", "rss_bytes", "allocations")

Outcome = Literal["as predicted", "less", "more", "not shown", "not measured"]


class Saving(NamedTuple):
    """How much less of a figure there is: at least, most likely, at most."""

    low: float
    value: float
    high: float


@dataclass(frozen=True, slots=True)
class PredictedAdvice:
    """One piece of advice, as far as its outcome is concerned."""

    kind: str
    place: str
    summary: str
    predicted: Mapping[str, Saving]


@dataclass(frozen=True, slots=True)
class Held:
    """A prediction and its outcome.

    "as predicted" if what was saved, at 95 %, and what was predicted overlap; "less" or "more" if
    not; "not shown" if the trials show no change though one was predicted.
    """

    figure: str
    predicted: Saving
    saved: Saving | None
    outcome: Outcome

    @property
    def log2_error(self) -> float | None:
        """log2 of predicted by saved: 0 is right, 1 is twice what came of it."""
        if self.saved is None or self.predicted.value <= 0 or self.saved.value <= 0:
            return None
        return math.log2(self.predicted.value) - math.log2(self.saved.value)


def read_advice(document: object) -> tuple[PredictedAdvice, ...]:
    """The advice in the JSON of `memscope advise --json`; raises ValueError if it is not that."""
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    if document.get("schema") != "memscope.advise/1":
        raise ValueError('its schema is not "memscope.advise/1"')
    advice = document.get("advice")
    if not isinstance(advice, list):
        raise ValueError("it has no list of advice")
    return tuple(_advice(item) for item in advice)


def _advice(item: Any) -> PredictedAdvice:
    if not isinstance(item, dict) or not isinstance(item.get("predicted"), dict):
        raise ValueError("a piece of advice has no predictions")
    site = item.get("site")
    site = site if isinstance(site, dict) else {}
    return PredictedAdvice(
        kind=_text(item.get("kind")),
        place=f"{_text(site.get('file'))}:{_text(site.get('line'))}",
        summary=_text(item.get("summary")),
        predicted={
            name: _saving(item["predicted"][name])
            for name in PREDICTED
            if item["predicted"].get(name) is not None
        },
    )


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _saving(value: Any) -> Saving:
    ends = [value.get(name) if isinstance(value, dict) else None for name in Saving._fields]
    numbers = [
        float(end)
        for end in ends
        if isinstance(end, int | float) and not isinstance(end, bool) and abs(end) < 1e18
    ]
    if len(numbers) != len(ends) or not numbers[0] <= numbers[1] <= numbers[2]:
        raise ValueError("a prediction is not low, value and high, in this order")
    return Saving(*numbers)


def hold(advice: PredictedAdvice, changes: Mapping[str, Change]) -> tuple[Held, ...]:
    """Each prediction with what was saved."""
    return tuple(_held(advice.predicted, changes))


def _held(predicted: Mapping[str, Saving], changes: Mapping[str, Change]) -> Iterable[Held]:
    for name, expected in predicted.items():
        change = changes.get(FIGURE_OF.get(name, ""))
        saved = None if change is None else saving(change)
        if change is None or saved is None:
            yield Held(name, expected, None, "not measured")
        else:
            yield Held(name, expected, saved, _outcome(expected, saved, change))


def _outcome(expected: Saving, saved: Saving, change: Change) -> Outcome:
    if expected.low > 0 and not change.significant:
        return "not shown"
    if saved.high < expected.low:
        return "less"
    return "more" if saved.low > expected.high else "as predicted"


def saving(change: Change) -> Saving | None:
    """What a change saves, with its 95 % interval; None where the runs allow no interval."""
    shift = change.shift
    if shift is None:
        return None
    low, estimate, high = shift
    return Saving(-high, -estimate, -low)
