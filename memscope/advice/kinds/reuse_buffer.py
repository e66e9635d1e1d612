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
        if not buffers.turn:
            continue
        if buffers.refusal:
            rejected.append(Rejected(KIND, buffers.line.frame, buffers.refusal, buffers.weight))
            continue
        advice.append(_advice(case, buffers))
    return Findings(tuple(advice), tuple(rejected))


def _advice(case: Case, buffers: Buffers) -> Advice:
    statement = buffers.statement
    target = None if statement is None else statement.target
    name = "buffer" if target is None else text_of(target, 30)
    made = "bytearray(size)" if buffers.call is None else text_of(buffers.call)
    of_owner = buffers.turn == "owner"
    if of_owner:
        summary = f"{name} is made anew {buffers.count:,.0f} times, each in place of the one before"
        cost = "the buffer stays allocated for as long as its owner lives"
        fix = Fix(
            "make the buffer once and fill it again: memoryview slices, readinto, recv_into; clear"
            " only what was written",
            f"view = memoryview({name})  # of the one made first\nview[:count] = ...",
        )
    else:
        summary = f"the loop makes {name} anew {buffers.count:,.0f} times; one lives at once"
        cost = "the buffer stays allocated for as long as the loop runs"
        fix = Fix(
            "make the buffer once, before the loop, and fill it again each time around"
            " (readinto, recv_into, memoryview slices, out=); two that take turns where the one"
            " before is still read",
            f"{name} = {made}  # before the loop\nview = memoryview({name})",
        )
    if buffers.in_place:
        fix = Fix(
            fix.text,
            f"buffer = bytearray(size)  # once\ncount = {buffers.in_place}\n"
            "view = memoryview(buffer)[:count]",
        )
    return buffers.advice(case, KIND, summary=summary, cost=cost, fix=fix)


__all__ = ["Buffers", "find"]
