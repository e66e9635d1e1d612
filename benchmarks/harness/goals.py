"""What memscope promises about its cost, and whether the figures keep it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.measure import Trial
from harness.programs import PROGRAMS, SMALL, Program
from harness.results import Figure, Results, cpu, memory_of_both, wall

EXACT, SAMPLED, THEIRS = "memscope", "memscope-sampled", "memray-all"
MOST_WALL, MOST_CPU, MOST_SAMPLED, MOST_MEMORY = 1.35, 1.5, 1.04, 1.6
MOST_SHARE, MOST_SHARE_DEEP = 0.25, 0.5
MOST_SQL_CAPTURE, MOST_GROWTH, MOST_SUMMARY_S = 0.2, 1.5, 1.0


@dataclass(frozen=True, slots=True)
class Goal:
    """One promise. ``met`` is None while there is nothing to measure by."""

    promise: str
    measured: str
    met: bool | None


def share_budget(program: Program, python: str) -> float:
    """The most that exact recording may add, as a share of what memray with Python allocators adds.

    Deep stacks cost more before 3.13, where no field of a frame can tell that it was seen before.
    """
    before_313 = tuple(int(part) for part in python.split(".")[:2]) < (3, 13)
    return MOST_SHARE_DEEP if program.deep and before_313 else MOST_SHARE


def goals(results: Results) -> Iterator[Goal]:
    names = [program.name for program in SMALL]
    for promise, profiler, figure, most in (
        ("exact recording, wall time, geometric mean", EXACT, wall, MOST_WALL),
        ("exact recording, CPU of all processes, geometric mean", EXACT, cpu, MOST_CPU),
        ("sampling, wall time, geometric mean", SAMPLED, wall, MOST_SAMPLED),
        ("sampling, CPU of all processes, geometric mean", SAMPLED, cpu, MOST_SAMPLED),
        ("exact recording, memory of both, geometric mean", EXACT, memory_of_both, MOST_MEMORY),
    ):
        yield _at_most(
            f"{promise}: at most {most} times",
            results.mean_ratio(names, profiler, figure),
            most,
            "{:.3f}",
        )
    yield _shares(results, "wall time", wall)
    yield _shares(results, "CPU", cpu)
    yield _peaks(results, "of the recorded process", _peak)
    yield _peaks(results, "of both processes", memory_of_both)
    yield _at_most(
        f"capture of the SQL parser: at most {MOST_SQL_CAPTURE} of memray's",
        _quotient(*(results.median("sql_parser", name, _capture) for name in (EXACT, THEIRS))),
        MOST_SQL_CAPTURE,
        "{:.4f}",
    )
    yield from _growth(results)
    slowest = max(
        (reading.median_s for reading in results.readings if reading.profiler == EXACT),
        default=None,
    )
    yield _at_most(
        f"`memscope summary` of the largest capture: at most {MOST_SUMMARY_S:.0f} s",
        slowest,
        MOST_SUMMARY_S,
        "{:.2f} s",
    )


def _capture(trial: Trial) -> float:
    return trial.capture_bytes or 0


def _peak(trial: Trial) -> float:
    return trial.peak_bytes


def _quotient(own: float | None, other: float | None) -> float | None:
    return own / other if own and other else None


def _at_most(promise: str, value: float | None, most: float, form: str) -> Goal:
    if value is None:
        return Goal(promise, "not measured", None)
    return Goal(promise, form.format(value), value <= most)


def _shares(results: Results, what: str, figure: Figure) -> Goal:
    promise = f"each program: adds at most its budget of what memray adds, {what}"
    shares = {
        program: share
        for program in SMALL
        if (share := results.added_share(program.name, EXACT, THEIRS, figure)) is not None
    }
    if not shares:
        return Goal(promise, "not measured", None)
    over = [
        program.name
        for program, share in shares.items()
        if share > share_budget(program, results.python)
    ]
    highest = max(shares, key=lambda program: shares[program])
    measured = f"highest {shares[highest]:.2f} ({highest.name})"
    if over:
        measured += f"; over: {', '.join(over)}"
    if unknown := [program.name for program in SMALL if program not in shares]:
        measured += f"; not measurable: {', '.join(unknown)}"
    return Goal(promise, measured, not over)


def _peaks(results: Results, whose: str, figure: Figure) -> Goal:
    promise = f"each program: peak memory {whose} below memray's"
    over, known = [], 0
    for program in PROGRAMS:
        own = results.median(program.name, EXACT, figure)
        theirs = [
            peak
            for name in ("memray", "memray-all")
            if (peak := results.median(program.name, name, _peak)) is not None
        ]
        if own is None or not theirs:
            continue
        known += 1
        if own >= min(theirs):
            over.append(program.name)
    if not known:
        return Goal(promise, "not measured", None)
    return Goal(promise, f"over: {', '.join(over)}" if over else f"below on all {known}", not over)


def _growth(results: Results) -> Iterator[Goal]:
    for name in dict.fromkeys(trial.program for trial in results.growth):
        sizes = {
            trial.scale: trial.capture_bytes
            for trial in results.growth
            if trial.program == name and trial.profiler == EXACT and trial.capture_bytes
        }
        if len(sizes) < 2:
            continue
        factor, quotient = max(sizes) / min(sizes), sizes[max(sizes)] / sizes[min(sizes)]
        promise = f"capture of {name}, {factor:.0f} times the work: at most {MOST_GROWTH} times"
        yield _at_most(promise, quotient, MOST_GROWTH, "{:.2f}")
