"""Buffers that a loop, or calls one after another, make anew each time, where one would do."""

from __future__ import annotations

from memscope.advice.context import Context
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.reuse.buffers import Buffers, find_buffers
from memscope.advice.model import Advice, Findings, Fix
from memscope.advice.program.expressions import code_of, text_of

NAME = "reuse-buffer"


def find(context: Context) -> Findings:
    """Who makes one large block after another, of which no two are needed at once."""
    return Findings.of(
        buffers.rejected(context, NAME) if buffers.refusal else _advice(context, buffers)
        for buffers in find_buffers(context)
        if buffers.turn
    )


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
    elif buffers.turn == "calls":
        summary = f"calls make {name} anew {buffers.count:,.0f} times; one lives at once, at most"
        cost = "the buffer stays allocated for as long as it is kept"
        fix = Fix(
            "make the buffer once, where it outlives the calls (an attribute, an argument, the"
            " module), and fill it again in each (readinto, recv_into, memoryview slices, out=);"
            " clear only what was written",
            made
            and f"{kept or 'buffer'} = {made}  {'#' if kept else '# new,'} once, before the calls\n"
            f"view = memoryview({kept or 'buffer'})  # new",
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
