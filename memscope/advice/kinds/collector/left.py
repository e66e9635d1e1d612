"""Large blocks of calls that have ended, in cycles that the source shows.

Where a program makes few objects the collector hardly runs, or never. Then nothing that it freed
tells of cycles; but what keeps a name's block is to be read, and how many lie about is measured.
"""

from __future__ import annotations

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import measured, read
from memscope.advice.model import Advice, Fix, Interval
from memscope.advice.policy import Garbage, ReleaseEarly
from memscope.advice.program.names import named
from memscope.advice.program.waiting import waits_only_with
from memscope.analysis.units import bytes_text


def left_by_calls(context: Context, kind: str) -> Advice | None:
    """The line whose blocks, each of a call that has ended, hold most of the peak."""
    found = [advice for line in context.lines if (advice := _advice(context, kind, line))]
    return max(found, key=lambda it: it.predicted["peak_bytes"].value, default=None)


def _advice(context: Context, kind: str, line: UserLine) -> Advice | None:
    large = context.rows.large(line.rows, ReleaseEarly.large_block_bytes)
    blocks = context.rows.blocks(large)
    if blocks.peak_blocks < Garbage.least_left or blocks.peak_bytes < Garbage.least_bytes:
        return None
    statement = context.statement(line.frame)
    name = "" if statement is None else named(statement)
    if statement is None or not name or _calls_itself(context, line):
        return None
    by = waits_only_with(statement, name)
    # The call that runs is using one.
    left = blocks.peak_bytes * (1 - 1 / blocks.peak_blocks)
    if not by or context.whole.share("peak_bytes", left) < Garbage.least_peak_share:
        return None
    saving = context.peak.saving([line], left)
    saving = Interval(min(saving.low, Garbage.sure_share * left), saving.value, saving.high)
    if not context.whole.pays({"peak_bytes": saving}):
        return None
    return Advice(
        kind=kind,
        site=line.frame,
        stack=context.stacks.heaviest(line.rows, context.capture.totals.peak_bytes),
        summary=(
            f"{bytes_text(left)} at the peak wait for the cyclic collector: {by} keeps {name} in a"
            " cycle when its function has ended, each time"
        ),
        facts=(
            measured(
                "blocks", "large ones of this line at the peak", round(blocks.peak_blocks),
                "blocks", least=Garbage.least_left,
            ),
            measured("held_bytes", "that they hold", round(blocks.peak_bytes), "bytes",
                     least=Garbage.least_bytes),
            read("kept_by", "what keeps them, in a cycle", by),
        ),
        predicted={"peak_bytes": saving},
        modelled="what is live is measured; that nobody else holds it is read",
        cost="none: what the cycle keeps is not read again",
        confidence=0.8,
        fix=Fix(
            "break the cycle when the function is done: no name for an exception that outlives its"
            " except clause; None for a function that calls itself, or one that is given what it"
            " uses and is made once",
            f"{by} = None  # before the function ends",
        ),
    )  # fmt: skip


def _calls_itself(context: Context, line: UserLine) -> bool:
    """Whether several calls of the line's function may be running: each uses its own."""
    frames = [frame for _, frame in context.stacks.own(line.node)]
    return sum(frame.function == line.frame.function for frame in frames) > 1
