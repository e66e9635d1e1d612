"""Telling a change from noise as Go's benchstat does: by medians and ranks, not by bell curves.

Few runs, heavy tails and ties are what measurements of programs look like, so nothing is assumed
of how they are distributed. A change is tested with the Mann-Whitney U test, and an interval is
made of the values that were measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist, median

ALPHA = 0.05
# Below this many runs on each side no difference, however large, reaches p < 0.05.
MIN_RUNS = 4
# Up to this many values in both samples together the distribution is counted out, as benchstat
# does for up to 50 in each; beyond, the normal approximation is as good as identical.
EXACT_AT_MOST = 60


def mann_whitney(left: Sequence[float], right: Sequence[float]) -> float:
    """The two-sided p-value of the Mann-Whitney U test; ties get the mean of their ranks.

    Exact for up to 60 values: the share of all ways to deal the ranks out to the two samples that
    are at least as lopsided. Raises ValueError for an empty sample.
    """
    if not left or not right:
        raise ValueError("both samples need a value")
    ranks, ties = doubled_ranks([*left, *right])
    observed = sum(ranks[: len(left)])
    if len(ranks) > EXACT_AT_MOST:
        return _normal(len(left), len(right), observed / 2, ties)
    ways = rank_sums(ranks, len(left))
    every = math.comb(len(ranks), len(left))
    below = sum(count for total, count in ways.items() if total <= observed)
    above = sum(count for total, count in ways.items() if total >= observed)
    return min(1.0, 2 * min(below, above) / every)


def doubled_ranks(values: Sequence[float]) -> tuple[list[int], list[int]]:
    """Twice the rank of each value, so that shared ranks stay whole; and how many share each."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    ties: list[int] = []
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = start + end + 1
        ties.append(end - start)
        start = end
    return ranks, ties


def rank_sums(ranks: Iterable[int], size: int) -> dict[int, int]:
    """How many choices of `size` of the ranks have each sum."""
    ways: list[dict[int, int]] = [{0: 1}, *({} for _ in range(size))]
    for rank in ranks:
        for chosen in range(size, 0, -1):
            now = ways[chosen]
            for total, count in ways[chosen - 1].items():
                now[total + rank] = now.get(total + rank, 0) + count
    return ways[size]


def _normal(left: int, right: int, rank_sum: float, ties: Iterable[int]) -> float:
    """With the correction for ties, and for continuity."""
    every = left + right
    u = rank_sum - left * (left + 1) / 2
    tied = sum(count**3 - count for count in ties) / (every * (every - 1))
    deviation = math.sqrt(left * right / 12 * (every + 1 - tied))
    distance = abs(u - left * right / 2) - 0.5
    return 1.0 if deviation == 0 else min(1.0, math.erfc(distance / deviation / math.sqrt(2)))


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Two of the values between which the median lies, at 95 %; None for fewer than 6 values.

    From the binomial distribution of how many values lie below the median, as benchstat does.
    """
    ordered = sorted(values)
    found = None
    outside = 0
    for place in range(len(ordered) // 2):
        outside += math.comb(len(ordered), place)
        if 2 * outside / 2 ** len(ordered) > ALPHA:
            break
        found = ordered[place], ordered[-1 - place]
    return found


def shift_interval(old: Sequence[float], new: Sequence[float]) -> tuple[float, float, float] | None:
    """By how much new values exceed old ones: lower end, estimate, upper end, at 95 %.

    Hodges and Lehmann's estimate is the median of all differences; its interval holds the shifts
    that the Mann-Whitney test would not reject. None with fewer than four runs on a side.
    """
    if min(len(old), len(new)) < MIN_RUNS:
        return None
    differences = sorted(after - before for before in old for after in new)
    cut = _rejected_differences(len(old), len(new))
    return differences[cut - 1], median(differences), differences[-cut]


def _rejected_differences(left: int, right: int) -> int:
    """How many of the smallest differences, and of the largest, the interval lies within."""
    if left + right > EXACT_AT_MOST:
        deviation = math.sqrt(left * right * (left + right + 1) / 12)
        return max(
            1, math.floor(left * right / 2 - NormalDist().inv_cdf(1 - ALPHA / 2) * deviation)
        )
    every = math.comb(left + right, left)
    ways = rank_sums(range(1, left + right + 1), left)
    smallest = left * (left + 1) // 2
    outside = cut = 0
    while 2 * (outside + ways.get(smallest + cut, 0)) / every <= ALPHA:
        outside += ways.get(smallest + cut, 0)
        cut += 1
    return cut
