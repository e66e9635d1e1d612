"""The questions that a fleet is asked, each with its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from memscope.fleet import sql
from memscope.fleet.asking import Answer, Asked, Fleet, Question
from memscope.fleet.engines import Engine
from memscope.fleet.growth import grew, regressions

_TOP = ("file", "function", "line", "origin", "services", "recorded", "total", "most")
_LIMITS = (
    "service", "recorded", "near", "killed", "highest", "peak_resident_bytes",
    "least_limit_bytes", "most_limit_bytes",
)  # fmt: skip


def ask(engine: Engine, asked: Asked) -> Answer:
    """Raises MemscopeError where the data set does not have what is asked about."""
    return _ANSWERS[asked.question](Fleet(engine, asked))


def _top(fleet: Fleet) -> Answer:
    ((whole,),) = fleet.rows(sql.TOTAL)
    fleet.read_rows(sql.RUNS)
    found = []
    for values in fleet.rows(sql.TOP):
        row = dict(zip(_TOP, values, strict=True))
        row["mean"] = row["total"] / row["recorded"]
        row["share"] = row["total"] / whole if whole else 0.0
        found.append(row)
    return fleet.answer(found)


def _limits(fleet: Fleet) -> Answer:
    ((limited,),) = fleet.rows(sql.LIMITED)
    found = [dict(zip(_LIMITS, values, strict=True)) for values in fleet.rows(sql.LIMITS)]
    unknown = fleet.about["recorded"] - limited
    notes = [f"{unknown:,} of the runs have no known limit"] if unknown else []
    return fleet.answer(found, notes)


_ANSWERS: Mapping[Question, Callable[[Fleet], Answer]] = {
    "top": _top,
    "grew": grew,
    "regressions": regressions,
    "limits": _limits,
}
