"""Whether a run would have fitted, as JSON and in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from memscope.advice.model import Advice, Interval
from memscope.analysis.fitting import Fit
from memscope.analysis.units import bytes_text
from memscope.capture import Capture
from memscope.errors import one_line
from memscope.reports.advice import one_advice
from memscope.reports.documents import certainty


def saving_of(advice: Advice) -> Interval | None:
    """What advice saves of resident memory or of the peak; None: nothing."""
    return advice.predicted.get("rss_bytes") or advice.predicted.get("peak_bytes")


def first_to_change(advice: Sequence[Advice]) -> list[Advice]:
    """The advice that saves memory, what saves most for sure first."""
    saves = [(saving, item) for item in advice if (saving := saving_of(item)) is not None]
    saves.sort(key=lambda pair: -pair[0].low * pair[1].confidence)
    return [item for _, item in saves]


def fits_document(fit: Fit, first: Sequence[Advice], capture: Capture) -> dict[str, Any]:
    return {
        "schema": "memscope.fits/1",
        **certainty(capture),
        "interim": fit.interim,
        "limit_bytes": fit.limit_bytes,
        "fits": fit.verdict == "fits",
        "verdict": fit.verdict,
        "peak_bytes": {"low": fit.low_bytes, "value": fit.low_bytes, "high": fit.high_bytes},
        "source": fit.source,
        "first": [one_advice(item, capture) for item in first],
    }


def fits_lines(fit: Fit, first: Sequence[Advice], capture: Capture) -> Iterator[str]:
    """The verdict, how sure it is, and what to change."""
    resident, limit = bytes_text(fit.low_bytes), bytes_text(fit.limit_bytes)
    if fit.verdict == "fits":
        left = bytes_text(fit.limit_bytes - fit.high_bytes)
        yield f"fits: {resident} were resident at most, at least {left} of {limit} are left"
    elif fit.verdict == "may not fit":
        own = bytes_text(fit.high_bytes - fit.low_bytes)
        yield f"may not fit: {resident} of {limit} were resident, and {own} of memscope's own"
    else:
        more = bytes_text(fit.excess_bytes)
        yield f"does not fit: {resident} were resident, {more} more than {limit}"
    if fit.source == "looks":
        yield "the peak is that of looks: more may have been resident in between"
    if fit.interim:
        yield "of the run so far: it went on"
    yield from (one_line(f"partial: {note}") for note in capture.notes)
    if fit.verdict == "fits":
        return
    yield "change first:" if first else "no advice lowers it: see memscope rss, memscope hotspots"
    for item in first:
        saving = saving_of(item)
        if saving is not None:
            saved = f"{bytes_text(saving.low)} to {bytes_text(saving.high)}"
            place = f"{item.site.file}:{item.site.line}"
            yield one_line(f"  {saved}  {item.kind}  {place}  {item.summary}")
