"""The suite's programs and what they say of themselves.

`# advise: KIND` marks the line that has to change (`KIND before 3.14`: only there); the program
with that change made lies beside it as `NAME_fixed.py`. A program may be a folder, `NAME` and
`NAME_fixed`, with a `__main__.py`. `# forbid: KIND KIND` stands in a program
that is well as it is, where such advice would tempt and be wrong. `# may: KIND` is for what is true
but so near the least saving that it is advised in one run and not in the next: it does not count.

A part may have its labels in `labels.json` instead: for each program the defects, each with all the
lines that its author would take for right (`also`: in other files, too), and the kinds that are
`allowed` or `forbidden`. `native`: who asks about it records native memory, too.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

PROGRAMS = Path(__file__).resolve().parent / "programs"
SIGHTS = (
    "first_sight",
    "second_sight",
    "third_sight",
    "fourth_sight",
    "fifth_sight",
    "sixth_sight",
    "seventh_sight",
)
PARTS = ("tuned", "held_out", *SIGHTS)
FIXED = "_fixed"

_ADVISE = re.compile(r"# advise: ([\w-]+)(?: before 3\.(\d+))?")
_MAY = re.compile(r"# may: ([\w -]+)")
_FORBID = re.compile(r"# forbid: ([\w -]+)")


class Place(NamedTuple):
    """What is advised, or should be, and where."""

    kind: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Program:
    path: Path  # a file or a folder
    part: str
    defects: tuple[Place, ...]
    forbidden: frozenset[str]
    uncounted: frozenset[str]
    places: Mapping[Place, tuple[Place, ...]] = field(default_factory=dict)  # if several
    mended: Path | None = None
    native: bool = False

    @property
    def name(self) -> str:
        """Its own in its part: of a main file, its folder's."""
        return self.path.parent.name if self.path.name == "main.py" else self.path.stem

    def distance(self, defect: Place, said: Place) -> float:
        """How many lines it is from the nearest right place; infinite: that is in another file."""
        return min(
            (
                abs(right.line - said.line)
                for right in self.places.get(defect, (defect,))
                if right[:2] == said[:2]
            ),
            default=math.inf,
        )

    @property
    def fixed(self) -> Path | None:
        if self.mended is not None:
            return self.mended
        path = self.path.with_name(f"{self.path.stem}{FIXED}{self.path.suffix}")
        return path if path.exists() else None


def programs(part: str) -> list[Program]:
    """All of a part, by name."""
    folder = PROGRAMS / part
    if (folder / "labels.json").exists():
        return list(_listed(folder, part))
    paths = sorted([*folder.glob("*.py"), *(main.parent for main in folder.glob("*/__main__.py"))])
    return [_read(path, part) for path in paths if not path.stem.endswith(FIXED)]


def _listed(folder: Path, part: str) -> Iterator[Program]:
    for item in json.loads((folder / "labels.json").read_text(encoding="utf-8")):
        path = folder / item["program"]
        places = {found[0]: found for found in (_places(folder, it) for it in item["expected"])}
        name = Path(item["program"]).parts[0].removesuffix(".py")
        mended = sorted((folder / "mended").glob(f"{name}__*"))
        fixed = mended[0] if len(mended) == 1 else None
        if fixed is not None and (fixed / "main.py").exists():
            fixed /= "main.py"
        allowed = frozenset(it["kind"] for it in item["allowed"])
        forbidden = frozenset(item["forbidden"])
        native = bool(item.get("native"))
        yield Program(path, part, tuple(places), forbidden, allowed, places, fixed, native)


def _places(folder: Path, defect: Mapping[str, Any]) -> tuple[Place, ...]:
    """All that its author would take for right, the best first; `also` names other files."""
    return tuple(
        Place(defect["kind"], str(folder / there["file"]), line)
        for there in (defect, *defect.get("also", ()))
        for line in there["lines"]
    )


def _read(path: Path, part: str) -> Program:
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    defects = tuple(
        Place(found[1], str(file), number)
        for file, content in texts.items()
        for number, line in enumerate(content.splitlines(), 1)
        for found in _ADVISE.finditer(line)
        if found[2] is None or sys.version_info < (3, int(found[2]))
    )
    text = "\n".join(texts.values())
    return Program(path, part, defects, _kinds(_FORBID, text), _kinds(_MAY, text))


def _kinds(mark: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(kind for found in mark.finditer(text) for kind in found[1].split())
