"""What memscope promises about its cost, and whether the figures keep it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.measure import Trial
from harness.programs import PROGRAMS, SMALL, Program
from harness.residency import Residency
from harness.results import Figure, Results, cpu, geometric_mean, wall

EXACT, SAMPLED, THEIRS = "memscope", "memscope-sampled", "memray-all"
MEMRAYS = ("memray", THEIRS)
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
    ):
        yield _at_most(
            f"{promise}: at most {most} times",
            results.mean_ratio(names, profiler, figure),
            most,
            "{:.3f}",
        )
    yield _shares(results, "wall time", wall)
    yield _shares(results, "CPU", cpu)
    yield _peaks(results)
    yield from _memory_of_both(results)
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


def _peaks(results: Results) -> Goal:
    promise = "each program: peak memory of the recorded process below memray's"
    pairs = {
        program.name: (own, min(theirs))
        for program in PROGRAMS
        if (own := results.median(program.name, EXACT, _peak)) is not None
        and (theirs := _known(results.median(program.name, name, _peak) for name in MEMRAYS))
    }
    return _all(promise, {name: own < theirs for name, (own, theirs) in pairs.items()})


def _memory_of_both(results: Results) -> Iterator[Goal]:
    """Of the program and what supervises it, at one moment."""
    measured = {
        program: (alone, own)
        for program in PROGRAMS
        if (alone := results.residency(program.name, "none"))
        and (own := results.residency(program.name, EXACT))
    }
    small = [pair for program, pair in measured.items() if not program.large]
    for how, figure in (("each page once", _once), ("by sums", _both)):
        yield _at_most(
            f"exact recording, memory of both, {how}, geometric mean: at most {MOST_MEMORY} times",
            geometric_mean(figure(own) / figure(alone) for alone, own in small),
            MOST_MEMORY,
            "{:.2f}",
        )
    theirs = {
        program.name: min(peaks)
        for program in measured
        if (peaks := _known(_sum(results, program, name) for name in MEMRAYS))
    }
    yield _all(
        "each program: memory of both, by sums, below memray's",
        {
            program.name: own.both_mib < theirs[program.name]
            for program, (_, own) in measured.items()
            if program.name in theirs
        },
    )
    yield _all(
        "each program: supervisor at most 64 MB and a tenth of the program's peak",
        {program.name: own.is_within_bound for program, (_, own) in measured.items()},
    )


def _sum(results: Results, program: Program, profiler: str) -> float | None:
    residency = results.residency(program.name, profiler)
    return residency.both_mib if residency else None


def _once(residency: Residency) -> float:
    return residency.once_mib


def _both(residency: Residency) -> float:
    return residency.both_mib


def _known(figures: Iterable[float | None]) -> list[float]:
    return [figure for figure in figures if figure is not None]


def _all(promise: str, kept: dict[str, bool]) -> Goal:
    """Kept if each program keeps it."""
    if not kept:
        return Goal(promise, "not measured", None)
    over = [name for name, is_kept in kept.items() if not is_kept]
    measured = f"over: {', '.join(over)}" if over else f"kept on all {len(kept)}"
    return Goal(promise, measured, not over)


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
