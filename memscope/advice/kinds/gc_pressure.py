"""Time that the cyclic collector takes, looking through objects that are all alive.

The collector runs whenever enough container objects have come that did not go again. Its share is
estimated from how often the recorder found it at work; the interval is that estimate's.
"""

from __future__ import annotations

import ast

from memscope.advice.changes.collecting import paused, rarer
from memscope.advice.changes.editing import editor_of
from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.rows import IS_OBJ
from memscope.advice.facts import Fact, measured, modelled
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import (
    NOT_LOCAL,
    Advice,
    Change,
    Findings,
    Fix,
    Interval,
    Measure,
    Rejected,
)
from memscope.advice.policy import Collections
from memscope.advice.program.statements import COMPREHENSIONS
from memscope.advice.program.tracked import makes_containers, makes_plain
from memscope.analysis.gcpressure import find_gc_pressure
from memscope.analysis.units import share_text
from memscope.capture.columns import balanced, flags, gathered, members, only_where
from memscope.capture.format import LARGEST_SIZE_CLASS, LIFETIME_BYTE_BUCKETS
from memscope.capture.model import CodeFrame

NAME = "gc-pressure"

# Up to 48 bytes: no container object with its collector's header is smaller, and few are as small.
LEAST_BODY_CLASS = 3
MOST_BODY_CLASS = 32
# Blocks that outlive this much allocation were there when the collector came by.
OUTLIVED_BUCKET = 7
THRESHOLDS = "50_000, 20, 100"


