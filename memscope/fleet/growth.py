"""Which lines grew from one release to the next, beyond what runs of one release differ by.

Each line of each pair of releases is a test: Mann and Whitney's, of all runs of both. Of a thousand
lines that did not change fifty would pass at 5 %. So Holm's correction is applied over all lines of
all pairs: the chance that even one of those that are told did not grow is 5 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from memscope.analysis.significance import ALPHA, MIN_RUNS, mann_whitney
from memscope.errors import MemscopeError
from memscope.fleet import sql
from memscope.fleet.asking import Answer, Fleet
from memscope.plain import dataclass

# The mean of a line must grow by so much of itself to be told, and by so many bytes, or blocks. A
# line with less than half of that in the runs of both releases together is not asked about at all.
LEAST_SHARE = 0.05
LEAST_BYTES = 4096
LEAST_COUNT = 100


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two releases of a service, and how many runs there are of each."""

    service: str
    old: str
    new: str
    old_runs: int
    new_runs: int

    @property
    def least_p(self) -> float:
        """What not even the clearest change is below, with so few runs."""
        return 2 / math.comb(self.old_runs + self.new_runs, self.old_runs)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line whose mean grew: its figures in the runs that have it."""

    pair: _Pair
    file: str
    function: str
    place: int
    line: int
    origin: str
    old: tuple[int, ...]
    new: tuple[int, ...]
    p: float

    def row(self) -> dict[str, Any]:
        pair = self.pair
        return {
            "service": pair.service,
            "file": self.file,
            "function": self.function,
            "line": self.line,
            "origin": self.origin,
            "old_version": pair.old,
            "new_version": pair.new,
            "old_runs": pair.old_runs,
            "new_runs": pair.new_runs,
            "old": sum(self.old) / pair.old_runs,
            "new": sum(self.new) / pair.new_runs,
            "old_median": _median(self.old, pair.old_runs),
            "new_median": _median(self.new, pair.new_runs),
            "delta": self.delta,
            "p": self.p,
        }

    @property
    def delta(self) -> float:
        return sum(self.new) / self.pair.new_runs - sum(self.old) / self.pair.old_runs


def regressions(fleet: Fleet) -> Answer:
    """What grew between two releases; of each service the last two, if none are named."""
    asked = fleet.asked
    versions = _versions(fleet)
    if asked.old:
        pairs = [
            _Pair(service, asked.old, asked.new, of[asked.old], of[asked.new])
            for service, of in versions.items()
            if asked.old in of and asked.new in of
        ]
        none = f"no service has runs of {asked.old} and of {asked.new}"
    else:
        pairs = [every[-1] for every in map(_neighbours, versions, versions.values()) if every]
        none = "no service has runs of two versions"
    grown, tests = _grown(fleet, _given(pairs, none))
    rows = [line.row() for line in grown]
    return _answer(fleet, rows, pairs, tests)


def grew(fleet: Fleet) -> Answer:
    """Which line has had more since which release: of all releases in turn, what stayed."""
    versions = _versions(fleet)
    pairs = [pair for of in map(_neighbours, versions, versions.values()) for pair in of]
    grown, tests = _grown(fleet, _given(pairs, "no service has runs of two versions"))
    newest = {service: list(of.items())[-1] for service, of in versions.items()}
    now = _now(fleet, grown, newest)
    rows = []
    for line in grown:
        version, recorded = newest[line.pair.service]
        key = line.pair.service, line.file, line.function, line.place
        mean = now.get(key, 0) / recorded
        row = line.row()
        # What was taken back since is no news.
        if mean - row["old"] > row["delta"] / 2:
            rows.append({**row, "now_version": version, "now": mean})
    return _answer(fleet, rows, pairs, tests)


def _answer(
    fleet: Fleet, rows: Sequence[dict[str, Any]], pairs: Sequence[_Pair], tests: int
) -> Answer:
    ordered = sorted(
        rows, key=lambda row: (-row["delta"], row["service"], row["file"], row["line"])
    )
    limit = fleet.asked.limit or len(ordered)
    return fleet.answer(ordered[:limit], _too_few(pairs, tests), len(ordered), tests)


def _versions(fleet: Fleet) -> dict[str, dict[str, int]]:
    """Of each service its releases, in their order, with how many whole runs there are of each."""
    found: dict[str, dict[str, int]] = {}
    for service, version, recorded in fleet.rows(sql.VERSIONS):
        found.setdefault(service, {})[version] = recorded
    return found


def _neighbours(service: str, versions: dict[str, int]) -> list[_Pair]:
    return [
        _Pair(service, old, new, versions[old], versions[new]) for old, new in pairwise(versions)
    ]


def _given(pairs: Sequence[_Pair], none: str) -> Sequence[_Pair]:
    if not pairs:
        raise MemscopeError(none, None, "runs have one if --label version=... names it")
    return pairs


def _grown(fleet: Fleet, pairs: Sequence[_Pair]) -> tuple[list[_Line], int]:
    """The lines that grew for sure, and how many were tested."""
    sides = [
        (number, side, pair.service, version)
        for number, pair in enumerate(pairs)
        for side, version in (("old", pair.old), ("new", pair.new))
    ]
    fleet.engine.give("pairs", {"pair": int, "side": str, "service": str, "version": str}, sides)
    fleet.read_rows(sql.RUNS_OF_PAIRS)
    least = LEAST_BYTES if fleet.asked.by.endswith("_bytes") else LEAST_COUNT
    lines: list[_Line] = []
    tests = 0
    for values in fleet.rows(sql.GROWN, least=least, share=LEAST_SHARE):
        number, file, function, place, line, origin, old, new, tests = values
        pair = pairs[number]
        before, after = (tuple(sorted(map(int, side or ()))) for side in (old, new))
        p = _p(before, after, pair)
        lines.append(_Line(pair, file, function, place, line or 0, origin, before, after, p))
    return _after_holm(lines, tests), tests


def _p(old: Sequence[int], new: Sequence[int], pair: _Pair) -> float:
    if min(pair.old_runs, pair.new_runs) < MIN_RUNS:
        return 1.0
    return mann_whitney(_filled(old, pair.old_runs), _filled(new, pair.new_runs))


def _filled(values: Sequence[int], recorded: int) -> list[int]:
    """Runs that do not have the line had nothing there."""
    return [0] * (recorded - len(values)) + list(values)


def _median(values: Sequence[int], recorded: int) -> float:
    return float(median(_filled(values, recorded)))


def _after_holm(lines: Sequence[_Line], tests: int) -> list[_Line]:
    """Those that stand after Holm's correction for so many tests."""
    found: list[_Line] = []
    for line in sorted(lines, key=lambda line: line.p):
        if line.p * (tests - len(found)) > ALPHA:
            break
        found.append(line)
    return found


def _now(
    fleet: Fleet, grown: Sequence[_Line], newest: dict[str, tuple[str, int]]
) -> dict[tuple[str, str, str, int], int]:
    columns = {"service": str, "version": str, "file": str, "function": str, "place": int}
    wanted = {
        (line.pair.service, newest[line.pair.service][0], line.file, line.function, line.place)
        for line in grown
    }
    if not wanted:
        return {}
    fleet.engine.give("found", columns, sorted(wanted))
    fleet.read_rows(sql.RUNS_OF_FOUND)
    return {(service, *rest): total for service, *rest, total in fleet.rows(sql.NOW)}


def _too_few(pairs: Sequence[_Pair], tests: int) -> list[str]:
    blind = [
        pair
        for pair in pairs
        if min(pair.old_runs, pair.new_runs) < MIN_RUNS or pair.least_p * tests > ALPHA
    ]
    if not blind:
        return []
    example = min(blind, key=lambda pair: min(pair.old_runs, pair.new_runs))
    what = f"{len(blind):,} of {len(pairs):,} pairs of releases have"
    where = (
        f"{example.service} {example.old}: {example.old_runs}, {example.new}: {example.new_runs}"
    )
    return [f"{what} too few runs for anything to be shown ({where})"]
