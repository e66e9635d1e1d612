"""Large buffers and dear objects that calls make and drop, where a few could go around."""

from __future__ import annotations

from memscope.advice.context import Context
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.reuse.buffers import Buffers, find_buffers
from memscope.advice.kinds.reuse.constructors import NAME, find_constructors
from memscope.advice.model import Advice, Findings, Fix, Rejected
from memscope.advice.policy import Reuse
from memscope.advice.program.expressions import code_of
from memscope.analysis.units import bytes_text


def find(context: Context) -> Findings:
    """Blocks worth pooling; small objects never are: their interpreter pools them already."""
    buffers = list(find_buffers(context))
    taken = {row for each in buffers if not each.refusal for row in each.blocks.rows}
    large = [_of_buffers(context, each) for each in buffers if not each.turn]
    return Findings.of((*large, *find_constructors(context, taken)))


def _of_buffers(context: Context, buffers: Buffers) -> Advice | Rejected:
    if buffers.refusal:
        return buffers.rejected(context, NAME)
    made = "" if buffers.call is None else code_of(buffers.call)
    most = buffers.most_live
    stay = "one block stays" if most <= 1 else f"{most:,.0f} blocks stay"
    held = f"{stay} allocated: {bytes_text(most * buffers.mean_bytes)}"
    if buffers.foreign_share > Reuse.foreign_share:
        held += "; blocks are freed on other threads than they are made: one pool for all"
    return buffers.advice(
        context,
        NAME,
        summary=(
            f"{buffers.count:,.0f} buffers of {bytes_text(buffers.mean_bytes)} are made and"
            f" dropped; at most {most:,.0f} live at once"
        ),
        cost=held,
        fix=Fix(
            "keep a few in a list and hand them out again: list.pop and append are atomic,"
            " and cost 0.1 µs; a lock or a queue costs more than it saves",
            made
            and "free = []  # new, at module level\n"
            "try:\n    buffer = free.pop()  # new\nexcept IndexError:\n"
            f"    buffer = {made}\n...\nfree.append(buffer)  # when done with it",
        ),
    )


KIND = AdviceKind(NAME, title="keep and hand out again", precedence=60, find=find)
