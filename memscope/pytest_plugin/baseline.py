"""Figures of every test, in a small file to be committed and compared with."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from memscope.analysis.limits import GrowthLimit, Unit, parse_growth_limits
from memscope.errors import MemscopeError, one_line
from memscope.pytest_plugin.figures import Figures, Limit
from memscope.pytest_plugin.functions import Share

_HEADER_WITHOUT_END = (  # as the first version wrote it, which could not tell a cut file
    "# memscope baseline 1: python, peak bytes, allocated bytes, allocations, test; "
    "and the same of its heaviest functions"
)
HEADER = f"{_HEADER_WITHOUT_END}; closed by an end line"
END = "# end"
KEPT_FUNCTIONS = 3  # of each figure
# No figure has more digits: 2^63 bytes are more than any machine has.
_FIGURE = re.compile(r"(\d{1,19})(?:-(\d{1,19}))?", re.ASCII)
_PYTHON = re.compile(r"\d{1,3}\.\d{1,3}", re.ASCII)
MEASURES = ("peak", "allocated", "allocations")
_UNITS: Mapping[str, tuple[str, Unit]] = {
    "peak": ("peak", "bytes"),
    "allocated": ("allocated", "bytes"),
    "allocations": ("allocations", "count"),
}
_encode = json.JSONEncoder(ensure_ascii=False).encode
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

    def most_allowed(self, limit: GrowthLimit) -> float:
        """As far above what was seen as that varied: a few runs have not seen all."""
        return self.most + limit.growth(self.most) + self.most - self.least

    def least_allowed(self, limit: GrowthLimit) -> float:
        return self.least - limit.growth(self.least) - (self.most - self.least)


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
        told = f"\t{_encode(functions)}" if functions else ""
        spans = " ".join(str(self.of(name)) for name in MEASURES)
        return f"{self.python} {spans} {self.test}{told}"


def parse_fail_on(text: str) -> dict[str, GrowthLimit]:
    """`peak:10%+4KB,allocations:5%`: by how much each figure may grow."""
    if not text.strip():
        return {}
    try:
        return {limit.name: limit for limit in parse_growth_limits(text, _UNITS)}
    except ValueError as error:
        raise MemscopeError(f"--memscope-fail-on: {error}") from None


# What the first call of a function in a process may cost beyond each later one: the interpreter
# fills caches (of abstract classes, types, interned names, keys that objects share). Tests of
# tomlkit that ran alone took up to 185 bytes of the peak, 840 bytes in all, and 10 allocations
# for each function of which they were the first caller. Who that is depends on which tests run,
# and in which order.
_FIRST_CALL = {"peak": 256.0, "allocated": 1024.0, "allocations": 12.0}
# Caches are filled by later calls too (patterns, other classes), and stay when the test is over. So
# the same goes for what a test leaves behind, up to this, for each byte of it.
_CACHED_BYTES_MAX = 16 << 10
_CACHED_BYTE = {"peak": 1.0, "allocated": 4.0, "allocations": 1 / 24}
# What differs by less is not worth a line where no limit says otherwise: a table of the
# interpreter's that grows once in a while counts with whichever test it grows in.
TOLERATED = parse_fail_on("peak:2%+4KB,allocated:2%+16KB,allocations:2%+20")


def load_baseline(path: Path) -> dict[tuple[str, str], Entry]:
    """Entries by Python version and test. Raises MemscopeError in one line."""
    remedy = "--memscope-save writes one"
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise MemscopeError(f"the baseline cannot be read: {reason}", path, remedy) from error
    if lines == [""]:
        raise MemscopeError("the baseline is empty", path, remedy)
    header, last = lines[0].rstrip("\r"), lines.pop()
    if header not in (HEADER, _HEADER_WITHOUT_END):
        raise MemscopeError("this is not a baseline of memscope", path, remedy)
    if last or (header == HEADER and lines.pop().rstrip("\r") != END):
        raise MemscopeError("the baseline was cut short: its last line is missing", path, remedy)
    entries = {}
    for number, text in enumerate(lines[1:], 2):
        entry = _entry(text.rstrip("\r"))
        if entry is None:
            raise MemscopeError(f"line {number} is not an entry of a baseline", path)
        entries[entry.python, entry.test] = entry
    return entries


def _entry(text: str) -> Entry | None:
    """None: this is no entry."""
    line, _, told = text.partition("\t")
    parts = line.split(maxsplit=4)
    if len(parts) != 5 or _PYTHON.fullmatch(parts[0]) is None:
        return None
    figures = [found for part in parts[1:4] if (found := _FIGURE.fullmatch(part))]
    functions = _functions(told)
    if len(figures) != len(MEASURES) or functions is None:
        return None
    spans = (Span(int(found[1]), int(found[2] or found[1])) for found in figures)
    peak, allocated, allocations = spans
    return Entry(parts[0], parts[4], peak, allocated, allocations, functions)


def of_this_python(entries: Mapping[tuple[str, str], Entry]) -> dict[str, Entry]:
    """Entries by test."""
    return {test: entry for (python, test), entry in entries.items() if python == PYTHON}


def load_for_comparison(path: Path) -> dict[str, Entry]:
    """Entries of this Python by test. Raises MemscopeError if there is none to compare with."""
    remedy = "--memscope-save writes one"
    entries = load_baseline(path)
    if not entries:
        raise MemscopeError("the baseline holds no test", path, remedy)
    here = of_this_python(entries)
    if not here:
        others = ", ".join(sorted({python for python, _ in entries}, key=_version))
        what = f"the baseline has figures of Python {others}, and none of {PYTHON}, which runs here"
        raise MemscopeError(what, path, "--memscope-save adds them")
    return here


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
    figures: Mapping[str, Figures],
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
        path.write_text(f"{HEADER}\n{text}{END}\n", encoding="utf-8")
    except OSError as error:
        raise MemscopeError(f"the baseline cannot be written: {error.strerror}", path) from error


def _version(python: str) -> tuple[int, ...]:
    return tuple(map(int, python.split(".")))


@dataclass(frozen=True, slots=True)
class FigureChange:
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
    entry: Entry, figures: Figures, limits: Mapping[str, GrowthLimit], first_calls: int = 0
) -> tuple[list[FigureChange], list[Unsteady]]:
    """The figures that differ by more than their limit, or than is tolerated without one.

    first_calls: how many functions the test was the first to call in its process.
    """
    changed, unsteady = [], []
    for name in MEASURES:
        span, new, limit = entry.of(name), figures.of(name), limits.get(name, TOLERATED[name])
        if new > span.most_allowed(limit) + cost_of_caches(name, figures, first_calls):
            changed.append(FigureChange(entry.test, name, span.most, new))
        elif new < span.least_allowed(limit):
            changed.append(FigureChange(entry.test, name, span.least, new))
        elif span.unsteady:
            unsteady.append(Unsteady(entry.test, name, span.least, span.most, new))
    return changed, unsteady


def cost_of_caches(name: str, figures: Figures, first_calls: int) -> int:
    """How much of a figure may be due to caches that the test happened to be the first to fill."""
    left_bytes = min(figures.live_bytes, _CACHED_BYTES_MAX)
    return int(first_calls * _FIRST_CALL[name] + left_bytes * _CACHED_BYTE[name])


def limits_from(entry: Entry, limits: Mapping[str, GrowthLimit]) -> list[Limit]:
    """What a test may come to without having grown by more than its limits."""
    return [Limit(name, int(entry.of(name).most_allowed(limit))) for name, limit in limits.items()]


def for_caches(limits: Sequence[Limit], figures: Figures, first_calls: int) -> list[Limit]:
    """Those limits, with room for what caches cost the test."""
    return [
        Limit(limit.name, limit.most + cost_of_caches(limit.name, figures, first_calls))
        for limit in limits
    ]


def forgiven(
    entry: Entry, figures: Figures, limits: Mapping[str, GrowthLimit], first_calls: int
) -> bool:
    """Whether a test is above one of its limits, and only by what caches cost it."""
    strict = limits_from(entry, limits)
    lenient = for_caches(strict, figures, first_calls)
    return any(
        before.most < figures.of(before.name) <= after.most
        for before, after in zip(strict, lenient, strict=True)
    )