def find(context: Context) -> Findings:
    """Whether the collector takes more than its due, and who makes it run."""
    pressure = find_gc_pressure(context.measures, limit=1)
    low, share, high = pressure.share_low, pressure.share, pressure.share_high
    if low is None or share is None or high is None:
        why = "the capture does not say how often the collector was at work"
        return Findings(rejected=(Rejected(NAME, None, why),))
    if (
        share < Collections.least_share
        or low < Collections.least_low_share
        or pressure.polls < Collections.least_polls
    ):
        between = f"{share_text(low)} to {share_text(high)}"
        why = f"the collector takes {share_text(share)} of the time ({between})"
        return Findings(rejected=(Rejected(NAME, None, why, share * 2),))
    made = _made_for_collector(context)
    if not made:
        return Findings(
            rejected=(Rejected(NAME, None, "no own line makes what the collector looks through"),)
        )
    line, kept = max(made, key=lambda item: item[1])
    cpu = context.whole.cpu_s
    # What the collector frees is garbage in cycles; what it finds in use it looked at for nothing.
    collected = pressure.collected
    growing = (
        line.blocks.peak_blocks >= Collections.least_stayed_share * line.blocks.allocations
        if collected is None
        else collected < Collections.most_collected_share * kept
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
    site = _loop_of(context, line)
    text = (
        "switch the collector off while the objects are made, and freeze what stays: it finds"
        " nothing among objects that are all in use"
        if growing
        else "break the cycles (a weakref for the way back), so that reference counting frees"
        " them and the collector need not; or let it run less often"
    )
    code = (
        "import gc\ngc.disable()\n...  # make them\ngc.freeze()\ngc.enable()"
        if growing
        else f"import gc\ngc.set_threshold({THRESHOLDS})  # where the cycles have to stay"
    )
    return Findings(
        advice=(
            Advice(
                kind=NAME,
                site=site,
                stack=context.stacks.frames(line.node),
                summary=(
                    f"the cyclic collector takes {share_text(share)} of the time; this line makes"
                    " most of what it looks through"
                ),
                facts=(
                    Fact(
                        "share",
                        "of the time that the collector takes",
                        share,
                        "share",
                        "measured" if pressure.pause_exact else "modelled",
                        least=Collections.least_share,
                    ),
                    modelled(
                        "share_low",
                        "at the low end of that estimate",
                        low,
                        "share",
                        least=Collections.least_low_share,
                    ),
                    measured(
                        "polls",
                        "at the program",
                        pressure.polls,
                        "looks",
                        least=Collections.least_polls,
                    ),
                    measured("collections", "of it", pressure.collections or 0, "collections"),
                    measured(
                        "collected",
                        "that it freed",
                        collected if collected is not None else "unknown",
                        "objects",
                        decides=True,
                    ),
                    modelled(
                        "containers",
                        "of this line that it looked through, by their sizes",
                        round(kept),
                        "objects",
                        least=Collections.least_containers,
                    ),
                ),
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
                fix=Fix(text, code, change=_change(context, line, site, growing=growing)),
            ),
        )
    )


KIND = AdviceKind(NAME, title="let the collector rest", precedence=100, find=find, independent=True)


def _change(context: Context, line: UserLine, site: CodeFrame, *, growing: bool) -> Change:
    editor, statement = editor_of(context.sources, site.file), context.statement(site)
    if editor is None or statement is None:
        return NOT_LOCAL
    if not growing:
        return rarer(editor, THRESHOLDS)
    if _is_called_again(context, line, site):
        return "the function that makes the objects is called again and again"
    return paused(editor, statement)


def _is_called_again(context: Context, line: UserLine, site: CodeFrame) -> bool:
    """Whether a loop calls the function of the site, or it calls itself."""
    frames = [frame for _, frame in context.stacks.own(line.node)]
    place = next((at for at, frame in enumerate(frames) if frame == site), len(frames))
    for frame in frames[place + 1 :]:
        statement = context.statement(frame)
        if statement is None or statement.loop is not None or frame.function == site.function:
            return True
        if any(isinstance(node, COMPREHENSIONS) for node in statement.walk()):
            return True
    return False


def _loop_of(context: Context, line: UserLine) -> CodeFrame:
    """The line that has the objects made, out of what only makes and returns one of them.

    `return Node(left, right)` is each node's; the loop that asks for trees is what to change.
    """
    within: set[str] = set()
    for _, frame in context.stacks.own(line.node):
        statement = context.statement(frame)
        if statement is None:
            break
        if not isinstance(statement.node, ast.Return) and frame.function not in within:
            return frame
        within.add(frame.function)
    return line.frame


def _of_words(context: Context, row: int) -> bool:
    """Whether a row's blocks are multiples of 8 bytes, as all containers are: strings are not."""
    totals = context.capture.totals
    count, size = totals.allocations[row], totals.allocated_bytes[row]
    return bool(count) and size % (8 * count) == 0


def _share_of_containers(context: Context, line: UserLine, row: int) -> float:
    """Which part of a row's blocks the collector may look through.

    What the line makes itself its source says; of what libraries make for it the sizes must do.
    """
    statement = context.statement(line.frame)
    node = context.measures.row_stacks[row]
    itself = context.measures.stacks.own[node] == node
    size = context.capture.tables.rows.size_class[row]
    if itself and statement is not None:
        if not makes_containers(statement):
            return 0.0
        if not makes_plain(statement):
            return 1.0
    if size <= LEAST_BODY_CLASS:
        return 0.0
    return 1.0 if _of_words(context, row) else Collections.strings_share


def _made_for_collector(context: Context) -> list[tuple[UserLine, float]]:
    """Lines by how many objects of theirs were there for the collector to look at."""
    outlived = context.rows.released_after(OUTLIVED_BUCKET, LIFETIME_BYTE_BUCKETS)
    rows = context.capture.tables.rows
    classes = range(LARGEST_SIZE_CLASS + 1)
    fits = flags(LEAST_BODY_CLASS <= number <= MOST_BODY_CLASS for number in classes)
    of_objects = only_where(gathered(fits, rows.size_class), gathered(IS_OBJ, rows.domain))
    nothing = bytes(len(of_objects))
    there = only_where(
        balanced(context.measures.live_blocks, nothing, outlived, nothing), of_objects
    )
    found = []
    for line in context.lines:
        counts = gathered(there, line.rows)
        count = sum(
            counts[place] * _share_of_containers(context, line, line.rows[place])
            for place in members(b"\0\1", flags(counts))
        )
        if count >= Collections.least_containers:
            found.append((line, count))
    return found
