"""Renders results as Markdown tables, and puts them between the markers of a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from harness.goals import goals, share_budget
from harness.measure import Trial
from harness.profilers import MEMSCOPE, NONE, PROFILERS, Profiler, profiler_named
from harness.programs import PROGRAMS, Program, program_named
from harness.residency import Residency
from harness.results import Figure, Results, cpu, geometric_mean, wall

MIB = 1024 * 1024
MARKED = re.compile(
    r"(<!-- table: (?P<table>[a-z]+) (?P<python>\S+) -->\n).*?(<!-- end -->)", re.DOTALL
)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and the others figures."""
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _measured_profilers(results: Results) -> list[Profiler]:
    seen = {trial.profiler for trial in results.trials if trial.failure is None} - {NONE.name}
    return [profiler for profiler in PROFILERS if profiler.name in seen]


def _measured_programs(results: Results) -> list[Program]:
    seen = {trial.program for trial in results.trials}
    return [program for program in PROGRAMS if program.name in seen]


def _times(ratio: float | None, digits: int = 2) -> str:
    return "-" if ratio is None else f"{ratio:.{digits}f}"


def _mib(value_bytes: float | None) -> str:
    return "-" if not value_bytes else f"{value_bytes / MIB:.1f}"


def _kib(value_bytes: float | None) -> str:
    return "-" if not value_bytes else f"{value_bytes / 1024:,.0f}"


def overview(results: Results) -> str:
    names = [program.name for program in _measured_programs(results) if not program.large]

    def row(profiler: Profiler) -> list[str]:
        worst = max(
            (ratio, name)
            for name in names
            if (ratio := results.ratio(name, profiler.name, wall)) is not None
        )
        digits = 3 if profiler.name in ("control", "memscope-sampled") else 2
        return [
            profiler.title,
            _times(results.mean_ratio(names, profiler.name, wall), digits),
            _times(results.mean_ratio(names, profiler.name, cpu), digits),
            f"{_times(worst[0])} {worst[1]}",
        ]

    heads = ["profiler", "wall, geometric mean", "CPU, geometric mean", "worst wall"]
    return table(heads, map(row, _measured_profilers(results)))


def _per_program(results: Results, figure: Figure) -> str:
    profilers, programs = _measured_profilers(results), _measured_programs(results)

    def row(program: Program) -> list[str]:
        base = results.median(program.name, NONE.name, figure)
        ratios = [
            _times(results.ratio(program.name, profiler.name, figure)) for profiler in profilers
        ]
        return [program.kind, "-" if base is None else f"{base:.2f}", *ratios]

    names = [program.name for program in programs if not program.large]
    means = [_times(results.mean_ratio(names, profiler.name, figure)) for profiler in profilers]
    heads = ["program", "alone, s", *(profiler.title for profiler in profilers)]
    return table(heads, [*map(row, programs), ["**geometric mean**", "", *means]])


def shares(results: Results) -> str:
    def row(program: Program) -> list[str]:
        budget = share_budget(program, results.python)
        cells, known = [program.kind], []
        for figure in (wall, cpu):
            share = results.added_share(program.name, "memscope", "memray-all", figure)
            cells += [
                _times(results.ratio(program.name, "memray-all", figure)),
                _times(results.ratio(program.name, "memscope", figure)),
                "-" if share is None else f"{share:.1%}",
            ]
            known += [] if share is None else [share]
        kept = "-" if not known else "yes" if max(known) <= budget else "**no**"
        return [*cells, f"{budget:.0%}", kept]

    heads = ["program", "memray wall", "memscope wall", "share added"]
    heads += ["memray CPU", "memscope CPU", "share added", "budget", "kept"]
    return table(heads, map(row, _measured_programs(results)))


def memory(results: Results) -> str:
    def peak(trial: Trial) -> float:
        return trial.peak_bytes

    def row(program: Program) -> list[str]:
        names = ("none", "memray", "memray-all", "memscope", "memscope-sampled")
        return [program.kind, *(_mib(results.median(program.name, name, peak)) for name in names)]

    heads = ["program, MiB", "alone", "memray", "memray, Python allocators"]
    return table([*heads, "memscope", "memscope --sample"], map(row, _measured_programs(results)))


