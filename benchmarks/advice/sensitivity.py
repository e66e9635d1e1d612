"""How much a verdict depends on each limit of advice: each is moved by a quarter, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from memscope.advice.advise import advise
from memscope.advice.evidence.calibration import DEFAULT_COSTS
from memscope.advice.policy import Amount, Limit, limits
from memscope.analysis.measures import Measures

QUARTER = 0.25
Verdicts = dict[str, frozenset[tuple[str, str, int]]]  # by capture: kind, file, line


@dataclass(frozen=True, slots=True)
class Moved:
    """A limit, and how many verdicts come or go when it is lower and when it is higher."""

    limit: Limit
    lower: int
    higher: int


def moved_limits(measures: Sequence[Measures], as_is: Verdicts, word: str) -> Iterator[Moved]:
    """Each limit whose name holds the word; `as_is` are the verdicts without a move."""
    asking = _asking(measures)
    for group, name, limit in limits():
        if word not in limit.name:
            continue
        changes = []
        for factor in (1 - QUARTER, 1 + QUARTER):
            with moved(group, name, limit, factor):
                changes.append(_differing(as_is, verdicts(asking[limit.name])))
        yield Moved(limit, *changes)


@dataclass(slots=True)
class _Asked:
    """In place of a limit: gives it, and notes that it was asked for."""

    limit: Limit
    names: set[str]

    def __get__(self, instance: object, owner: type) -> Limit:
        self.names.add(self.limit.name)
        return self.limit


def _asking(measures: Sequence[Measures]) -> dict[str, list[Measures]]:
    """For each limit the captures whose advice asks for it: no other can differ by it."""
    asking: dict[str, list[Measures]] = {limit.name: [] for _, _, limit in limits()}
    known = list(limits())
    for one in measures:
        names: set[str] = set()
        for group, name, limit in known:
            setattr(group, name, _Asked(limit, names))
        try:
            verdicts([one])
        finally:
            for group, name, limit in known:
                setattr(group, name, limit)
        for name in names:
            asking[name].append(one)
    return asking


@contextmanager
def moved(group: type, name: str, limit: Limit, factor: float) -> Iterator[None]:
    """The limit times a factor; a count moves by one at least, and a share is no more than all."""
    value = min(limit * factor, 1.0) if limit.unit == "share" else limit * factor
    if isinstance(limit, Amount):
        other: Limit = Amount(value, limit.unit, limit.origin, limit.meaning)
    else:
        step = -1 if factor < 1 else 1
        whole = min(round(value), limit + step) if step < 0 else max(round(value), limit + step)
        other = type(limit)(max(whole, 0), limit.unit, limit.origin, limit.meaning)
    other.name = limit.name
    setattr(group, name, other)
    try:
        yield
    finally:
        setattr(group, name, limit)


def verdicts(measures: Sequence[Measures]) -> Verdicts:
    """What is advised of each capture. Reading one asks for no limit, so that is done once."""
    found = {}
    for one in measures:
        advised = advise(one, DEFAULT_COSTS)
        found[one.capture.path.name] = frozenset(
            (item.kind, item.site.file, item.site.line) for item in advised.advice
        )
    return found


def _differing(before: Verdicts, after: Verdicts) -> int:
    return sum(len(before[name] ^ after[name]) for name in after)


def text(found: Sequence[Moved], count: int) -> str:
    """The limits that move most first; all others together."""
    lines = [f"{count} verdicts; each limit moved by a quarter, lower and higher"]
    order = sorted(found, key=lambda one: -max(one.lower, one.higher))
    for one in order:
        if one.lower or one.higher:
            shares = f"{one.lower / count:6.1%} {one.higher / count:6.1%}"
            told = f"{one.limit:,g} {one.limit.unit} ({one.limit.origin})"
            lines.append(f"  {one.limit.name:38}{told:34}{one.lower:4}{one.higher:4} {shares}")
    still = sum(not (one.lower or one.higher) for one in found)
    many = sum(max(one.lower, one.higher) > 0.02 * count for one in found)
    lines.append(f"{still} of {len(found)} limits move nothing, {many} more than 2 %")
    return "\n".join(lines)


def document(found: Sequence[Moved], count: int) -> dict[str, Any]:
    rows = [
        {
            "limit": one.limit.name, "value": float(one.limit), "unit": one.limit.unit,
            "origin": one.limit.origin, "lower": one.lower, "higher": one.higher,
        }
        for one in found
    ]  # fmt: skip
    return json.loads(json.dumps({"verdicts": count, "limits": rows}))
