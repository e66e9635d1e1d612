"""What was measured, as a JSON file, and the paired ratios, medians and means over it."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from harness.measure import Trial
from harness.residency import Residency

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"
MEASURABLE = 1.1  # a ratio below it is not told from none on a machine that others use
SCHEMA = "memscope-benchmarks/1"
LISTS = ("trials", "growth", "readings", "counts", "residencies")
Figure = Callable[[Trial], float]


def wall(trial: Trial) -> float:
    return trial.wall_s


def cpu(trial: Trial) -> float:
    return trial.work_cpu_s


@dataclass(frozen=True, slots=True)
class Reading:
    """How long a profiler takes to its first answer from a capture."""

    profiler: str
    program: str
    scale: int
    capture_bytes: int
    median_s: float


@dataclass(frozen=True, slots=True)
class Count:
    """How many allocations a profiler says that a program made, and how many it truly made."""

    program: str
    profiler: str
    allocations: int


@dataclass(slots=True)
class Results:
    """Everything measured with one Python."""

    python: str
    cores: int
    versions: dict[str, str]
    trials: list[Trial] = field(default_factory=list)
    growth: list[Trial] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    residencies: list[Residency] = field(default_factory=list)

    @property
    def last_round(self) -> int:
        return max((trial.round for trial in self.trials), default=0)

    def of(self, program: str, profiler: str) -> list[Trial]:
        """The trials that went well."""
        return [
            trial
            for trial in self.trials
            if trial.program == program and trial.profiler == profiler and trial.failure is None
        ]

    def ratio(self, program: str, profiler: str, figure: Figure) -> float | None:
        """Median over the rounds of ``figure`` against that of no profiler in the same round."""
        bases: dict[int, list[float]] = {}
        for trial in self.of(program, "none"):
            bases.setdefault(trial.round, []).append(figure(trial))
        ratios = [
            figure(trial) / statistics.mean(bases[trial.round])
            for trial in self.of(program, profiler)
            if trial.round in bases
        ]
        return statistics.median(ratios) if ratios else None

    def median(self, program: str, profiler: str, figure: Figure) -> float | None:
        values = [figure(trial) for trial in self.of(program, profiler)]
        return statistics.median(values) if values else None

    def residency(self, program: str, profiler: str) -> Residency | None:
        """The run in the middle by what both took; None: it was not measured."""
        rounds = [
            each
            for each in self.residencies
            if each.program == program and each.profiler == profiler
        ]
        rounds.sort(key=lambda each: each.both_mib)
        return rounds[len(rounds) // 2] if rounds else None

    def added_share(self, program: str, ours: str, theirs: str, figure: Figure) -> float | None:
        """What ``ours`` adds to the program's own cost, as a share of what ``theirs`` adds.

        None where ``theirs`` adds next to nothing: the share would be noise over noise.
        """
        own, other = self.ratio(program, ours, figure), self.ratio(program, theirs, figure)
        if own is None or other is None or other < MEASURABLE:
            return None
        return (own - 1.0) / (other - 1.0)

    def mean_ratio(self, programs: Iterable[str], profiler: str, figure: Figure) -> float | None:
        """Geometric mean over the programs that were measured."""
        return geometric_mean(self.ratio(program, profiler, figure) for program in programs)


def geometric_mean(ratios: Iterable[float | None]) -> float | None:
    known = [math.log(ratio) for ratio in ratios if ratio]
    return math.exp(sum(known) / len(known)) if known else None


def describe_python(python: str) -> Results:
    """Empty results for this interpreter, with the versions of what is compared and run."""
    script = (
        "import importlib.metadata as m, json, platform; "
        "packages = {d.name.lower(): d.version for d in m.distributions()}; "
        "print(json.dumps([platform.python_version(), packages]))"
    )
    answer = subprocess.run([python, "-c", script], check=True, capture_output=True, text=True)
    version, versions = json.loads(answer.stdout)
    required = {line.partition("==")[0] for line in REQUIREMENTS.read_text().splitlines()}
    relevant = sorted(versions.keys() & (required | {"memscope-profiler"}))
    return Results(version, os.cpu_count() or 0, {name: versions[name] for name in relevant})


def save(results: Results, path: Path) -> None:
    """Writes a file that a person can compare with the one before; never leaves half of one."""
    tables = asdict(results)
    lists = {key: tables.pop(key) for key in LISTS}
    head = json.dumps({"schema": SCHEMA, **tables}, indent=1).removesuffix("\n}")
    rows = {key: ",\n".join(map(json.dumps, value)) for key, value in lists.items()}
    text = ",\n".join([head, *(f'"{key}": [\n{row}\n]' for key, row in rows.items())]) + "\n}\n"
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def load(path: Path) -> Results:
    raw = json.loads(path.read_text(encoding="utf-8"))
    if raw.pop("schema", None) != SCHEMA:
        raise ValueError(f"{path} holds no benchmark results")
    return Results(
        python=raw["python"],
        cores=raw["cores"],
        versions=raw["versions"],
        trials=[Trial(**row) for row in raw["trials"]],
        growth=[Trial(**row) for row in raw["growth"]],
        readings=[Reading(**row) for row in raw["readings"]],
        counts=[Count(**row) for row in raw["counts"]],
        residencies=[Residency(**row) for row in raw["residencies"]],
    )
