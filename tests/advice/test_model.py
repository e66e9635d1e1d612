"""Predicted savings."""

from __future__ import annotations

from memscope.advice.model import Interval


def test_an_interval_is_in_order_whatever_its_formulas_gave() -> None:
    assert Interval(5, 3, 1) == Interval(3, 3, 3)
    assert Interval.around(10, 0.5, 2) == Interval(5, 10, 20)
