"""Buffers that a loop makes anew each time around, where one would do."""

from __future__ import annotations

from memscope.advice.buffers import Buffers, find_buffers
from memscope.advice.evidence import Case
from memscope.advice.model import Advice, Findings, Fix, Rejected
from memscope.advice.source import text_of

KIND = "reuse-buffer"


def find(case: Case) -> Findings:
    """Loops that make one large block each time around."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    for buffers in find_buffers(case):
        if not buffers.in_loop:
            continue
        if buffers.refusal:
            rejected.append(Rejected(KIND, buffers.line.frame, buffers.refusal, buffers.weight))
            continue
        statement = buffers.statement
        target = None if statement is None else statement.target
        name = "buffer" if target is None else text_of(target, 30)
        made = "bytearray(size)" if buffers.call is None else text_of(buffers.call)
        advice.append(
            buffers.advice(
                case,
                KIND,
                summary=f"the loop makes {name} anew {buffers.count:,.0f} times; one lives at once",
                cost="the buffer stays allocated for as long as the loop runs",
                fix=Fix(
                    "make the buffer once, before the loop, and fill it again each time around"
                    " (readinto, recv_into, memoryview slices, out=)",
                    f"{name} = {made}  # before the loop\nview = memoryview({name})",
                ),
            )
        )
    return Findings(tuple(advice), tuple(rejected))


__all__ = ["Buffers", "find"]
