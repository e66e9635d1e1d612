"""How much of the time the collector takes, what it finds, and which line makes it do so.

The collector runs whenever enough container objects have come that did not go again. Its share is
estimated from how often the recorder found it at work; the interval is that estimate's.
"""

from __future__ import annotations

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import Fact, measured, modelled
from memscope.advice.model import Rejected
from memscope.advice.policy import Collections
from memscope.analysis.gcpressure import GcPressure, find_gc_pressure
from memscope.analysis.units import share_text
from memscope.capture.columns import added, gathered, only_where, total
from memscope.capture.format import LIFETIME_BYTE_BUCKETS
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

# Blocks that outlive this much allocation were there when the collector came by.
OUTLIVED_BUCKET = 7


@dataclass(frozen=True, slots=True)
class Effort:
    """What the collector does, most of it for one line; `site` is what has its objects made.

    `share` of the time, between `low` and `high`; `kept` objects of the line were there when it
    came by. `frees` says whether it finds garbage among them, and not just objects in use.
    """

    pressure: GcPressure
    share: float
    low: float
    high: float
    line: UserLine
    site: CodeFrame
    kept: float
    frees: bool

    @property
    def confidence(self) -> float:
        return 0.85 if self.low >= 0.5 * self.share else 0.65

    @property
    def modelled(self) -> str:
        told = (
            "the share is the interpreter's own"
            if self.pressure.pause_exact
            else f"the share is estimated from {self.pressure.polls} looks"
        )
        return told + "; that it looks through these objects is told from their types and life"

    def facts(self) -> tuple[Fact, ...]:
        pressure = self.pressure
        collected = "unknown" if pressure.collected is None else pressure.collected
        return (
            Fact(
                "share", "of the time that the collector takes", self.share, "share",
                "measured" if pressure.pause_exact else "modelled", least=Collections.least_share,
            ),
            modelled(
                "share_low", "at the low end of that estimate", self.low, "share",
                least=Collections.least_low_share,
            ),
            measured(
                "polls", "at the program", pressure.polls, "looks", least=Collections.least_polls
            ),
            measured("collections", "of it", pressure.collections or 0, "collections"),
            measured("collected", "that it freed", collected, "objects", decides=True),
            measured(
                "containers", "of this line that it looked through, by their types",
                round(self.kept), "objects", least=Collections.least_containers,
            ),
        )  # fmt: skip


def effort_of(context: Context, kind: str) -> Effort | Rejected:
    """The collector's effort, or why there is nothing to say of it."""
    return context.once(("effort", kind), lambda: _effort_of(context, kind))


def _effort_of(context: Context, kind: str) -> Effort | Rejected:
    pressure = context.once(
        "pressure of the collector", lambda: find_gc_pressure(context.measures, limit=1)
    )
    low, share, high = pressure.share_low, pressure.share, pressure.share_high
    if low is None or share is None or high is None:
        return Rejected(kind, None, "the capture does not say how often the collector was at work")
    if (
        share < Collections.least_share
        or low < Collections.least_low_share
        or pressure.polls < Collections.least_polls
    ):
        between = f"{share_text(low)} to {share_text(high)}"
        why = f"the collector takes {share_text(share)} of the time ({between})"
        return Rejected(kind, None, why, share * 2)
    made = context.once("made for the collector", lambda: _made_for_collector(context))
    if not made:
        return Rejected(kind, None, "no own line is known to make what the collector looks through")
    line, kept = max(made, key=lambda item: item[1])
    # What the collector frees is garbage in cycles; what it finds in use it looked at for nothing.
    collected = pressure.collected
    frees = (
        line.blocks.peak_blocks < Collections.least_stayed_share * line.blocks.allocations
        if collected is None
        else collected >= Collections.most_collected_share * kept
    )
    return Effort(pressure, share, low, high, line, context.asking(line), kept, frees)


def _made_for_collector(context: Context) -> list[tuple[UserLine, float]]:
    """Lines by how many objects of theirs were there for the collector to look at."""
    outlived = context.rows.released_after(OUTLIVED_BUCKET, LIFETIME_BYTE_BUCKETS)
    there = only_where(added(context.measures.live_blocks, outlived), context.objects.tracked)
    counts = ((line, total(gathered(there, line.rows))) for line in context.lines)
    return [(line, count) for line, count in counts if count >= Collections.least_containers]
