"""The statistics, judged by scipy's values and by definition."""

from __future__ import annotations

import itertools
import math
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memscope.analysis.significance import (
    ALPHA,
    mann_whitney,
    median_interval,
    shift_interval,
)

# scipy 1.17.1, stats.mannwhitneyu(left, right, method="exact").pvalue
WITHOUT_TIES = [
    ([1.1, 2.2, 3.3, 4.4], [5.5, 6.6, 7.7, 8.8], 0.02857142857142857),
    ([19, 22, 16, 29, 24], [20, 11, 17, 12], 0.1111111111111111),
    (
        [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
        [1.15, 0.88, 0.9, 0.74, 1.21],
        0.2544122544122544,
    ),
    ([3, 1, 4, 1.5, 9, 2.6], [5.3, 5.8, 9.7, 9.3, 2.3, 8.4, 6.2], 0.07342657342657342),
]
# The same version's stats.permutation_test over all permutations, of the sum of midranks.
WITH_TIES = [
    ([100, 100, 101, 103, 100, 102], [102, 104, 103, 103, 105], 0.030303030303030304),
    ([5, 5, 5, 5], [5, 5, 5, 6], 1.0),
]


@pytest.mark.parametrize(("left", "right", "p"), WITHOUT_TIES + WITH_TIES)
def test_as_scipy_has_it(left: list[float], right: list[float], p: float) -> None:
    assert mann_whitney(left, right) == pytest.approx(p, rel=1e-12)
    assert mann_whitney(right, left) == pytest.approx(p, rel=1e-12)


def test_many_values_are_approximated_as_scipy_does() -> None:
    left = [(i * 37 % 101) / 10 for i in range(40)]
    right = [(i * 53 % 97) / 10 + 1 for i in range(35)]
    # stats.mannwhitneyu(left, right, method="asymptotic").pvalue
    assert mann_whitney(left, right) == pytest.approx(0.4899577679683973, rel=1e-9)


def test_equal_values_show_nothing() -> None:
    assert mann_whitney([7] * 9, [7] * 9) == 1
    assert mann_whitney([7] * 90, [7] * 90) == 1


def test_an_empty_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="both"):
        mann_whitney([], [1])


samples = st.lists(st.integers(0, 6), min_size=1, max_size=5)


@given(samples, samples)
def test_the_p_value_by_definition(left: list[int], right: list[int]) -> None:
    values = left + right
    ranks = [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]
    observed = sum(ranks[: len(left)])
    sums = [sum(chosen) for chosen in itertools.combinations(ranks, len(left))]
    below = sum(found <= observed for found in sums) / len(sums)
    above = sum(found >= observed for found in sums) / len(sums)
    assert mann_whitney(left, right) == pytest.approx(min(1, 2 * min(below, above)))


@pytest.mark.parametrize(
    ("count", "places"), [(5, None), (6, (0, 5)), (8, (0, 7)), (9, (1, 7)), (12, (2, 9))]
)
def test_the_interval_of_a_median(count: int, places: tuple[int, int] | None) -> None:
    # From tables of the sign test, such as table A.31 of Conover's Practical Nonparametric
    # Statistics: the ranks are 1-6, 1-8, 2-8 and 3-10.
    assert median_interval([*reversed(range(count))]) == places


@given(
    st.lists(st.integers(0, 10**6), min_size=4, max_size=8, unique=True),
    st.lists(st.integers(0, 10**6), min_size=4, max_size=8, unique=True),
)
def test_the_shifts_of_the_interval_are_those_the_test_does_not_reject(
    old: list[int], new: list[int]
) -> None:
    found = shift_interval(old, new)
    assert found is not None
    low, estimate, high = found
    differences = sorted(after - before for before in old for after in new)
    assert estimate == median(differences)
    for left, right in itertools.pairwise(differences):
        shift = (left + right) / 2
        if left == right:
            continue
        kept = mann_whitney([value + shift for value in old], new) > ALPHA
        assert kept == (low < shift < high)


def test_the_interval_of_many_runs_is_that_of_the_normal_distribution() -> None:
    exact = shift_interval(range(0, 300, 10), range(1, 301, 10))
    more = shift_interval(range(0, 310, 10), range(1, 311, 10))
    assert exact is not None
    assert more is not None
    assert more[1] == exact[1] == 1
    assert [abs(a - b) <= 10 for a, b in zip(exact, more, strict=True)] == [True] * 3


def test_too_few_runs_have_no_interval() -> None:
    assert shift_interval([1, 2, 3], [4, 5, 6]) is None
    assert shift_interval([1, 2, 3, 4], [11, 12, 13, 14]) == (7, 10, 13)
    assert not math.isnan(mann_whitney([1], [2]))
