"""Advice is held against what came of it."""

from __future__ import annotations

from typing import Any

import pytest

from memscope.analysis.changes import Change, Sample
from memscope.analysis.predictions import Outcome, Saving, hold, read_advice, saving


def document(**predicted: Any) -> dict[str, Any]:
    return {
        "schema": "memscope.advise/1",
        "advice": [
            {
                "kind": "reuse-buffer",
                "site": {"file": "app.py", "line": 7, "function": "read"},
                "summary": "a buffer for each chunk",
                "predicted": predicted,
            }
        ],
        "rejected": [],
    }


def expected(low: float, value: float, high: float) -> dict[str, float]:
    return {"low": low, "value": value, "high": high}


def measured(old: list[float], new: list[float]) -> Change:
    return Change("measured", Sample(tuple(old)), Sample(tuple(new)))


def test_advice_is_read() -> None:
    (advice,) = read_advice(document(cpu_s=expected(1, 2, 3), peak_bytes=None))
    assert (advice.kind, advice.place) == ("reuse-buffer", "app.py:7")
    assert advice.predicted == {"cpu_s": Saving(1, 2, 3)}


OLD = [10.0, 10.1, 10.2, 10.3, 10.4]


@pytest.mark.parametrize(
    ("new", "prediction", "outcome"),
    [
        ([8.0, 8.1, 8.2, 8.3, 8.4], expected(1.5, 2, 2.5), "as predicted"),
        ([8.0, 8.1, 8.2, 8.3, 8.4], expected(3, 4, 5), "less"),
        ([8.0, 8.1, 8.2, 8.3, 8.4], expected(0.5, 0.6, 0.7), "more"),
        (OLD, expected(1, 2, 3), "not shown"),
        (OLD, expected(-1, 0, 1), "as predicted"),
        ([12.0, 12.1, 12.2, 12.3, 12.4], expected(1, 2, 3), "less"),
    ],
)
def test_outcomes(new: list[float], prediction: dict[str, float], outcome: Outcome) -> None:
    (advice,) = read_advice(document(cpu_s=prediction))
    (held,) = hold(advice, {"cpu_s": measured(OLD, new)})
    assert held.outcome == outcome


def test_the_error_is_a_factor() -> None:
    (advice,) = read_advice(document(cpu_s=expected(3, 4, 5)))
    change = measured(OLD, [value - 2 for value in OLD])
    (held,) = hold(advice, {"cpu_s": change})
    assert held.saved is not None
    assert held.saved.value == pytest.approx(2)
    assert held.log2_error == pytest.approx(1)
    assert saving(change) == held.saved


@pytest.mark.parametrize("figure", ["allocations", "peak_bytes", "rss_bytes"])
def test_what_is_not_measured_is_said(figure: str) -> None:
    (advice,) = read_advice(document(**{figure: expected(1, 2, 3)}))
    changes = {"cpu_s": measured(OLD, OLD), "resident_bytes": measured(OLD, OLD)}
    (held,) = hold(advice, changes)
    assert (held.outcome, held.saved, held.log2_error) == ("not measured", None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        {"schema": "memscope.summary/1"},
        {"schema": "memscope.advise/1"},
        {"schema": "memscope.advise/1", "advice": [7]},
        {"schema": "memscope.advise/1", "advice": [{"kind": "pool"}]},
        document(cpu_s=3),
        document(cpu_s={"low": 1, "value": 2}),
        document(cpu_s=expected(3, 2, 1)),
        document(cpu_s={"low": 1, "value": "2", "high": 3}),
        document(cpu_s={"low": 1, "value": float("nan"), "high": 3}),
        document(cpu_s={"low": 1, "value": 2, "high": 10**400}),
    ],
)
def test_what_is_no_advice_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_advice(wrong)
