"""Buffers that a loop makes anew each time around, where one would do."""

from __future__ import annotations

from memscope.advice.context import Context
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.reuse.buffers import Buffers, find_buffers
from memscope.advice.model import Advice, Findings, Fix, Rejected
from memscope.advice.program.expressions import code_of, text_of

NAME = "reuse-buffer"


def find(context: Context) -> Findings:
    """Loops that make one large block each time around."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    for buffers in find_buffers(context):
        if not buffers.turn:
            continue
        if buffers.refusal:
            rejected.append(buffers.rejected(context, NAME))
            continue
        advice.append(_advice(context, buffers))
    return Findings(tuple(advice), tuple(rejected))


KIND = AdviceKind(NAME, title="one buffer for the whole loop", precedence=50, find=find)


def _advice(context: Context, buffers: Buffers) -> Advice:
    statement = buffers.statement
    target = None if statement is None else statement.target
    name = "buffer" if target is None else text_of(target, 30)
    kept = "" if target is None else code_of(target)
    made = "" if buffers.call is None else code_of(buffers.call)
    of_owner = buffers.turn == "owner"
    if of_owner:
        summary = f"{name} is made anew {buffers.count:,.0f} times, each in place of the one before"
        cost = "the buffer stays allocated for as long as its owner lives"
        fix = Fix(
            "make the buffer once and fill it again: memoryview slices, readinto, recv_into; clear"
            " only what was written",
            kept and f"view = memoryview({kept})  # new, of the one made first",
        )
    else:
        summary = f"the loop makes {name} anew {buffers.count:,.0f} times; one lives at once"
        cost = "the buffer stays allocated for as long as the loop runs"
        fix = Fix(
            "make the buffer once, before the loop, and fill it again each time around"
            " (readinto, recv_into, memoryview slices, out=); two that take turns where the one"
            " before is still read",
            made
            and f"{kept or 'buffer'} = {made}  {'#' if kept else '# new,'} before the loop\n"
            f"view = memoryview({kept or 'buffer'})  # new",
        )
    if buffers.in_place:
        fix = Fix(
            fix.text,
            f"buffer = bytearray({buffers.in_place_bytes})  # new, once\n"
            + (
                f"{buffers.in_place}\nview = memoryview(buffer)  # new"
                if "pack_into" in buffers.in_place
                else f"count = {buffers.in_place}  # new\nview = memoryview(buffer)[:count]  # new"
            ),
        )
    return buffers.advice(context, NAME, summary=summary, cost=cost, fix=fix)
