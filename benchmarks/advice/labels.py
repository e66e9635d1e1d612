"""The suite's programs and what they say of themselves.

`# advise: KIND` marks the line that has to change (`KIND before 3.14`: only there); the program
with that change made lies beside it as `NAME_fixed.py`. `# forbid: KIND KIND` stands in a program
that is well as it is, where such advice would tempt and be wrong. `# may: KIND` is for what is true
but so near the least saving that it is advised in one run and not in the next: it does not count.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "programs"
PARTS = ("tuned", "held_out")
FIXED = "_fixed"

_ADVISE = re.compile(r"# advise: ([\w-]+)(?: before 3\.(\d+))?")
_MAY = re.compile(r"# may: ([\w -]+)")
_FORBID = re.compile(r"# forbid: ([\w -]+)")


@dataclass(frozen=True, slots=True)
class Program:
    path: Path
    part: str
    defects: tuple[tuple[str, int], ...]  # (kind, line)
    forbidden: frozenset[str]
    uncounted: frozenset[str]

    @property
    def fixed(self) -> Path | None:
        path = self.path.with_name(f"{self.path.stem}{FIXED}.py")
        return path if path.exists() else None


def programs(part: str) -> list[Program]:
    """All of a part, by name."""
    paths = sorted((PROGRAMS / part).glob("*.py"))
    return [_read(path, part) for path in paths if not path.stem.endswith(FIXED)]


def _read(path: Path, part: str) -> Program:
    text = path.read_text(encoding="utf-8")
    defects = tuple(
        (found[1], number)
        for number, line in enumerate(text.splitlines(), 1)
        for found in _ADVISE.finditer(line)
        if found[2] is None or sys.version_info < (3, int(found[2]))
    )
    return Program(path, part, defects, _kinds(_FORBID, text), _kinds(_MAY, text))


def _kinds(mark: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(kind for found in mark.finditer(text) for kind in found[1].split())
