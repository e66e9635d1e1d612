"""Time that the cyclic collector takes, looking through objects that are all alive.

The collector runs whenever enough container objects have come that did not go again. Its share is
estimated from how often the recorder found it at work; the interval is that estimate's.
"""

from __future__ import annotations

import ast

from memscope.advice.evidence import OBJ_DOMAIN, Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.analysis.gcpressure import find_gc_pressure
from memscope.capture.model import CodeFrame

KIND = "gc-pressure"

# Making many objects that stay takes 10 to 20 % in any program: that is no reason for a change.
LEAST_SHARE = 0.2
LEAST_LOW_SHARE = 0.15
LEAST_POLLS = 20
LEAST_BODY_CLASS = 3  # 48 bytes: no container object with its collector's header is smaller
# Blocks that outlive this much allocation were there when the collector came by.
OUTLIVED_BUCKET = 7
STRINGS_SHARE = 0.4  # what counts of rows with strings among their blocks


def find(case: Case) -> Findings:
    """Whether the collector takes more than its due, and who makes it run."""
    pressure = find_gc_pressure(case.measures, limit=1)
    low, share, high = pressure.share_low, pressure.share, pressure.share_high
    if low is None or share is None or high is None:
        why = "the capture does not say how often the collector was at work"
        return Findings(rejected=(Rejected(KIND, None, why),))
    if share < LEAST_SHARE or low < LEAST_LOW_SHARE or pressure.polls < LEAST_POLLS:
        why = f"the collector takes {share:.0%} of the time ({low:.0%} to {high:.0%})"
        return Findings(rejected=(Rejected(KIND, None, why, share * 2),))
    made = _made_for_collector(case)
    if not made:
        return Findings(
            rejected=(Rejected(KIND, None, "no own line makes what the collector looks through"),)
        )
    line, kept = max(made, key=lambda item: item[1])
    cpu = case.whole.cpu_s
    # What the collector frees is garbage in cycles; what it finds in use it looked at for nothing.
    collected = pressure.collected
    growing = (
        line.blocks.peak_blocks >= 0.3 * line.blocks.allocations
        if collected is None
        else collected < 0.2 * kept
    )
    # Freeing garbage takes its time whoever does it, and a collector that runs less often still
    # runs: measured, a third of its time is gained where it finds garbage.
    # What it looks through it also brings into the caches: with the collector off, fixes measured
    # 1.05 to 1.25 times its share.
    predicted: dict[Measure, Interval] = {
        "cpu_s": Interval(0.8 * low * cpu, 1.1 * share * cpu, min(1.35 * high, 0.95) * cpu)
        if growing
        else Interval(0.2 * low * cpu, 0.35 * share * cpu, 0.9 * share * cpu)
    }
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
                site=_loop_of(case, line),
                stack=case.stack(line.node),
                summary=(
                    f"the cyclic collector takes {share:.0%} of the time; this line makes most of"
                    " what it looks through"
                ),
                evidence={
                    "share": share,
                    "polls": pressure.polls,
                    "collections": pressure.collections or 0,
                    "collected": collected if collected is not None else "unknown",
                    "containers": round(kept),
                },
                predicted=predicted,
                modelled=(
                    (
                        "the share is the interpreter's own"
                        if pressure.pause_exact
                        else f"the share is estimated from {pressure.polls} looks"
                    )
                    + "; which objects the collector tracks is told from their size and life"
                ),
                cost=(
                    "cycles that come up meanwhile wait until the collector is on again"
                    if growing
                    else "with a higher threshold garbage waits longer: the peak can double"
                ),
                confidence=0.85 if low >= 0.5 * share else 0.65,
                fix=Fix(text, code),
            ),
        )
    )


def _loop_of(case: Case, line: Line) -> CodeFrame:
    """The line that has the objects made, out of what only makes and returns one of them.

    `return Node(left, right)` is each node's; the loop that asks for trees is what to change.
    """
    within: set[str] = set()
    for _, frame in case.own_frames(line.node):
        statement = case.statement(frame)
        if statement is None:
            break
        if not isinstance(statement.node, ast.Return) and frame.function not in within:
            return frame
        within.add(frame.function)
    return line.frame


def _of_words(case: Case, row: int) -> bool:
    """Whether all sums are multiples of 8, as all sizes of containers are: strings' are not."""
    totals = case.capture.totals
    sums = totals.allocated_bytes[row], totals.released_bytes[row], totals.peak_bytes[row]
    return all(size % 8 == 0 for size in sums)


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
            (outlived.get(row, 0.0) + live[row]) * (1.0 if _of_words(case, row) else STRINGS_SHARE)
            for row in line.rows
            if rows.domain[row] == OBJ_DOMAIN and LEAST_BODY_CLASS < rows.size_class[row] <= 32
        )
        if count >= 1000:
            found.append((line, count))
    return found
