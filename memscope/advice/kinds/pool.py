"""Large buffers and dear objects that calls make and drop, where a few could go around."""

from __future__ import annotations

from memscope.advice.buffers import find_buffers
from memscope.advice.constructors import find_constructors
from memscope.advice.evidence import Case
from memscope.advice.model import Advice, Findings, Fix, Rejected
from memscope.advice.source import text_of

KIND = "pool"


def find(case: Case) -> Findings:
    """Blocks worth pooling; small objects never are: their interpreter pools them already."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    for buffers in find_buffers(case):
        if buffers.turn:
            continue
        if buffers.refusal:
            rejected.append(Rejected(KIND, buffers.line.frame, buffers.refusal, buffers.weight))
            continue
        made = "bytearray(size)" if buffers.call is None else text_of(buffers.call)
        most = buffers.most_live
        shared = buffers.foreign_share > 0.1
        stay = "one block stays" if most <= 1 else f"{most:,.0f} blocks stay"
        held = f"{stay} allocated: {_size(most * buffers.mean_bytes)}"
        if shared:
            held += "; blocks are freed on other threads than they are made: one pool for all"
        advice.append(
            buffers.advice(
                case,
                KIND,
                summary=(
                    f"{buffers.count:,.0f} buffers of {_size(buffers.mean_bytes)} are made and"
                    f" dropped; at most {most:,.0f} live at once"
                ),
                cost=held,
                fix=Fix(
                    "keep a few in a list and hand them out again: list.pop and append are atomic,"
                    " and cost 0.1 µs; a lock or a queue costs more than it saves",
                    "free = []  # at module level\n"
                    f"try:\n    buffer = free.pop()\nexcept IndexError:\n    buffer = {made}\n"
                    "...\nfree.append(buffer)  # when done with it",
                ),
            )
        )
    found = find_constructors(case)
    return Findings((*advice, *found.advice), (*rejected, *found.rejected))


def _size(value: float) -> str:
    return f"{value / 1024:,.0f} KiB" if value < 1 << 20 else f"{value / (1 << 20):,.1f} MiB"
