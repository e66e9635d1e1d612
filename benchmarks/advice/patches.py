"""On how many programs advice comes with a patch, and what it gains."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gains import recorded_totals
from judging import advise, memscope
from labels import PARTS, programs

OWN = Path(__file__).resolve().parents[2] / "tests" / "advice" / "programs"
SEED = {"PYTHONHASHSEED": "0"}
FIGURES = ("cpu_s", "resident_bytes")


@dataclass(frozen=True, slots=True)
class Tried:
    """One patch: whether it applies and the program prints the same, and what that saves.

    `saved` has CPU seconds and resident bytes where `memscope ab` shows a difference, and the
    difference of the recorded peaks.
    """

    program: str
    kind: str
    line: int
    same_output: bool | None  # None: it prints other things in each run
    saved: dict[str, float]

    @property
    def gains(self) -> bool:
        """Whether anything is saved for sure, a hundredth of the peak at least."""
        return any(value > 0 for name, value in self.saved.items() if name != "peak_share") or (
            self.saved["peak_share"] >= 0.01
        )


def all_programs(parts: Sequence[str], word: str) -> list[Path]:
    """The labelled programs of the suite's parts, and those of the tests: the part "tests"."""
    found = [program.path for part in parts if part in PARTS for program in programs(part)]
    if "tests" in parts:
        found += sorted(OWN.glob("*.py"))
    return [path for path in found if word in path.stem]


def tried(program: Path, pairs: int) -> Iterator[Tried]:
    """Each patch that is offered for a program, made in a copy of it."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "old", Path(folder) / "new"
        before = _copied(program, old)
        for item in advise(before)["advice"]:
            if not item["fix"]["patch"]:
                continue
            after = _copied(program, new)
            root = Path(str(item["fix"]["patch_folder"]).replace(str(old), str(new), 1))
            _apply(item["fix"]["patch"], root, folder)
            saved = _saved(before, after, pairs)
            same = _output(before) == _output(after)
            if not same and _output(before) != _output(before):
                same = None
            yield Tried(program.stem, item["kind"], item["site"]["line"], same, saved)
            shutil.rmtree(new)


def _copied(program: Path, folder: Path) -> Path:
    folder.mkdir()
    copied = folder / program.name
    if program.is_dir():
        shutil.copytree(program, copied, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(program, copied)
    return copied


def _apply(patch: str, root: Path, ceiling: str) -> None:
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": ceiling}
    command = ["git", "apply", "-"]
    subprocess.run(command, input=patch, text=True, cwd=root, check=True, env=environment)


def _saved(before: Path, after: Path, pairs: int) -> dict[str, float]:
    scripts = [path / "__main__.py" if path.is_dir() else path for path in (before, after)]
    outcome = json.loads(memscope("ab", "--json", "-n", pairs, *scripts))["figures"]
    saved = {
        name: outcome[name]["saved"]["value"]
        for name in FIGURES
        if name in outcome and outcome[name]["significant"]
    }
    peaks = [recorded_totals(path)["peak_bytes"] for path in (before, after)]
    return saved | {"peak_share": (peaks[0] - peaks[1]) / max(peaks[0], 1)}


def _output(program: Path) -> tuple[int, bytes]:
    done = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True, check=False, env=os.environ | SEED, cwd=program.parent,
    )  # fmt: skip
    return done.returncode, done.stdout


_OUTPUTS = {True: "same output", None: "random output", False: "OTHER OUTPUT"}


def text(found: Sequence[Tried], count: int) -> str:
    """A line for each patch, and what they come to."""
    lines = [
        f"  {one.program:26}{one.kind:15}:{one.line:<5}"
        f"{_OUTPUTS[one.same_output]:14}"
        + ", ".join(f"{name} {value:.3g}" for name, value in one.saved.items())
        for one in found
    ]
    same, gain = sum(one.same_output is not False for one in found), sum(one.gains for one in found)
    offered = len({one.program for one in found})
    lines.append(
        f"{count} programs: {len(found)} patches offered for {offered} of them; {same} print the"
        f" same, {gain} gain"
    )
    return "\n".join(lines)


def document(found: Sequence[Tried], count: int) -> dict[str, Any]:
    return {"programs": count, "patches": [asdict(one) | {"gains": one.gains} for one in found]}
