"""What one phase of a test allocated, and the lines that did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import quote
from typing import NamedTuple

from memscope.analysis.units import bytes_text, count_text

# How `memscope hotspots` calls what a limit is about.
_BY = {
    "peak": "peak_bytes",
    "allocated": "allocated_bytes",
    "allocations": "allocations",
    "live": "live_bytes",
    "leaked": "live_bytes",
    "growth": "live_bytes",
}


class Figures(NamedTuple):
    """What the test itself allocated in a phase, exact: bytes as requested, and calls.

    `peak_bytes` is its part of the highest peak, `live_bytes` what is left at the end.
    """

    peak_bytes: int
    allocated_bytes: int
    allocations: int
    live_bytes: int

    def of(self, name: str) -> int:
        value: int = getattr(self, name if name == "allocations" else f"{name}_bytes")
        return value

    def plus(self, other: Figures) -> Figures:
        """Of two parts of one phase, whose peak is the same moment's."""
        return Figures(
            self.peak_bytes + other.peak_bytes,
            self.allocated_bytes + other.allocated_bytes,
            self.allocations + other.allocations,
            self.live_bytes + other.live_bytes,
        )

    def followed_by(self, other: Figures) -> Figures:
        """Of two parts of one phase, one after the other: the higher of their peaks."""
        return self.plus(other)._replace(peak_bytes=max(self.peak_bytes, other.peak_bytes))


class Limit(NamedTuple):
    """One figure of a test that must not be above `most` (bytes, or calls for allocations)."""

    name: str
    most: int
    ignore: tuple[str, ...] = ()


class Line(NamedTuple):
    """A line of a phase and what it came to: the test's own or, where there is none, the last."""

    file: str
    function: str
    line: int
    figures: Figures


class Site(NamedTuple):
    """A line of a test's own code and what it came to by one measure."""

    file: str
    function: str
    line: int
    value: int


def heaviest(lines: Iterable[Line], name: str, count: int = 5) -> list[Site]:
    """The lines that made most of a figure, heaviest first."""
    sites = [Site(*line[:3], line.figures.of(name)) for line in lines]
    ranked = sorted((site for site in sites if site.value > 0), key=lambda site: -site.value)
    return ranked[:count]


def exceeded(figures: Figures, limits: Iterable[Limit]) -> list[Limit]:
    """The limits that figures are above."""
    return [limit for limit in limits if figures.of(limit.name) > limit.most]


def text_of(name: str, value: int) -> str:
    """A figure as people read it, and exactly."""
    if name == "allocations":
        return f"{value:,}"
    return f"{bytes_text(value)} ({value:,} B)" if value >= 1024 else f"{value:,} B"


def amount(name: str, value: int) -> str:
    """A figure as people read it."""
    return count_text(value) if name == "allocations" else bytes_text(value)


def explain(
    limit: Limit,
    value: int,
    sites: Sequence[Site],
    capture: str | None,
    holders: Sequence[str] = (),
) -> str:
    """Why a test fails: the limit, the figure, by how much, the lines, and how to look further.

    holders: lines of text that say who keeps it.
    """
    over = value - limit.most
    lines = [
        f"memscope: {limit.name} is {text_of(limit.name, value)}, "
        f"{text_of(limit.name, over)} above the limit of {text_of(limit.name, limit.most)}"
    ]
    for site in sites:
        part = amount(limit.name, site.value)
        lines.append(f"  {part:>9}  {site.file}:{site.line}  {site.function}")
    if capture is not None:
        lines.append(f"  memscope hotspots --by {_BY[limit.name]} {quote(capture)}")
    lines += holders
    return "\n".join(lines)
