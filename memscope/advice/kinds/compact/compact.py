"""Very many small objects of one shape: rows of dictionaries, instances, tuples or numbers.

Measured on CPython 3.11 to 3.13, in bytes a row of four fields with its list slot and one integer:
dictionary 225, instance 145, list 129, tuple 113, slots 105, a list per column 67, an array per
column 32.
"""

from __future__ import annotations

import math

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import measured, modelled
from memscope.advice.kinds.compact.number_shapes import keys_of_places, numbers, rows_of_numbers
from memscope.advice.kinds.compact.record_shapes import dictionaries, filled_by_name, instances
from memscope.advice.kinds.compact.shapes import Shape
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import Advice, Findings, Interval, Measure, Rejected
from memscope.advice.policy import Compact
from memscope.analysis.units import bytes_text
from memscope.capture.columns import gathered, total

NAME = "compact"


def find(context: Context) -> Findings:
    """Lines whose rows would take less in another shape."""
    return Findings.of(
        _evaluate(context, line, shape)
        if isinstance(shape := _shape(context, line), Shape)
        else _of_no_shape(context, line, shape)
        for line in context.lines
        if line.blocks.peak_blocks >= Compact.least_rows
    )


def _of_no_shape(context: Context, line: UserLine, why: str | None) -> Rejected | None:
    small = total(gathered(context.capture.totals.peak_blocks, context.rows.small(line.rows)))
    peak_bytes = line.blocks.peak_bytes
    if small < Compact.least_rows or peak_bytes < 2 * context.whole.least_peak_bytes:
        return None
    why = why or "not of a shape known to have a smaller one"
    told = f"{small:,.0f} small blocks are live at the peak, but {why}"
    return Rejected(NAME, line.frame, told, min(peak_bytes / context.whole.peak_bytes, 1.0) * 0.3)


KIND = AdviceKind(NAME, title="a smaller shape", precedence=90, find=find)


def _evaluate(context: Context, line: UserLine, shape: Shape) -> Advice | Rejected:
    likely = shape.rows * (shape.now_bytes - shape.then_bytes)
    most = shape.rows * (shape.now_bytes - shape.least_bytes)
    low = context.peak.saving([line], Compact.sure_share * likely)
    together = [line, *shape.beside]
    value = context.peak.saving(together if shape.beside_counts else [line], likely)
    if not shape.beside_counts:
        most += sum(other.blocks.peak_bytes for other in shape.beside)
    high = context.peak.saving(together, most)
    saving = Interval(low.low, max(value.value, low.low), max(high.high, value.value))
    if not context.whole.pays({"peak_bytes": saving}) or saving.low < (
        Compact.least_peak_share * context.whole.peak_bytes
    ):
        return Rejected(
            NAME,
            line.frame,
            f"{_about(shape.rows)} {shape.what}: another shape {_lowers(saving)}",
            min(saving.value / max(context.whole.peak_bytes, 1) * 2, 0.5),
        )
    predicted: dict[Measure, Interval] = {"peak_bytes": saving}
    peak_bytes = round(line.blocks.peak_bytes)
    return Advice(
        kind=NAME,
        site=shape.site or line.frame,
        stack=context.stacks.heaviest(line.rows, context.capture.totals.peak_bytes),
        summary=(
            f"{_about(shape.rows)} {shape.what} are live at the peak, {shape.now_bytes:.0f} bytes"
            f" each {shape.counted}"
            if shape.least_bytes or shape.then_bytes > 8
            else f"{_about(shape.rows)} {shape.what} are live at the peak"
        ),
        facts=(
            measured(
                "rows",
                f"{shape.what} at the peak",
                round(shape.rows),
                "objects",
                least=Compact.least_rows,
            ),
            measured("bytes_each", f"of each, {shape.counted}", shape.now_bytes, "bytes"),
            modelled("bytes_each_after", "of each, in the other shape", shape.then_bytes, "bytes"),
            modelled("bytes_each_least", "of each, as columns", shape.least_bytes, "bytes"),
            measured("peak_bytes", "of the line at the peak", peak_bytes, "bytes"),
            modelled(
                "saved_share",
                "of the peak, at the low end",
                context.whole.share("peak_bytes", saving.low),
                "share",
                least=Compact.least_peak_share,
            ),
            *shape.facts,
        ),
        predicted=predicted,
        modelled="blocks and bytes at the peak are measured; bytes after the change are CPython's",
        cost=shape.cost,
        confidence=shape.confidence,
        fix=shape.fix,
        covers=tuple(other.frame for other in together),
    )


def _lowers(saving: Interval) -> str:
    if saving.low <= 0:
        return "need not lower the peak at all"
    least = bytes_text(saving.low)
    return f"would lower the peak by {least} at least, below what is worth a change"


def _about(count: float) -> str:
    """A count in words: some come from free lists, and make no blocks that could be counted."""
    step = 10 ** max(math.floor(math.log10(count)) - 1, 0) if count >= 1 else 1
    return f"about {round(count / step) * step:,.0f}"


def _shape(context: Context, line: UserLine) -> Shape | str | None:
    """What the rows are, or why they have to stay as they are; None: not known."""
    statement = context.statement(line.frame)
    return (
        filled_by_name(context, line, statement)
        or dictionaries(context, line, statement)
        or instances(context, line, statement)
        or numbers(context, line, statement)
        or keys_of_places(context, line, statement)
        or rows_of_numbers(context, line, statement)
    )
