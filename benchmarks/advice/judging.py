"""Holds what is advised of a program against its labels."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labels import Place, Program

NEAR_LINES = 3
TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Judged:
    """`said` is what was advised, best first."""

    program: Program
    said: tuple[Place, ...]
    right: tuple[Place, ...]  # of what was said
    missed: tuple[Place, ...]  # of the labels
    first: bool | None  # None where not just one defect is there

    @property
    def wrong(self) -> tuple[Place, ...]:
        return tuple((Counter(self.said) - Counter(self.right)).elements())

    @property
    def forbidden(self) -> tuple[Place, ...]:
        return tuple(item for item in self.said if item.kind in self.program.forbidden)

    @property
    def name(self) -> str:
        return self.program.name


@dataclass(frozen=True, slots=True)
class Score:
    """`labelled` defects, those found, and all that was said."""

    labelled: int
    found: int
    said: int

    @property
    def precision(self) -> float | None:
        return self.found / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        return self.found / self.labelled if self.labelled else None


def memscope(*words: object) -> str:
    """What a subcommand prints; raises RuntimeError with its last line if it fails."""
    command = [sys.executable, "-m", "memscope", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"{words[0]} ended with status {done.returncode}: {' '.join(last)}")
    return done.stdout


def advise(path: Path, kept: Path | None = None, *, native: bool = False) -> dict[str, Any]:
    """The document of `memscope advise` about one recorded run: of `kept`, if it is given.

    Where that is not there, it is made. A source that is younger than its capture is not read:
    then it is made again.
    """
    with tempfile.TemporaryDirectory() as folder:
        capture = kept or Path(folder) / "it.mscope"
        if not _is_younger(capture, path):
            capture.parent.mkdir(parents=True, exist_ok=True)
            options = ["--native"] if native else []
            memscope("run", "-q", "-o", capture, *options, path)
        document: dict[str, Any] = json.loads(memscope("advise", "--json", "-n", "0", capture))
    if failed := [note for note in document["notes"] if " failed: " in note]:
        raise RuntimeError(f"{path.name}: {failed[0]}")
    return document


def _is_younger(capture: Path, program: Path) -> bool:
    files = program.rglob("*.py") if program.is_dir() else [program]
    made = capture.stat().st_mtime if capture.exists() else 0.0
    return made > max(file.stat().st_mtime for file in files)


def judge(program: Program, document: dict[str, Any]) -> Judged:
    """Each label can be met once, by advice of its kind within NEAR_LINES lines."""
    said = tuple(
        Place(item["kind"], item["site"]["file"], item["site"]["line"])
        for item in document["advice"]
        if item["kind"] not in program.uncounted - {one.kind for one in program.defects}
    )
    left = list(program.defects)
    right = []
    for item in said:
        near = [one for one in left if program.distance(one, item) <= NEAR_LINES]
        if near:
            left.remove(min(near, key=lambda one: program.distance(one, item)))
            right.append(item)
    first = None
    if len(program.defects) == 1:
        first = bool(said and right and said[0] == right[0])
    return Judged(program, said, tuple(right), tuple(left), first)


def scores(judged: Sequence[Judged]) -> dict[str, Score]:
    """By kind, in alphabetical order, and of all as "total"."""
    kinds = {item.kind for one in judged for item in (*one.program.defects, *one.said)}
    rows = {kind: _score(judged, {kind}) for kind in sorted(kinds)}
    return rows | {"total": _score(judged, kinds)}


def _score(judged: Iterable[Judged], kinds: set[str]) -> Score:
    def count(items: Iterable[Place]) -> int:
        return sum(item.kind in kinds for item in items)

    judged = list(judged)
    return Score(
        sum(count(one.program.defects) for one in judged),
        sum(count(one.right) for one in judged),
        sum(count(one.said) for one in judged),
    )


def part_document(judged: Sequence[Judged]) -> dict[str, Any]:
    """Of one part, for JSON."""
    return {
        "programs": len(judged),
        "clean": sum(not one.program.defects for one in judged),
        "scores": {
            name: asdict(score) | {"precision": score.precision, "recall": score.recall}
            for name, score in scores(judged).items()
        },
        "first": sum(one.first is True for one in judged),
        "single": sum(one.first is not None for one in judged),
        "forbidden": sum(len(one.forbidden) for one in judged),
        "faults": [
            {
                "program": one.name,
                "missed": one.missed,
                "wrong": one.wrong,
                "forbidden": one.forbidden,
                "first": one.first,
            }
            for one in judged
            if one.missed or one.wrong or one.first is False
        ],
    }
