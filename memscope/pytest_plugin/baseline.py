"""Figures of every test, in a small file to be committed and compared with."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from memscope.errors import MemscopeError, one_line
from memscope.pytest_plugin.figures import Figures, Share
from memscope.pytest_plugin.limits import Limit

HEADER = (
    "# memscope baseline 1: python, peak bytes, allocated bytes, allocations, test; "
    "and the same of its heaviest functions"
)
KEPT_FUNCTIONS = 3  # of each figure
# No figure has more digits: 2^63 bytes are more than any machine has.
_FIGURE = re.compile(r"(\d{1,19})(?:-(\d{1,19}))?", re.ASCII)
_PYTHON = re.compile(r"\d{1,3}\.\d{1,3}", re.ASCII)
_LIMIT = re.compile(r"(peak|allocated|allocations):(\d+(?:\.\d+)?)%")
MEASURES = ("peak", "allocated", "allocations")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Span:
    """A figure as the runs that were saved have seen it; from one to another if it is unsteady."""

    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.least}-{self.most}" if self.unsteady else f"{self.least}"

    @property
    def unsteady(self) -> bool:
        return self.most > self.least

    def widened(self, other: Span) -> Span:
        return Span(min(self.least, other.least), max(self.most, other.most))

    def most_allowed(self, percent: float) -> float:
        """As far above what was seen as that varied: a few runs have not seen all."""
        return self.most * (1 + percent / 100) + self.most - self.least

    def least_allowed(self, percent: float) -> float:
        return self.least * (1 - percent / 100) - (self.most - self.least)


@dataclass(frozen=True, slots=True)
class Entry:
    """One test of one Python version. Figures of another version are not compared."""

    python: str
    test: str
    peak_bytes: Span
    allocated_bytes: Span
    allocations: Span
    functions: tuple[Share, ...] = ()

    @classmethod
    def seen(cls, test: str, figures: Figures, functions: Sequence[Share] = ()) -> Entry:
        peak, allocated, allocations = (Span(v, v) for v in map(figures.of, MEASURES))
        return cls(PYTHON, test, peak, allocated, allocations, tuple(functions))

    def of(self, name: str) -> Span:
        value: Span = getattr(self, name if name == "allocations" else f"{name}_bytes")
        return value

    def widened(self, other: Entry) -> Entry:
        spans = (self.of(name).widened(other.of(name)) for name in MEASURES)
        peak, allocated, allocations = spans
        functions = other.functions or self.functions
        return Entry(self.python, self.test, peak, allocated, allocations, functions)

    def line(self) -> str:
        """The entry as it stands in the file."""
        functions = [[share.place, *map(share.of, MEASURES)] for share in self.functions]
        told = f"\t{json.dumps(functions, ensure_ascii=False)}" if functions else ""
        spans = " ".join(str(self.of(name)) for name in MEASURES)
        return f"{self.python} {spans} {self.test}{told}"


def parse_fail_on(text: str) -> dict[str, float]:
    """`peak:10%,allocations:5%`: by how many percent a figure may grow."""
    found: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = _LIMIT.fullmatch(part)
        if match is None:
            raise MemscopeError(
                f"--memscope-fail-on: {part!r} is no limit", None, "write peak:10%,allocations:5%"
            )
        found[match[1]] = float(match[2])
    return found


def load_baseline(path: Path) -> dict[tuple[str, str], Entry]:
    """Entries by Python version and test. Raises MemscopeError in one line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise MemscopeError(f"the baseline cannot be read: {reason}", path) from error
    if not lines or lines[0] != HEADER:
        raise MemscopeError("this is no baseline of memscope", path, "--memscope-save writes one")
    entries = {}
    for number, text in enumerate(lines[1:], 2):
        line, _, told = text.partition("\t")
        parts = line.split(maxsplit=4)
        figures = [_FIGURE.fullmatch(part) for part in parts[1:4]]
        functions = _functions(told)
        known = len(parts) == 5 and _PYTHON.fullmatch(parts[0]) is not None
        if not known or not all(figures) or functions is None:
            raise MemscopeError(f"line {number} is no entry of a baseline", path)
        python, test = parts[0], parts[4]
        peak, allocated, allocations = (
            Span(int(found[1]), int(found[2] or found[1])) for found in figures if found
        )
        entry = Entry(python, test, peak, allocated, allocations, functions)
        entries[python, test] = entry
    return entries


def _functions(told: str) -> tuple[Share, ...] | None:
    """None: this is no list of functions."""
    try:
        found = [] if not told else json.loads(told)
        return tuple(Share(one_line(str(place)), *map(_figure, values)) for place, *values in found)
    except (ValueError, TypeError, RecursionError):
        return None


def _figure(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise ValueError(value)
    return value


def save_baseline(
    path: Path,
    figures: dict[str, Figures],
    widen: bool,
    functions: Mapping[str, Sequence[Share]],
) -> None:
    """Write this Python's figures; those of other versions in the file stay.

    widen: those of this version stay too, and reach from the least to the most that was seen.
    """
    entries = load_baseline(path) if path.exists() else {}
    if not widen:
        entries = {key: entry for key, entry in entries.items() if key[0] != PYTHON}
    for test, seen in figures.items():
        key, entry = (PYTHON, test), Entry.seen(test, seen, functions.get(test, ()))
        entries[key] = entries[key].widened(entry) if key in entries else entry
    ordered = sorted(entries.values(), key=lambda entry: (entry.test, _version(entry.python)))
    text = "".join(f"{entry.line()}\n" for entry in ordered)
    try:
        path.write_text(f"{HEADER}\n{text}", encoding="utf-8")
    except OSError as error:
        raise MemscopeError(f"the baseline cannot be written: {error.strerror}", path) from error


def _version(python: str) -> tuple[int, ...]:
    return tuple(map(int, python.split(".")))


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of a test, then and now. `old` is the nearer end where that was unsteady."""

    test: str
    name: str
    old: int
    new: int

    @property
    def share(self) -> float:
        return (self.new - self.old) / self.old if self.old else float(self.new > 0)


@dataclass(frozen=True, slots=True)
class Unsteady:
    """A figure that varied while the baseline was made, and is no further off now."""

    test: str
    name: str
    least: int
    most: int
    new: int


def changes(
    entry: Entry, figures: Figures, limits: dict[str, float]
) -> tuple[list[Change], list[Unsteady]]:
    """The figures that differ by more than their limit (any difference where there is none)."""
    changed, unsteady = [], []
    for name in MEASURES:
        span, new, percent = entry.of(name), figures.of(name), limits.get(name, 0.0)
        if new > span.most_allowed(percent):
            changed.append(Change(entry.test, name, span.most, new))
        elif new < span.least_allowed(percent):
            changed.append(Change(entry.test, name, span.least, new))
        elif span.unsteady:
            unsteady.append(Unsteady(entry.test, name, span.least, span.most, new))
    return changed, unsteady


def limits_from(entry: Entry, limits: dict[str, float]) -> list[Limit]:
    """What a test may come to without having grown by more than its limits."""
    return [Limit(name, int(entry.of(name).most_allowed(limits[name]))) for name in limits]
