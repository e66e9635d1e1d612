"""Time that the cyclic collector takes, looking through objects that are all alive.

The collector runs whenever enough container objects have come that did not go again. Its share is
estimated from how often the recorder found it at work; the interval is that estimate's.
"""

from __future__ import annotations

import math

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.capture.format import DOMAINS

KIND = "gc-pressure"

LEAST_SHARE = 0.05
LEAST_POLLS = 20
LEAST_BODY_CLASS = 3  # 48 bytes: no container object with its collector's header is smaller
# Blocks that outlive this much allocation were there when the collector came by.
OUTLIVED_BUCKET = 7
_OBJ = DOMAINS.index("obj")
_Z = 1.28  # one side of an interval that holds 80 %


def find(case: Case) -> Findings:
    """Whether the collector takes more than its due, and who makes it run."""
    end = case.capture.end
    if end is None or not end.polls:
        why = "the capture does not say how often the collector was at work"
        return Findings(rejected=(Rejected(KIND, None, why),))
    low, share, high = _share(end.collecting_polls, end.polls)
    # Polls see too much of the collector in a short run: it makes no events, so the drain has time
    # to look. Measured against gc.callbacks: up to six times its share.
    low, share = low / 6, share / 2
    if share < LEAST_SHARE or low < 1.6 * LEAST_SHARE or end.polls < LEAST_POLLS:
        why = f"the collector takes {share:.0%} of the time ({low:.0%} to {high:.0%})"
        return Findings(rejected=(Rejected(KIND, None, why, share * 2),))
    made = _made_for_collector(case)
    if not made:
        return Findings(
            rejected=(Rejected(KIND, None, "no own line makes what the collector looks through"),)
        )
    line, kept = max(made, key=lambda item: item[1])
    collections = sum(end.collections) if end.collections else 0
    cpu = case.whole.cpu_s
    predicted: dict[Measure, Interval] = {
        "cpu_s": Interval(0.5 * low * cpu, 0.8 * share * cpu, high * cpu)
    }
    growing = line.blocks.peak_blocks >= 0.3 * line.blocks.allocations
    text = (
        "switch the collector off while the objects are made, and freeze what stays: it finds"
        " nothing among objects that are all in use"
        if growing
        else "break the cycles (a weakref for the way back), so that reference counting frees"
        " them and the collector need not; or let it run less often"
    )
    code = (
        "gc.disable()\n...  # make them\ngc.freeze()\ngc.enable()"
        if growing
        else "self.parent = weakref.ref(parent)\n# or: gc.set_threshold(50_000, 20, 100)"
    )
    return Findings(
        advice=(
            Advice(
                kind=KIND,
                site=line.frame,
                stack=case.stack(line.node),
                summary=(
                    f"the cyclic collector takes {share:.0%} of the time; this line makes most of"
                    " what it looks through"
                ),
                evidence={
                    "share": share,
                    "polls": end.polls,
                    "collecting_polls": end.collecting_polls,
                    "collections": collections,
                    "containers": round(kept),
                },
                predicted=predicted,
                modelled=(
                    f"the share is sampled ({end.collecting_polls} of {end.polls} looks); which"
                    " objects the collector tracks is told from their size and life"
                ),
                cost="cycles that come up meanwhile wait until the collector is on again",
                confidence=0.8 if low >= LEAST_SHARE else 0.6,
                fix=Fix(text, code),
            ),
        )
    )


def _share(found: int, looks: int) -> tuple[float, float, float]:
    """Wilson's interval of a share."""
    share = found / looks
    middle = (share + _Z**2 / (2 * looks)) / (1 + _Z**2 / looks)
    reach = math.sqrt(share * (1 - share) / looks + _Z**2 / (4 * looks**2))
    reach *= _Z / (1 + _Z**2 / looks)
    return max(middle - reach, 0.0), share, min(middle + reach, 1.0)


def _made_for_collector(case: Case) -> list[tuple[Line, float]]:
    """Lines by how many objects of theirs were there for the collector to look at."""
    outlived = {
        row: sum(counts[OUTLIVED_BUCKET:]) for row, counts in case.lifetimes_in_bytes.items()
    }
    rows = case.capture.tables.rows
    live = case.measures.live_blocks
    found = []
    for line in case.lines:
        count = sum(
            outlived.get(row, 0.0) + live[row]
            for row in line.rows
            if rows.domain[row] == _OBJ and LEAST_BODY_CLASS < rows.size_class[row] <= 32
        )
        if count >= 1000:
            found.append((line, count))
    return found
