"""What a recording with a budget cost the program, and when it was sampled for that."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from memscope.capture.fields import integer, scaled
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a recording in which all was recorded, or small requests were sampled."""

    from_ns: int
    to_ns: int
    mode: Literal["exact", "sampled"]


@dataclass(frozen=True, slots=True)
class BudgetKept:
    """What recording cost the program, and when it was sampled for that.

    `cost_ns` is an estimate of the program's own: of each 31 events one was timed. It is part of
    `cpu_ns`, but for what it has of `waited_ns`, when the program waited for the recorder. The
    counters are those of blocks that came while small requests were sampled, which are estimates;
    all else is exact. An interval may stand for more of the `changes`: then it is told as sampled.
    Of a merged capture `captures` had a budget, `cpu_ns` is theirs, and `sampled_ns` a sum;
    `intervals` are of all: sampled is when one of them was.
    """

    share: float
    cpu_ns: int
    cost_ns: int
    sampled_ns: int
    changes: int
    intervals: tuple[Stretch, ...]
    allocations: float
    allocated_bytes: float
    live_bytes: float
    live_blocks: float
    waited_ns: int = 0
    captures: int = 1
    peak_estimated: bool | None = None  # None: its time tells

    @property
    def cost_share(self) -> float:
        """Of the CPU time that the program took for itself."""
        own_ns = self.cpu_ns - max(self.cost_ns - self.waited_ns, 0)
        # Of a program that did next to nothing but wait, what was timed may be more than there was.
        own_ns = own_ns if own_ns > 0 else self.cpu_ns
        return self.cost_ns / own_ns if own_ns else 0.0

    @property
    def exact_until_ns(self) -> int | None:
        """When it was sampled for the first time; None: never."""
        return next((each.from_ns for each in self.intervals if each.mode == "sampled"), None)

    def has_estimated_peak(self, peak_time_ns: int) -> bool:
        """Whether any of what was live at the peak may have come while it was sampled."""
        if self.peak_estimated is not None:
            return self.peak_estimated
        first = self.exact_until_ns
        return first is not None and peak_time_ns >= first

    @classmethod
    def from_json(
        cls, data: object, duration_ns: int, unit: int, waited_ns: int = 0
    ) -> BudgetKept | None:
        if not isinstance(data, dict):
            return None
        sampled = data.get("sampled")
        sampled = sampled if isinstance(sampled, dict) else {}
        peak = data.get("peak_estimated")
        names = ("allocations", "allocated_bytes", "live_bytes", "live_blocks")
        return cls(
            share=integer(data, "share_ppm") / 1e6,
            cpu_ns=integer(data, "cpu_ns"),
            cost_ns=integer(data, "cost_ns"),
            sampled_ns=integer(data, "sampled_ns"),
            changes=integer(data, "changes"),
            intervals=_intervals(data.get("switches_ns"), duration_ns),
            waited_ns=waited_ns,
            captures=integer(data, "captures", 1),
            peak_estimated=peak if isinstance(peak, bool) else None,
            **{name: scaled(integer(sampled, name), unit) for name in names},
        )


def _intervals(switches: object, duration_ns: int) -> tuple[Stretch, ...]:
    """Exact at first, then by turns."""
    times = switches if isinstance(switches, list) else []
    known = [time for time in times if isinstance(time, int) and 0 <= time <= duration_ns]
    ends = [0, *sorted(known), duration_ns]
    return tuple(
        Stretch(start, end, "sampled" if number % 2 else "exact")
        for number, (start, end) in enumerate(pairwise(ends))
        if end > start or number == 0
    )
