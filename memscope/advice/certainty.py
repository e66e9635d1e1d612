"""Lets no advice rest on bytes that may be of objects which another line made."""

from __future__ import annotations

from memscope.advice.context import Context
from memscope.advice.facts import measured
from memscope.advice.model import Advice, Interval, Measure, Rejected
from memscope.advice.policy import Worth
from memscope.analysis.units import bytes_text
from memscope.capture.columns import gathered, total
from memscope.plain import dataclass, replace

# What is saved of CPU time and of allocations is of requests, whose lines are certain.
_OF_LIVE_BYTES: tuple[Measure, ...] = ("peak_bytes", "rss_bytes")


@dataclass(frozen=True, slots=True)
class _Live:
    """What lines hold, at the peak or at the end; what of it may be another line's, and how sure.

    `doubted_bytes` may be of whatever object. The rest of `uncertain_bytes` are tables and arrays
    that were gone before the end: of the objects in question, and told.
    """

    size_bytes: float
    doubted_bytes: float
    uncertain_bytes: float


def without_uncertain(advice: Advice, context: Context) -> Advice | Rejected:
    """The advice with the low end of its saving from certain bytes alone, if it still pays."""
    if not any(measure in _OF_LIVE_BYTES for measure in advice.predicted):
        return advice
    live = _live_at(context, {(at.file, at.line) for at in (advice.site, *advice.covers)})
    if not live.uncertain_bytes or not live.size_bytes:
        return advice
    told = f"up to {bytes_text(live.uncertain_bytes)} may be of objects that another line made"
    share = 1 - min(live.doubted_bytes / live.size_bytes, 1.0)
    predicted = {
        measure: Interval(share * of.low, of.value, of.high) if measure in _OF_LIVE_BYTES else of
        for measure, of in advice.predicted.items()
    }
    if live.doubted_bytes and not context.whole.pays(predicted):
        weight = max(context.whole.share(*item) for item in _values(advice))
        return Rejected(advice.kind, advice.site, f"it is not certain: {told}", min(weight, 1.0))
    uncertain = measured(
        "uncertain_bytes", "that may be of objects of another line", live.uncertain_bytes, "bytes",
        decides=bool(live.doubted_bytes),
    )  # fmt: skip
    matters = live.uncertain_bytes >= Worth.least_told_share * live.size_bytes
    return replace(
        advice,
        predicted=predicted,
        modelled=f"{advice.modelled}; {told}" if matters else advice.modelled,
        facts=(*advice.facts, uncertain),
    )


def _values(advice: Advice) -> list[tuple[Measure, float]]:
    return [(measure, of.value) for measure, of in advice.predicted.items()]


def _live_at(context: Context, places: set[tuple[str, int]]) -> _Live:
    """What the lines at these places hold together."""
    totals, capture_end = context.capture.totals, context.capture.end
    known = capture_end.objects if capture_end is not None else None
    if known is None or not context.capture.meta.objects:
        return _Live(0, 0, 0)
    size = doubted = uncertain = 0.0
    for line in context.lines:
        if (line.frame.file, line.frame.line) in places:
            at_end = total(gathered(totals.uncertain_bytes, line.rows))
            at_peak = total(gathered(totals.uncertain_peak_bytes, line.rows))
            size += max(line.blocks.peak_bytes, line.blocks.live_bytes)
            uncertain += max(at_end, at_peak)
            doubted += at_end if known.creations_told else max(at_end, at_peak)
    return _Live(size, doubted, uncertain)
