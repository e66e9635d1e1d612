"""Figures of every test, in a small file to be committed and compared with."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from memscope.errors import MemscopeError
from memscope.pytest_plugin.figures import Figures

HEADER = "# memscope baseline 1: python, peak bytes, allocated bytes, allocations, test"
_LIMIT = re.compile(r"(peak|allocated|allocations):(\d+(?:\.\d+)?)%")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One test of one Python version. Figures of another version are not compared."""

    python: str
    test: str
    peak_bytes: int
    allocated_bytes: int
    allocations: int

    def of(self, name: str) -> int:
        value: int = getattr(self, name if name == "allocations" else f"{name}_bytes")
        return value


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
    for number, line in enumerate(lines[1:], 2):
        parts = line.split(maxsplit=4)
        if len(parts) != 5 or not all(part.isascii() and part.isdigit() for part in parts[1:4]):
            raise MemscopeError(f"line {number} is no entry of a baseline", path)
        python, peak, allocated, allocations, test = parts
        entries[python, test] = Entry(python, test, int(peak), int(allocated), int(allocations))
    return entries


def save_baseline(path: Path, figures: dict[str, Figures]) -> None:
    """Write this Python's figures; those of other versions in the file stay."""
    entries: dict[tuple[str, str], Entry] = {}
    if path.exists():
        entries = {key: entry for key, entry in load_baseline(path).items() if key[0] != PYTHON}
    for test, seen in figures.items():
        entries[PYTHON, test] = Entry(
            PYTHON, test, seen.peak_bytes, seen.allocated_bytes, seen.allocations
        )
    ordered = sorted(entries.values(), key=lambda entry: (entry.test, _version(entry.python)))
    text = "".join(
        f"{entry.python} {entry.peak_bytes} {entry.allocated_bytes} {entry.allocations} "
        f"{entry.test}\n"
        for entry in ordered
    )
    try:
        path.write_text(f"{HEADER}\n{text}", encoding="utf-8")
    except OSError as error:
        raise MemscopeError(f"the baseline cannot be written: {error.strerror}", path) from error


def _version(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split(".") if part.isdigit())


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of a test, then and now."""

    test: str
    name: str
    old: int
    new: int

    @property
    def share(self) -> float:
        return (self.new - self.old) / self.old if self.old else float(self.new > 0)


def changes(entry: Entry, figures: Figures, limits: dict[str, float]) -> list[Change]:
    """The figures that differ by more than their limit (any difference where there is none)."""
    found = []
    for name in ("peak", "allocated", "allocations"):
        change = Change(entry.test, name, entry.of(name), figures.of(name))
        if abs(change.share) * 100 > limits.get(name, 0.0):
            found.append(change)
    return found
