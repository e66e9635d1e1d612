"""How many bytes may be of objects that another line made."""

from __future__ import annotations

from typing import Protocol

from memscope.analysis.units import bytes_text
from memscope.capture import Capture
from memscope.capture.columns import total
from memscope.plain import dataclass

# Below this share of the whole it is not said where there is room for few lines.
MATTERS_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Of the bytes live at the end, and at the peak, those that may be another line's, at most."""

    live_bytes: float
    peak_bytes: float

    def of(self, by: str) -> float:
        """Those of a measure; requests are certain."""
        return {"live_bytes": self.live_bytes, "peak_bytes": self.peak_bytes}.get(by, 0)


class HasUncertain(Protocol):
    """A row of a report."""

    @property
    def uncertain_bytes(self) -> int: ...
    @property
    def uncertain_peak_bytes(self) -> int: ...


def uncertain_in(row: HasUncertain) -> Uncertain:
    return Uncertain(row.uncertain_bytes, row.uncertain_peak_bytes)


def uncertain_of(capture: Capture) -> Uncertain:
    if not capture.meta.objects:
        return Uncertain(0, 0)
    totals = capture.totals
    return Uncertain(total(totals.uncertain_bytes), total(totals.uncertain_peak_bytes))


def uncertain_lines(capture: Capture, least_share: float = 0.0) -> list[str]:
    """The same in words; nothing of what is below a share of all that was live."""
    uncertain, sums = uncertain_of(capture), capture.sums.total
    goes_on = capture.end is not None and capture.end.is_interim
    told = []
    for when, size, whole in (
        ("then" if goes_on else "at the end", uncertain.live_bytes, sums.live_bytes),
        ("at the peak", uncertain.peak_bytes, sums.peak_bytes),
    ):
        if size > 0 and size >= least_share * whole:
            told.append(
                f"Of the bytes live {when}, up to {bytes_text(size)} may be of objects that another"
                " line made: they are not of a known type."
            )
    return told
