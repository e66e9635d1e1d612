"""Thousands of runs made from a few real ones, with planted regressions: are they found, how fast?

    python benchmarks/fleet.py [--runs 10000] [--engine duckdb] [--engine spark] [--compact]

Each service is one of the sample applications. Its runs differ as those of a real service do: each
by a factor of its own, and each line by one more. From some release on a few lines have more, and
one has it for one release alone. Some services have limits that they come near. What was planted is
known here; what is found must be that, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import memscope
from memscope.fleet.asking import Asked, FleetBy
from memscope.fleet.compacting import compact
from memscope.fleet.contents import Entry, RunContents, contents_of
from memscope.fleet.engines import Engine, open_engine
from memscope.fleet.questions import ask
from memscope.fleet.storing import write_run

ROOT = Path(__file__).parents[1]
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
FIRST_DAY = date(2026, 1, 5)
COUNTERS = (
    "allocations", "frees", "allocated_bytes", "live_blocks", "live_bytes", "peak_bytes",
    "short_lived",
)  # fmt: skip
BY: FleetBy = "peak_bytes"
LEAST_LINES, MOST_LINES = 80, 400
LEAST_PLANTED_BYTES = 1 << 16
Line = tuple[str, str, int]  # file, function, and how far into that


@dataclass(frozen=True)
class Planted:
    """A line of a service that has more from one release on, up to another."""

    service: str
    line: Line
    since: int
    until: int
    factor: float

    def holds(self, version: int) -> bool:
        return self.since <= version < self.until


@dataclass
class Plan:
    """What the data set is to hold, and what is to be found in it."""

    bases: Sequence[RunContents]
    services: int = 20
    seed: int = 1
    planted: list[Planted] = field(default_factory=list)
    limited: dict[str, float] = field(default_factory=dict)  # share of its limit that it comes to

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        for number in range(self.services):
            name = f"service-{number:02}"
            heavy = [
                line_of(row)
                for row in self.base(number).tables["rows"]
                if row[BY] >= LEAST_PLANTED_BYTES
            ]
            if number % 2 == 0 and heavy:
                chosen = chance.sample(heavy, min(2, len(heavy)))
                last = len(VERSIONS)
                since = chance.randrange(1, last)
                self.planted.append(Planted(name, chosen[0], since, last, 1.6))
                if len(chosen) > 1:  # taken back, or in the last release
                    begin = 2 if number % 4 else last - 1
                    end = begin + 1
                    self.planted.append(Planted(name, chosen[1], begin, end, 2.0))
            if number % 5 == 0:
                self.limited[name] = 0.9 if number % 10 == 0 else 0.5

    def base(self, number: int) -> RunContents:
        return self.bases[number % len(self.bases)]

    def grew(self) -> set[tuple[str, Line, str]]:
        last = len(VERSIONS)
        return {
            (each.service, each.line, VERSIONS[each.since])
            for each in self.planted
            if each.until == last
        }

    def regressed(self) -> set[tuple[str, Line, str]]:
        last = len(VERSIONS) - 1
        return {key for key in self.grew() if key[2] == VERSIONS[last]}

    def near(self) -> set[str]:
        return {name for name, share in self.limited.items() if share >= 0.8}

    def made(self, count: int, services: Iterable[int] | None = None) -> Iterator[RunContents]:
        """So many runs over all services; those of these services, whoever makes the others."""
        each = max(count // (self.services * len(VERSIONS)), 1)
        for service in range(self.services) if services is None else services:
            chance = random.Random(f"{self.seed} {service}")
            for number in range(each * len(VERSIONS)):
                unique = service * each * len(VERSIONS) + number
                yield self._run(service, number // each, unique, chance)

    def _run(self, service: int, version: int, number: int, chance: random.Random) -> RunContents:
        base, name = self.base(service), f"service-{service:02}"
        run = f"{number:016x}"
        load = chance.lognormvariate(0, 0.1)
        more = {
            each.line: each.factor
            for each in self.planted
            if each.service == name and each.holds(version)
        }
        rows = [_varied(row, run, load, more, chance) for row in base.tables["rows"]]
        day = FIRST_DAY + timedelta(days=7 * version + chance.randrange(7))
        told = dict(base.tables["runs"][0]) | {
            "run": run,
            "version": VERSIONS[version],
            "started": (day - date(1970, 1, 1)).days * 86400.0 + number % 86400,
            "labels": {"service": name, "version": VERSIONS[version]},
            **{counter: sum(row[counter] for row in rows) for counter in COUNTERS[:-1]},
        }
        if name in self.limited:
            told["limit_bytes"] = 1 << 28
            told["limit_source"] = "cgroup"
            highest = int(self.limited[name] * (1 << 28))
            told["peak_resident_bytes"] = highest - chance.randrange(1 << 22)
        # No question is about the other tables: each has a file, with nothing in it.
        others: dict[str, list[Entry]] = {
            table: [] for table in ("stacks", "types", "timeline", "advice")
        }
        return RunContents(run, name, day.isoformat(), {**others, "rows": rows, "runs": [told]})


def line_of(row: Mapping[str, Any]) -> Line:
    return row["file"], row["function"], row["line"] - row["first_line"]


def _varied(
    row: Entry, run: str, load: float, more: Mapping[Line, float], chance: random.Random
) -> Entry:
    factor = load * chance.lognormvariate(0, 0.05) * more.get(line_of(row), 1.0)
    return {**row, "run": run, **{name: round(row[name] * factor) for name in COUNTERS}}


def recorded(place: Path) -> list[RunContents]:
    """Real captures of those sample applications that have as many lines as a small service."""
    found = []
    for script in sorted(ROOT.glob("sample_apps/*/before.py")):
        path = place / f"{script.parent.name}.mscope"
        command = [sys.executable, "-m", "memscope", "run", "-q", "-o", path, script]
        ran = subprocess.run(
            list(map(str, command)), check=False, cwd=place, capture_output=True, timeout=600
        )
        if ran.returncode == 0:  # one of them wants to be told more
            with memscope.load(path) as capture:
                found.append(contents_of(capture))
    return [base for base in found if LEAST_LINES <= len(base.tables["rows"]) <= MOST_LINES]


def answers(engine: Engine, plan: Plan) -> dict[str, Any]:
    """Every question, how long it took, and whether what was found is what was planted."""
    result: dict[str, Any] = {}

    def found(rows: Sequence[Mapping[str, Any]]) -> set[tuple[str, Line, str]]:
        starts = {
            (row["file"], row["function"], row["line"]): line_of(row)
            for base in plan.bases
            for row in base.tables["rows"]
        }
        return {
            (row["service"], starts[row["file"], row["function"], row["line"]], row["new_version"])
            for row in rows
        }

    wanted: Mapping[str, Callable[[Any], bool]] = {
        "top": lambda answer: len(answer.rows) > 0,
        "grew": lambda answer: found(answer.rows) == plan.grew(),
        "regressions": lambda answer: found(answer.rows) == plan.regressed(),
        "limits": lambda answer: {row["service"] for row in answer.rows} == plan.near(),
    }
    for question, holds in wanted.items():
        begin, cpu = time.perf_counter(), time.process_time()
        answer = ask(engine, Asked(question, by=BY, limit=0))  # type: ignore[arg-type]
        seconds = time.perf_counter() - begin
        result[question] = {
            "seconds": round(seconds, 2), "cpu_s": round(time.process_time() - cpu, 2),
            "rows": [dict(row) for row in answer.rows],
            "found": answer.found_count, "as_planted": holds(answer), "tests": answer.tests,
        }  # fmt: skip
    return result


def _write(plan: Plan, place: Path, count: int, jobs: int) -> None:
    """Each process writes the runs of its own services."""

    def work(first: int) -> None:
        for run in plan.made(count, range(first, plan.services, jobs)):
            write_run(place, run, durable=False)

    context = multiprocessing.get_context("fork")
    working = [context.Process(target=work, args=(first,)) for first in range(jobs)]
    for each in working:
        each.start()
    for each in working:
        each.join()
        if each.exitcode:
            raise SystemExit(f"a writer ended with status {each.exitcode}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2, help="processes that write the data set")
    parser.add_argument("--engine", action="append", choices=("duckdb", "spark"))
    parser.add_argument("--keep", type=Path, help="make the data set here, or use what is here")
    parser.add_argument("--compact", action="store_true", help="ask the data set once compacted")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = words.keep or Path(temporary)
        plan = Plan(recorded(Path(temporary)))
        if not (place / "runs").exists():
            begin = time.perf_counter()
            _write(plan, place, words.runs, words.jobs)
            print(f"{words.runs:,} runs written in {time.perf_counter() - begin:.0f} s")
        if words.compact:
            begin = time.perf_counter()
            done = compact(place)
            print(f"{done.runs:,} runs compacted in {time.perf_counter() - begin:.0f} s")
        every = []
        for name in words.engine or ["duckdb"]:
            begin, cpu = time.perf_counter(), time.process_time()
            engine = open_engine(name, str(place))
            spent = time.process_time() - cpu  # of this process: Spark works in another
            print(f"{name}: opened in {time.perf_counter() - begin:.1f} s, {spent:.1f} s of CPU")
            told = answers(engine, plan)
            engine.close()
            for question, result in told.items():
                seen = {key: value for key, value in result.items() if key != "rows"}
                print(f"{name} {question}: {json.dumps(seen)}")
            every.append({question: result["rows"] for question, result in told.items()})
        same = all(each == every[0] for each in every)
        if len(every) > 1:
            print(f"the answers are {'the same' if same else 'NOT the same'}")
        print(f"planted: {len(plan.grew())} that stay, {len(plan.regressed())} in the last release")
    return 0 if same and all(each["as_planted"] for each in told.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
