"""How live bytes went over the run: whether they rise like a leak's, to the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from memscope.advice.policy import Trends
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Trend:
    """How a line's live bytes went: `steady` says whether like a leak's."""

    grown_bytes: float
    tau: float
    slope_ratio: float
    dropped: bool  # at the very end, when its retainer went
    steps: int = 0  # of the run that it was followed over
    until: int = -1  # the window in which it was highest first

    @property
    def steady(self) -> bool:
        return (
            self.tau >= Trends.least_tau
            and Trends.least_slope_ratio <= self.slope_ratio <= Trends.most_slope_ratio
        )


def growth_of(live: Sequence[float], progress: Sequence[float]) -> Trend | None:
    """How a series of live bytes grew, by what the program had done by then; None if it did not."""
    if not live or not progress or max(live) <= 0:
        return None
    end = progress[-1]
    # What starts late is followed from there on, with the moment before as its zero.
    points = [(0.0, 0.0), *zip(progress, live, strict=True)]
    first = next(place for place, (_, value) in enumerate(points) if value > 0) - 1
    points = points[first:]
    # The tail is the program's end, when whatever holds the blocks may be gone.
    kept = max(range(len(points)), key=lambda place: (points[place][1], place))
    most = points[kept][1]
    let_go = Trends.let_go_share * most
    tail = next(
        (place for place in range(kept, len(points)) if points[place][1] < let_go), len(points)
    )
    dropped = tail < len(points)
    while dropped and tail - 1 > kept and points[tail - 1][1] < Trends.falling_share * most:
        tail -= 1  # one in which it was on the way down
    if dropped and end - points[tail][0] > Trends.tail_share * end:
        return Trend(points[-1][1] - points[0][1], 0.0, 0.0, False)
    points = _steps(points[:tail], Trends.least_step * end)
    span = points[-1][0] - points[0][0]
    if len(points) < Trends.least_windows + 1 or span < Trends.least_span * end:
        return None
    grown = points[-1][1]
    if grown <= 0:
        return None
    middle = (points[0][0] + points[-1][0]) / 2
    early = [point for point in points if point[0] <= middle] or points[:1]
    late = [early[-1], *(point for point in points if point[0] > middle)]
    before, after = _slope(early), min(_slope(late), 2 * _late_rate(points))
    ratio = after / before if before > 0 else float(after > 0)
    tau = min(_tau(points), _tau(late) + Trends.least_tau - Trends.least_late_tau)
    highest = Trends.highest_share * max(live)
    until = next(place for place, value in enumerate(live) if value >= highest)
    return Trend(grown, tau, ratio, dropped, len(points) - 1, until)


def _steps(points: Sequence[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    """Of points that are next to each other the last: while a program waits, nothing can grow."""
    kept = [points[0]]
    for point in points[1:]:
        if point[0] - kept[-1][0] < least and len(kept) > 1:
            kept[-1] = (kept[-1][0], point[1])
        else:
            kept.append(point)
    return kept


def _late_rate(points: Sequence[tuple[float, float]]) -> float:
    """Growth over the last fifth of the way."""
    end, value = points[-1]
    start = end - Trends.late_share * (end - points[0][0])
    before = [point for point in points if point[0] <= start][-1:] or points[:1]
    done, least = before[0]
    return (value - least) / (end - done) if end > done else 0.0


def _tau(points: Sequence[tuple[float, float]]) -> float:
    """Mann and Kendall's: the share of pairs that rise, less that of those that fall."""
    pairs = list(combinations(points, 2))
    if not pairs:
        return 0.0
    signs = sum((b > a) - (b < a) for (_, a), (_, b) in pairs)
    return signs / len(pairs)


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Theil and Sen's: the median of the slopes between all pairs."""
    slopes = sorted(
        (b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if b[0] > a[0]
    )
    if not slopes:
        return 0.0
    middle = len(slopes) // 2
    return slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2
