"""What holders have gained between the snapshots of one run, and which of them look like leaks.

A suspect held more in each snapshot than in the one before, and never next to nothing more. It is
followed down to what gained nearly all of that: `cache` of a module, its `_entries` and `_times`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from heapq import nlargest
from itertools import pairwise
from typing import TypeVar

from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings, LineShare, TypeShare
from memscope.analysis.sameplaces import Places, Steps
from memscope.analysis.ways import RootPath
from memscope.capture.snapshots import SnapshotMoment
from memscope.plain import dataclass

K = TypeVar("K", bound=Hashable)

_MOST_LOOKED_AT = 4  # snapshots: the first, the last, and what lies evenly between
_CANDIDATES = 64  # holders that are looked at, the heaviest first
_BELOW = 8  # objects below each of them
_DEPTH = 4
_WORTH = 1 / 16  # of what a holder retains: what holds less is not followed down
_NEARLY_ALL = 0.8
_STEADY = 1 / 16  # of the mean: the least that is gained from one snapshot to the next
_MOST_SHARES = 8  # types and lines that are told of a suspect
LEAST_BYTES = 16 << 10
_LEAST_SHARE = 0.01  # of all growth


@dataclass(frozen=True, slots=True)
class HeldThen:
    """What a holder retained at one moment."""

    moment: SnapshotMoment
    bytes: int
    objects: int


@dataclass(frozen=True, slots=True)
class LeakSuspect:
    """A holder that gained from each snapshot to the next. `held` has those, in order.

    Types and lines tell of what is there more than at first.
    """

    way: RootPath
    type: str
    held: tuple[HeldThen, ...]
    types: tuple[TypeShare, ...]
    lines: tuple[LineShare, ...]

    @property
    def growth_bytes(self) -> int:
        return self.held[-1].bytes - self.held[0].bytes

    @property
    def growth_objects(self) -> int:
        return self.held[-1].objects - self.held[0].objects

    @property
    def bytes_per_s(self) -> float:
        span_ns = self.held[-1].moment.time_ns - self.held[0].moment.time_ns
        return self.growth_bytes / (span_ns / 1e9) if span_ns > 0 else 0.0


@dataclass(frozen=True, slots=True)
class RetainerGrowth:
    """What changed since an earlier snapshot.

    `of` has the growth in bytes by the number of the holder's object; None: it cannot be told
    where it was then. `compared` are the snapshots that were looked at, in order.
    """

    since: SnapshotMoment
    compared: tuple[SnapshotMoment, ...]
    of: dict[int, int | None]
    suspects: tuple[LeakSuspect, ...]


@dataclass(slots=True)
class _Candidate:
    number: int
    steps: Steps
    below: list[_Candidate]
    held: list[HeldThen]  # from the first snapshot on in which it was
    at_first: int  # its number there


def growth(
    measures: Measures, now: Holdings, rows: Sequence[int], *, least_bytes: int = LEAST_BYTES
) -> RetainerGrowth | None:
    """What these holders have gained since the capture's first snapshot; None: there is none.

    A suspect gained `least_bytes` at least.
    """
    moments = _compared(measures.capture.moments, now.moment)
    if not moments:
        return None
    places = Places(now.namer)
    heaviest = nlargest(_CANDIDATES, now.tops, key=lambda at: now.graph.retained_bytes[at])
    tops = list(dict.fromkeys([*rows, *heaviest]))
    candidates = {number: _candidate(now, places, number, _DEPTH, least_bytes) for number in tops}
    known = [of for of in candidates.values() if of is not None]
    first: Holdings | None = None
    for moment in moments:
        then = Holdings(measures, moment.number)
        first = first or then
        _look(then, known, is_first=then is first)
        del then
    assert first is not None
    gained: dict[int, int | None] = {}
    for number in rows:
        of = candidates[number]
        at = of and of.at_first
        gained[number] = (
            None
            if of is None
            else now.graph.retained_bytes[number] - (first.graph.retained_bytes[at] if at else 0)
        )
    _add(now, known, {of.number: of.number for of in _all(known)})
    return RetainerGrowth(
        since=moments[0],
        compared=(*moments, now.moment),
        of=gained,
        suspects=_suspects(now, first, known, least_bytes),
    )


def _compared(moments: Sequence[SnapshotMoment], now: SnapshotMoment) -> list[SnapshotMoment]:
    """The earlier snapshots to look at: the first, and some between."""
    earlier = [of for of in moments if not of.why and of.number < now.number]
    most = _MOST_LOOKED_AT - 1
    if len(earlier) <= most:
        return earlier
    return [earlier[place * len(earlier) // most] for place in range(most)]


# ---- candidates ----


def _candidate(
    now: Holdings, places: Places, number: int, depth: int, least_bytes: int
) -> _Candidate | None:
    steps = places.steps_to(number)
    if steps is None:
        return None
    below = []
    for part in _heaviest_below(now, number, least_bytes) if depth else ():
        of = _candidate(now, places, part, depth - 1, least_bytes)
        if of is not None and of.steps[: len(steps)] == steps:
            below.append(of)
    return _Candidate(number, steps, below, [], 0)


def _heaviest_below(now: Holdings, number: int, least_bytes: int) -> list[int]:
    retained = now.graph.retained_bytes
    least = max(_WORTH * retained[number], least_bytes)
    parts = [of for of in now.graph.dominated_by(number) if retained[of] >= least]
    return nlargest(_BELOW, parts, key=lambda of: retained[of])


def _all(candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
    for of in candidates:
        yield of
        yield from _all(of.below)


def _look(then: Holdings, candidates: Sequence[_Candidate], *, is_first: bool) -> None:
    places = Places(then.namer)
    found = {of.number: places.find(of.steps) for of in _all(candidates)}
    if is_first:
        for of in _all(candidates):
            of.at_first = found[of.number]
    _add(then, candidates, found)


def _add(then: Holdings, candidates: Sequence[_Candidate], found: dict[int, int]) -> None:
    graph = then.graph
    for of in _all(candidates):
        at = found[of.number]
        if at:
            held = HeldThen(then.moment, graph.retained_bytes[at], graph.retained_objects[at])
            of.held.append(held)


# ---- suspects ----


def _gained(of: _Candidate) -> int:
    return of.held[-1].bytes - of.held[0].bytes


def _keeps_growing(of: _Candidate) -> bool:
    steps = [after.bytes - before.bytes for before, after in pairwise(of.held)]
    return bool(steps) and min(steps) > 0 and min(steps) >= _STEADY * sum(steps) / len(steps)


def _suspects(
    now: Holdings, first: Holdings, candidates: Sequence[_Candidate], least_bytes: int
) -> tuple[LeakSuspect, ...]:
    all_growth = now.graph.retained_bytes[0] - first.graph.retained_bytes[0]
    least = max(least_bytes, _LEAST_SHARE * all_growth)
    found = {
        settled.number: settled
        for of in candidates
        if _keeps_growing(of)
        for settled in _settled(of)
        if _gained(settled) >= least
    }
    chosen = sorted(found.values(), key=_gained, reverse=True)
    of_types = _more(now.bytes_by_type, first.bytes_by_type, chosen)
    of_lines = _more(now.bytes_by_line, first.bytes_by_line, chosen)
    return tuple(
        LeakSuspect(
            way=now.namer.way_to(of.number),
            type=now.namer.type_of(of.number),
            held=tuple(of.held),
            types=tuple(TypeShare(name, size) for name, size in of_types[of.number]),
            lines=tuple(now.line_share(node, size) for node, size in of_lines[of.number]),
        )
        for of in chosen
    )


def _more(
    now: Callable[[list[int]], dict[int, dict[K, int]]],
    first: Callable[[list[int]], dict[int, dict[K, int]]],
    chosen: Sequence[_Candidate],
) -> dict[int, list[tuple[K, int]]]:
    """For each of these what there is more of than at first, the most first."""
    is_now = now([of.number for of in chosen])
    was = first([of.at_first for of in chosen if of.at_first])
    found = {}
    for of in chosen:
        before = was.get(of.at_first, {}) if of.at_first else {}
        more = {key: size - before.get(key, 0) for key, size in is_now.get(of.number, {}).items()}
        heaviest = nlargest(_MOST_SHARES, more.items(), key=lambda item: item[1])
        found[of.number] = [(key, size) for key, size in heaviest if size > 0]
    return found


def _settled(of: _Candidate) -> Iterator[_Candidate]:
    """Down to where no few objects gained nearly all."""
    further = [part for part in of.below if _keeps_growing(part)]
    if sum(map(_gained, further)) >= _NEARLY_ALL * _gained(of):
        for part in further:
            yield from _settled(part)
    else:
        yield of
