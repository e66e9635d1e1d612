"""Compares what memory profilers cost: ``python benchmarks/run.py --help``."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from harness import report
from harness.counting import COUNTED, count_allocations
from harness.measure import Trial, rounds, run_trial, time_reading
from harness.profilers import MEMRAY_ALL, MEMSCOPE, NONE, PROFILERS, Profiler, profiler_named
from harness.programs import PROGRAMS, program_named
from harness.residency import run_watched
from harness.results import Reading, Results, describe_python, load, save

RESULTS_DIR = Path(__file__).resolve().parent / "results"
DOCS = Path(__file__).resolve().parent.parent / "docs"
DOCUMENTS = [DOCS / "performance.md", DOCS / "peers.md"]
READING_REPEATS = 3


@click.group()
def main() -> None:
    """Measures memory profilers on the programs under benchmarks/programs."""


def _names(choice: Sequence[str], what: str):
    return click.option(
        f"--{what}",
        callback=lambda _context, _parameter, value: _chosen(value, choice, what),
        help=f"Only these {what}, separated by commas: {', '.join(choice)}.",
    )


def _chosen(value: str | None, choice: Sequence[str], what: str) -> list[str]:
    names = list(choice) if value is None else [name.strip() for name in value.split(",")]
    if unknown := [name for name in names if name not in choice]:
        raise click.BadParameter(f"no such {what}: {', '.join(unknown)}")
    return names


python_option = click.option(
    "--python", default=sys.executable, help="The interpreter to measure [this one]."
)
output_option = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Results file [benchmarks/results/pythonXY.json].",
)
timeout_option = click.option(
    "--timeout", "timeout_s", default=300.0, show_default=True, help="Seconds a trial may take."
)


def _results_path(results: Results, output: Path | None) -> Path:
    if output is None:
        major, minor, *_ = results.python.split(".")
        output = RESULTS_DIR / f"python{major}{minor}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    return output


def _open_results(python: str, output: Path | None) -> tuple[Results, Path]:
    """The results to add to, with the versions as they are now, and where they are."""
    results = describe_python(python)
    path = _results_path(results, output)
    if path.exists():
        before = load(path)
        if before.python != results.python:
            raise click.UsageError(f"{path} is of Python {before.python}, not {results.python}")
        before.versions = results.versions
        results = before
    return results, path


def _usable(results: Results, names: Sequence[str]) -> list[Profiler]:
    """Those of the profilers that this Python can run; says which it cannot."""
    version = tuple(int(part) for part in results.python.split(".")[:2])
    usable = []
    for profiler in map(profiler_named, names):
        installed = profiler.module is None or any(
            name == profiler.module or name.startswith(f"{profiler.module}-")
            for name in results.versions
        )
        if version >= profiler.since and installed:
            usable.append(profiler)
        else:
            click.echo(f"left out: {profiler.name} is not installed", err=True)
    return usable


def _say(trial: Trial) -> None:
    figures = trial.failure or (
        f"wall {trial.wall_s:7.3f} s  CPU {trial.work_cpu_s:7.3f} s"
        f"  peak {trial.peak_bytes / report.MIB:7.1f} MiB"
        f"  capture {(trial.capture_bytes or 0) / 1024:9,.0f} KiB"
    )
    _tell(trial.round, trial.program, trial.profiler, figures)


def _tell(number: int, program: str, profiler: str, figures: str) -> None:
    click.echo(f"{number:2} {program:14} {profiler:19} {figures}", err=True)


@main.command()
@python_option
@_names([program.name for program in PROGRAMS], "programs")
@_names([profiler.name for profiler in PROFILERS], "profilers")
@click.option("--rounds", "count", default=5, show_default=True, help="Interleaved repetitions.")
@click.option("--scale", default=1, show_default=True, help="So many times the work.")
@click.option("--append", is_flag=True, help="Adds rounds to the results file.")
@output_option
@timeout_option
def cost(
    *,
    python: str,
    programs: list[str],
    profilers: list[str],
    count: int,
    scale: int,
    append: bool,
    output: Path | None,
    timeout_s: float,
) -> None:
    """Time, memory and captures of every program under every profiler, and how fast they read."""
    results, path = _open_results(python, output)
    if not append:
        results.trials, results.readings = [], []
    chosen = _usable(results, profilers)
    with tempfile.TemporaryDirectory(prefix="bench-captures-") as captures:
        captures_dir = Path(captures)
        for trial in rounds(
            python,
            [program_named(name) for name in programs],
            chosen,
            first=results.last_round + 1,
            count=count,
            scale=scale,
            captures_dir=captures_dir,
            timeout_s=timeout_s,
        ):
            _say(trial)
            results.trials.append(trial)
            save(results, path)
        results.readings = [
            reading
            for profiler in chosen
            if profiler.reading
            if (reading := _read_largest(python, profiler, results, captures_dir, timeout_s))
        ]
    save(results, path)
    shown = ["overview", "shares", "memory", "captures", "readings", "promises", "failures"]
    _print_tables(results, shown)


def _read_largest(
    python: str, profiler: Profiler, results: Results, captures_dir: Path, timeout_s: float
) -> Reading | None:
    ours = [
        trial for trial in results.trials if trial.profiler == profiler.name and trial.capture_bytes
    ]
    files = {trial: captures_dir / f"{trial.program}.{profiler.name}.capture" for trial in ours}
    kept = [trial for trial in ours if files[trial].exists()]
    if not kept:
        return None
    largest = max(kept, key=lambda trial: trial.capture_bytes or 0)
    repeats = READING_REPEATS if profiler is MEMSCOPE else 1
    try:
        taken_s = time_reading(
            python, profiler, files[largest], repeats=repeats, timeout_s=timeout_s
        )
    except Exception as error:  # a reader that fails must not lose the figures before it
        click.echo(f"{profiler.name} cannot read {largest.program}: {error}", err=True)
        return None
    size = files[largest].stat().st_size
    return Reading(profiler.name, largest.program, largest.scale, size, statistics.median(taken_s))


@main.command()
@python_option
@_names([program.name for program in PROGRAMS], "programs")
@click.option("--factor", default=10, show_default=True, help="How many times the work.")
@output_option
@timeout_option
def growth(
    *, python: str, programs: list[str], factor: int, output: Path | None, timeout_s: float
) -> None:
    """Capture size of a run and of one several times as long."""
    results, path = _open_results(python, output)
    results.growth = [trial for trial in results.growth if trial.program not in programs]
    with tempfile.TemporaryDirectory(prefix="bench-captures-") as captures:
        for program in map(program_named, programs):
            for profiler in _usable(results, [MEMSCOPE.name, MEMRAY_ALL.name]):
                for number, scale in enumerate((1, factor), start=1):
                    trial = run_trial(
                        python,
                        program,
                        profiler,
                        number=number,
                        scale=scale,
                        capture=Path(captures, "capture"),
                        timeout_s=timeout_s,
                    )
                    _say(trial)
                    results.growth.append(trial)
                    save(results, path)
    _print_tables(results, ["growth"])


@main.command()
@python_option
@_names([program.name for program in PROGRAMS], "programs")
@_names([profiler.name for profiler in PROFILERS], "profilers")
@click.option("--rounds", "count", default=1, show_default=True, help="The middle one is told.")
@click.option("--parts", is_flag=True, help="Tell in which mappings memscope's runs had it.")
@output_option
def memory(
    *,
    python: str,
    programs: list[str],
    profilers: list[str],
    count: int,
    parts: bool,
    output: Path | None,
) -> None:
    """Resident memory of a program and of what supervises it, at one moment."""
    results, path = _open_results(python, output)
    measured = set(programs)
    results.residencies = [each for each in results.residencies if each.program not in measured]
    chosen = _usable(results, [NONE.name, *(name for name in profilers if name != NONE.name)])
    for number in range(1, count + 1):
        for program in map(program_named, programs):
            for profiler in chosen:
                residency, highest = run_watched(python, program, profiler, number)
                _tell(
                    number, program.name, profiler.name,
                    f"program {residency.program_mib:7.1f} MiB"
                    f"  supervisor {residency.supervisor_mib:6.1f} MiB"
                    f"  both {residency.both_mib:7.1f} MiB  once {residency.once_mib:7.1f} MiB",
                )  # fmt: skip
                if parts and profiler is MEMSCOPE:
                    click.echo("\n".join(highest.parts()), err=True)
                results.residencies.append(residency)
                save(results, path)
    _print_tables(results, ["both"])


@main.command()
@python_option
@output_option
@timeout_option
def counts(*, python: str, output: Path | None, timeout_s: float) -> None:
    """What is counted as allocations in programs that make none."""
    results, path = _open_results(python, output)
    results.counts = [
        count_allocations(python, program, profiler, timeout_s=timeout_s)
        for program in COUNTED
        for profiler in _usable(results, [MEMSCOPE.name, MEMRAY_ALL.name])
    ]
    save(results, path)
    _print_tables(results, ["counts"])


@main.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stdout", is_flag=True, help="Prints all tables, leaves the document alone.")
def render(files: tuple[Path, ...], stdout: bool) -> None:
    """Puts the tables of results FILES [all under benchmarks/results] into pages of docs/."""
    loaded = [load(path) for path in files or sorted(RESULTS_DIR.glob("*.json"))]
    if stdout:
        for results in loaded:
            click.echo(f"## Python {results.python}\n")
            _print_tables(results, list(report.TABLES))
        return
    by_python = {results.python.rpartition(".")[0]: results for results in loaded}
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        document.write_text(report.fill(text, by_python), encoding="utf-8")


def _print_tables(results: Results, names: Sequence[str]) -> None:
    for name in names:
        click.echo(report.TABLES[name](results))


if __name__ == "__main__":
    main()
