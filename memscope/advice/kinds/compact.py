"""Very many small objects of one shape: rows of dictionaries, instances, tuples or numbers.

Measured on CPython 3.11 to 3.13, in bytes a row of four fields with its list slot and one integer:
dictionary 225, instance 145, list 129, tuple 113, slots 105, a list per column 67, an array per
column 32.
"""

from __future__ import annotations

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Interval, Measure, Rejected
from memscope.advice.number_shapes import keys_of_places, numbers, rows_of_numbers
from memscope.advice.record_shapes import dictionaries, filled_by_name, instances
from memscope.advice.shapes import LEAST_ROWS, Shape

KIND = "compact"

LEAST_PEAK_SHARE = 0.05


def find(case: Case) -> Findings:
    """Lines whose rows would take less in another shape."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    for line in case.lines:
        if line.blocks.peak_blocks < LEAST_ROWS:
            continue
        shape = _shape(case, line)
        if not isinstance(shape, Shape):
            if line.blocks.peak_bytes >= 2 * case.least_peak_bytes:
                why = shape or "not of a shape known to have a smaller one"
                rejected.append(
                    Rejected(
                        KIND,
                        line.frame,
                        f"{line.blocks.peak_blocks:,.0f} small blocks are live at the peak, but"
                        f" {why}",
                        min(line.blocks.peak_bytes / case.whole.peak_bytes, 1.0) * 0.3,
                    )
                )
            continue
        found = _judge(case, line, shape)
        if isinstance(found, Advice):
            advice.append(found)
        else:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _judge(case: Case, line: Line, shape: Shape) -> Advice | Rejected:
    likely = shape.rows * (shape.now_bytes - shape.then_bytes)
    most = shape.rows * (shape.now_bytes - shape.least_bytes)
    low = case.peak_saving([line], 0.85 * likely)
    together = [line, *shape.beside]
    value = case.peak_saving(together if shape.beside_counts else [line], likely)
    if not shape.beside_counts:
        most += sum(other.blocks.peak_bytes for other in shape.beside)
    high = case.peak_saving(together, most)
    saving = Interval(low.low, max(value.value, low.low), max(high.high, value.value))
    if not case.pays({"peak_bytes": saving}) or saving.low < (
        LEAST_PEAK_SHARE * case.whole.peak_bytes
    ):
        return Rejected(
            KIND,
            line.frame,
            f"{shape.rows:,.0f} {shape.what}: another shape would lower the peak by"
            f" {max(saving.low, 0) / 1e6:.1f} MB at least, below what is worth a change",
            min(saving.value / max(case.whole.peak_bytes, 1) * 2, 0.5),
        )
    predicted: dict[Measure, Interval] = {"peak_bytes": saving}
    return Advice(
        kind=KIND,
        site=shape.site or line.frame,
        stack=case.heaviest_stack(line.rows, case.capture.totals.peak_bytes),
        summary=(
            f"{shape.rows:,.0f} {shape.what} are live at the peak, {shape.now_bytes:.0f} bytes"
            f" each {shape.counted}"
            if shape.least_bytes or shape.then_bytes > 8
            else f"{shape.rows:,.0f} {shape.what} are live at the peak"
        ),
        evidence={
            "rows": round(shape.rows),
            "bytes_each": shape.now_bytes,
            "bytes_each_after": shape.then_bytes,
            "bytes_each_least": shape.least_bytes,
            "peak_bytes": round(line.blocks.peak_bytes),
        },
        predicted=predicted,
        modelled="blocks and bytes at the peak are measured; bytes after the change are CPython's",
        cost=shape.cost,
        confidence=shape.confidence,
        fix=shape.fix,
        covers=tuple(other.frame for other in together),
    )


def _shape(case: Case, line: Line) -> Shape | str | None:
    """What the rows are, or why they have to stay as they are; None: not known."""
    statement = case.statement(line.frame)
    return (
        filled_by_name(case, line, statement)
        or dictionaries(case, line, statement)
        or instances(case, line, statement)
        or numbers(case, line, statement)
        or keys_of_places(case, line, statement)
        or rows_of_numbers(case, line, statement)
    )
