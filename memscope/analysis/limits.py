"""Sizes and limits as people write them: "24 MB", "64KiB", "peak:10%+4KB,allocations:5%".

The one grammar of the command line, of pytest's options and of its markers. K is 1024 in all
spellings of bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from memscope.plain import dataclass

Unit = Literal["bytes", "count", "seconds"]

_NUMBER = r"(\d{1,30}(?:\.\d{1,30})?)"
_SIZE = re.compile(rf"\s*{_NUMBER}\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)
_LIMIT = re.compile(
    rf"\s*([a-z_]+)\s*:\s*(?:{_NUMBER}\s*%)?(?:\s*(\+)?\s*{_NUMBER}\s*([a-z]*))?\s*",
    re.IGNORECASE | re.ASCII,
)
_UNITS: Mapping[Unit, Mapping[str, float]] = {
    "count": {"": 1, "k": 1e3, "m": 1e6},
    "seconds": {"": 1, "s": 1, "ms": 1e-3, "us": 1e-6},
    "bytes": {
        "": 1,
        "b": 1,
        **{
            f"{prefix}{ending}": 1024 ** (power + 1)
            for power, prefix in enumerate("kmg")
            for ending in ("", "b", "ib")
        },
    },
}


@dataclass(frozen=True, slots=True)
class GrowthLimit:
    """How much more of a figure is allowed: a share of the old value, and so much besides.

    What is allowed besides is a floor: small figures may vary by it, whatever their share.
    """

    name: str  # as it was given
    figure: str
    share: float  # 0.1: a tenth
    floor: float  # in the figure's unit
    text: str

    def growth(self, old: float) -> float:
        """By how much a figure may grow that was `old`."""
        return self.share * abs(old) + self.floor


def parse_size(text: object, bare: bool = False) -> int:
    """`24 MB`, `64KiB` or `100 B`, in bytes.

    bare: a number without a unit is bytes too. Raises ValueError with a reason in words.
    """
    found = _SIZE.fullmatch(text) if isinstance(text, str) else None
    factor = _UNITS["bytes"].get(found[2].lower()) if found else None
    if found is None or factor is None or not (found[2] or bare):
        raise ValueError(f"{text!r} is not a size: write a number and a unit, such as 64 KiB")
    return round(float(found[1]) * factor)


def parse_growth_limits(
    text: str, figures: Mapping[str, tuple[str, Unit]]
) -> tuple[GrowthLimit, ...]:
    """The limits in a list separated by commas; `figures` gives each name's figure and unit.

    Raises ValueError with a reason in words.
    """
    return tuple(_parse_growth_limit(part.strip(), figures) for part in text.split(","))


def _parse_growth_limit(part: str, figures: Mapping[str, tuple[str, Unit]]) -> GrowthLimit:
    found = _LIMIT.fullmatch(part)
    name, share, plus, floor, ending = found.groups() if found else (None,) * 5
    if not name or (share and floor and not plus) or (plus and not share) or not (share or floor):
        raise ValueError(f"{part!r} is not a limit: write peak:5%, peak:10MiB or peak:5%+4KB")
    if name.lower() not in figures:
        raise ValueError(f"{name.lower()!r} cannot be limited: choose from {', '.join(figures)}")
    figure, unit = figures[name.lower()]
    factor = _UNITS[unit].get((ending or "").lower())
    if factor is None:
        raise ValueError(f"{part!r}: {ending!r} is not a unit of {unit}")
    share_allowed, floor_allowed = float(share or 0) / 100, float(floor or 0) * factor
    return GrowthLimit(name.lower(), figure, share_allowed, floor_allowed, part)