def both(results: Results) -> str:
    """What each profiler makes of the program's memory, with the process that supervises it."""
    seen = {each.profiler for each in results.residencies} - {NONE.name, MEMSCOPE.name}
    peers = [profiler.name for profiler in PROFILERS if profiler.name in seen]
    programs = [program for program in PROGRAMS if results.residency(program.name, NONE.name)]

    def times(program: Program, profiler: str, once: bool) -> float | None:
        alone, own = (results.residency(program.name, name) for name in (NONE.name, profiler))
        if alone is None or own is None:
            return None
        return own.once_mib / alone.once_mib if once else own.both_mib / alone.both_mib

    def ratios(program: Program) -> list[float | None]:
        own = [times(program, MEMSCOPE.name, once) for once in (False, True)]
        return own + [times(program, peer, once=False) for peer in peers]

    def row(program: Program) -> list[str]:
        alone = results.residency(program.name, NONE.name)
        own = results.residency(program.name, MEMSCOPE.name)
        return [
            program.kind,
            "-" if alone is None else f"{alone.both_mib:.1f}",
            *(_parts(own) if own else ["-"] * 3),
            *map(_times, ratios(program)),
        ]

    columns = zip(*(ratios(each) for each in programs if not each.large), strict=True)
    means = [_times(geometric_mean(column)) for column in columns]
    heads = ["MiB", "alone", "program", "supervisor", "both", "times", "times, each page once"]
    heads += [f"{profiler_named(peer).title}, times" for peer in peers]
    return table(heads, [*map(row, programs), ["**geometric mean**", *[""] * 4, *means]])


def _parts(residency: Residency) -> list[str]:
    parts = (residency.program_mib, residency.supervisor_mib, residency.both_mib)
    return [f"{part:.1f}" for part in parts]


def captures(results: Results) -> str:
    def size(trial: Trial) -> float:
        return trial.capture_bytes or 0

    def row(program: Program) -> list[str]:
        names = ("memray", "memray-all", "memscope", "memscope-sampled")
        memray, memray_all, own, sampled = (
            results.median(program.name, name, size) for name in names
        )
        part = "-" if not own or not memray_all else f"1/{memray_all / own:.1f}"
        return [program.kind, _kib(memray), _kib(memray_all), _kib(own), part, _kib(sampled)]

    heads = ["program, KiB", "memray", "memray, Python allocators"]
    heads += ["memscope", "of the latter", "memscope --sample"]
    return table(heads, map(row, _measured_programs(results)))


def growth(results: Results) -> str:
    rows = []
    for trial in results.growth:
        first = next(
            other
            for other in results.growth
            if (other.program, other.profiler) == (trial.program, trial.profiler)
        )
        grown = (trial.capture_bytes or 0) / (first.capture_bytes or 1)
        rows.append(
            [
                program_named(trial.program).kind,
                profiler_named(trial.profiler).title,
                f"{trial.scale}",
                f"{trial.wall_s:.1f}",
                _kib(trial.capture_bytes),
                _times(grown),
            ]
        )
    return table(["program", "profiler", "scale", "wall, s", "capture, KiB", "growth"], rows)


def readings(results: Results) -> str:
    return table(
        ["first answer from the largest capture", "program", "scale", "capture, KiB", "s"],
        [
            [
                profiler_named(reading.profiler).title,
                program_named(reading.program).kind,
                f"{reading.scale}",
                _kib(reading.capture_bytes),
                f"{reading.median_s:.2f}",
            ]
            for reading in results.readings
        ],
    )


def counts(results: Results) -> str:
    profilers = list(dict.fromkeys(count.profiler for count in results.counts))
    programs = list(dict.fromkeys(count.program for count in results.counts))
    known = {(count.program, count.profiler): f"{count.allocations:,}" for count in results.counts}
    return table(
        ["allocations counted", *(profiler_named(name).title for name in profilers)],
        [
            [program, *(known.get((program, name), "-") for name in profilers)]
            for program in programs
        ],
    )


def promises(results: Results) -> str:
    words = {True: "yes", False: "**no**", None: "-"}
    return table(
        ["promise", "measured", "kept"],
        [[goal.promise, goal.measured, words[goal.met]] for goal in goals(results)],
    )


def failures(results: Results) -> str:
    rows = [
        [trial.program, trial.profiler, f"{trial.round}", trial.failure]
        for trial in [*results.trials, *results.growth]
        if trial.failure
    ]
    return (
        table(["failed trial", "profiler", "round", "why"], rows) if rows else "No trial failed.\n"
    )


TABLES: dict[str, Callable[[Results], str]] = {
    "promises": promises,
    "overview": overview,
    "wall": lambda results: _per_program(results, wall),
    "cpu": lambda results: _per_program(results, cpu),
    "shares": shares,
    "memory": memory,
    "both": both,
    "captures": captures,
    "growth": growth,
    "readings": readings,
    "counts": counts,
    "failures": failures,
}


def fill(document: str, by_python: dict[str, Results]) -> str:
    """Renders each ``<!-- table: NAME 3.11 --> … <!-- end -->`` whose Python has results."""

    def rendered(found: re.Match[str]) -> str:
        results = by_python.get(found["python"])
        if results is None:
            return found[0]
        return f"{found[1]}{TABLES[found['table']](results)}{found[4]}"

    return MARKED.sub(rendered, document)
