"""Two sides, each of one or several captures: what changed, over all and site by site."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Literal, get_args

from memscope.analysis.changes import NEGLIGIBLE, Change, Kind, Sample, change
from memscope.analysis.hotspots import Hotspot, find_hotspots
from memscope.analysis.matching import Pair, Spot, match
from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin, Origins, is_binary
from memscope.analysis.resident import Resident, resident_of
from memscope.analysis.timeline import memory_over_time
from memscope.analysis.typechanges import TypeChange, TypeSums, sums_of_types, type_changes
from memscope.analysis.uncertain import uncertain_lines
from memscope.analysis.unseen import Unseen, unseen_of
from memscope.capture import Capture
from memscope.capture.description import End, Meta
from memscope.capture.model import BlockType
from memscope.plain import dataclass

SiteGroup = Literal["line", "function", "file"]
SITE_GROUPS: tuple[SiteGroup, ...] = get_args(SiteGroup)
SiteMeasure = Literal["allocated_bytes", "allocations", "peak_bytes", "live_bytes", "live_blocks"]
SITE_MEASURES: tuple[SiteMeasure, ...] = get_args(SiteMeasure)

COUNTED = ("peak_bytes", "allocated_bytes", "allocations", "live_bytes", "live_blocks")
MEASURED = ("resident_bytes", "wall_s", "cpu_s")
MATTERS_SHARE = 0.01
# What is left at the end varies by a few blocks with the seed of hashes: little of little is not
# what a change is about. So it is held against the most that there was.
_LEFT_OF = {"live_bytes": "peak_bytes", "live_blocks": "allocations"}
Verdict = Literal["better", "worse", "mixed", "unchanged"]


@dataclass(frozen=True, slots=True)
class ComparedSite:
    """A line, function or file; the file as people name it, the same wherever a program lies."""

    function: str
    file: str
    line: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Run:
    """What is kept of one capture. Figures that it does not have are None."""

    path: str
    meta: Meta
    end: End | None
    complete: bool
    notes: tuple[str, ...]
    figures: Mapping[str, float | None]
    sites: Mapping[Hashable, Hotspot]
    spots: Mapping[Hashable, Spot]
    places: Mapping[Hashable, ComparedSite]
    types: Mapping[BlockType, TypeSums] | None
    unseen: Unseen
    uncertain: tuple[str, ...]  # which of the bytes may be another line's, in words
    requests_at_most: bool  # a partial one's requests may be too many


@dataclass(frozen=True, slots=True)
class SiteChange:
    """A site's figures on both sides; `old_site` is where it was, if it was elsewhere."""

    site: ComparedSite
    old_site: ComparedSite | None
    status: Literal["both", "added", "removed"]
    measures: Mapping[SiteMeasure, Change]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`sites` are those whose `by` changed, largest change first; `warnings` what to keep in mind.

    `types` are those whose `by` changed; None where a capture does not tell of types.
    `verdict` is about the changes of the totals that are significant.
    """

    old: tuple[Run, ...]
    new: tuple[Run, ...]
    by: SiteMeasure
    group: SiteGroup
    totals: Mapping[str, Change]
    sites: tuple[SiteChange, ...]
    changed_count: int
    sites_count: int
    types: tuple[TypeChange, ...] | None
    types_changed_count: int
    warnings: tuple[str, ...]
    verdict: Verdict


def read_run(capture: Capture, group: SiteGroup = "line") -> Run:
    """All that is compared; the capture may be closed afterwards."""
    measures = Measures(capture)
    hotspots = find_hotspots(measures, group=group, limit=0)
    origins = measures.stacks.origins
    starts = first_lines(capture)
    sites: dict[Hashable, Hotspot] = {}
    spots: dict[Hashable, Spot] = {}
    places: dict[Hashable, ComparedSite] = {}
    # Once for each file, of which there are hundreds where there are ten thousands of lines.
    files = {row.file: _file_of(origins, row.file) for row in hotspots.rows}
    for row in hotspots.rows:
        file, scope, has_lines = files[row.file]
        by_line = group == "line" and has_lines
        key = (file, row.line) if by_line else (file, row.function, row.line)
        sites[key] = row
        places[key] = ComparedSite(row.function, file, row.line, row.origin)
        begins = first_line(starts, row.file, row.function, row.line)
        spots[key] = Spot(
            scope=(scope, row.function),
            line=row.line,
            offset=row.line - begins if group == "line" else row.line,
            count=row.allocations,
            mean_bytes=row.allocated_bytes / row.allocations if row.allocations else 0.0,
        )
    resident = resident_of(capture, memory_over_time(capture))
    figures = _figures(capture, resident)
    return Run(
        str(capture.path), capture.meta, capture.end, capture.complete, capture.notes, figures,
        sites, spots, places, sums_of_types(measures), unseen_of(capture, resident),
        tuple(uncertain_lines(capture, MATTERS_SHARE)), capture.requests_at_most,
    )  # fmt: skip


def _file_of(origins: Origins, file: str) -> tuple[str, str, bool]:
    """A file as people name it, as what it is in both captures, and whether it has lines."""
    short = origins.short(file)
    # The program that was started is the same one, whatever it is called.
    return short, "" if origins.is_main(file) else short, not is_binary(file)


Starts = Mapping[tuple[str, str], Sequence[int]]


def first_line(starts: Starts, file: str, function: str, line: int) -> int:
    """Where the function of this name begins that the line is in; 0 where that is not known."""
    begins = starts.get((file, function), [])
    before = bisect_right(begins, line)
    return begins[before - 1] if before else 0


def first_lines(capture: Capture) -> Starts:
    """Where functions begin: their first lines, by file and name."""
    codes = capture.tables.codes
    found: dict[tuple[str, str], set[int]] = {}
    for file, function, line in zip(codes.file, codes.function, codes.first_line, strict=True):
        found.setdefault((file, function), set()).add(line)
    return {key: sorted(lines) for key, lines in found.items()}


def _figures(capture: Capture, resident: Resident) -> dict[str, float | None]:
    total = capture.sums.total
    figures: dict[str, float | None] = {name: getattr(total, name) for name in COUNTED}
    figures["resident_bytes"] = resident.peak_bytes or None
    ended = capture.exit
    figures["wall_s"] = ended.wall_s if ended and ended.wall_s else capture.duration_ns / 1e9
    figures["cpu_s"] = ended.cpu_s if ended and ended.cpu_s else None
    return figures


def compare(
    old: Sequence[Run],
    new: Sequence[Run],
    *,
    by: SiteMeasure = "allocated_bytes",
    group: SiteGroup = "line",
    limit: int = 20,
) -> Comparison:
    """Raises ValueError if a side has no run."""
    if not old or not new:
        raise ValueError("both sides need a run")
    sampled = any(run.meta.sampled for run in (*old, *new))
    kind: Kind = "measured" if sampled else "counted"
    found = {
        name: change(
            "measured" if name in MEASURED else kind,
            [run.figures[name] for run in old],
            [run.figures[name] for run in new],
        )
        for name in (*COUNTED, *MEASURED)
    }
    totals = {name: item for name, item in found.items() if item is not None}
    pairs = match(_together(old), _together(new))
    deltas = ((pair, _delta(old, new, pair, by)) for pair in pairs)
    changed = [item for item in deltas if item[1]]
    changed.sort(key=lambda item: -abs(item[1]))
    shown = [pair for pair, _ in (changed[:limit] if limit > 0 else changed)]
    types = _type_changes(old, new, kind, by)
    return Comparison(
        old=tuple(old),
        new=tuple(new),
        by=by,
        group=group,
        totals=totals,
        sites=tuple(_site_change(old, new, pair, kind) for pair in shown),
        changed_count=len(changed),
        sites_count=len(pairs),
        types=None if types is None else tuple(types[:limit] if limit > 0 else types),
        types_changed_count=0 if types is None else len(types),
        warnings=tuple(_warnings(old, new)),
        verdict=verdict(_of_some_size(totals)),
    )


def _change(
    old: Sequence[Run], new: Sequence[Run], pair: Pair, name: SiteMeasure, kind: Kind
) -> Change:
    before, after = pair
    return Change(kind, _sample(old, before, name), _sample(new, after, name))


def _delta(old: Sequence[Run], new: Sequence[Run], pair: Pair, name: SiteMeasure) -> float:
    """That of the change, of which most lines have none."""
    before, after = pair
    return median(_values(new, after, name)) - median(_values(old, before, name))


def _site_change(old: Sequence[Run], new: Sequence[Run], pair: Pair, kind: Kind) -> SiteChange:
    was, now = _place(old, pair[0]), _place(new, pair[1])
    site = now or was
    assert site is not None
    moved = was and now and (was.file, was.line) != (now.file, now.line)
    return SiteChange(
        site=site,
        old_site=was if moved else None,
        status="added" if was is None else "removed" if now is None else "both",
        measures={name: _change(old, new, pair, name, kind) for name in SITE_MEASURES},
    )


def _type_changes(
    old: Sequence[Run], new: Sequence[Run], kind: Kind, by: SiteMeasure
) -> list[TypeChange] | None:
    before, after = ([run.types for run in runs if run.types is not None] for runs in (old, new))
    if len(before) < len(old) or len(after) < len(new):
        return None
    changed = [item for item in type_changes(before, after, kind) if item.measures[by].delta]
    return sorted(changed, key=lambda item: -abs(item.measures[by].delta))


def _together(runs: Sequence[Run]) -> dict[Hashable, Spot]:
    """The sites of all runs of one side; the first run that has one says what it is like."""
    spots: dict[Hashable, Spot] = {}
    for run in reversed(runs):
        spots.update(run.spots)
    return spots


def _place(runs: Sequence[Run], key: Hashable | None) -> ComparedSite | None:
    return next((run.places[key] for run in runs if key in run.places), None)


def _sample(runs: Sequence[Run], key: Hashable | None, name: SiteMeasure) -> Sample:
    return Sample(tuple(_values(runs, key, name)))


def _values(runs: Sequence[Run], key: Hashable | None, name: SiteMeasure) -> list[float]:
    """A site that a run does not have allocated nothing in it."""
    rows = [run.sites.get(key) for run in runs]
    return [0 if row is None else getattr(row, name) for row in rows]


def verdict(changes: Iterable[Change]) -> Verdict:
    """Less of everything that changed is better, more is worse.

    What was measured has to change by 1 %: runs enough show differences that nobody cares about.
    """
    deltas = [item.delta for item in changes if item.significant and _matters(item)]
    if not deltas:
        return "unchanged"
    if all(delta < 0 for delta in deltas):
        return "better"
    return "worse" if all(delta > 0 for delta in deltas) else "mixed"


def _of_some_size(totals: Mapping[str, Change]) -> Iterator[Change]:
    """Without what is left at the end where that differs by next to nothing of all there was."""
    for name, item in totals.items():
        whole = totals.get(_LEFT_OF.get(name, ""))
        most = max(whole.old.median, whole.new.median) if whole else 0
        if abs(item.delta) > NEGLIGIBLE * most or not whole:
            yield item


def _matters(item: Change) -> bool:
    return item.kind == "counted" or item.share is None or abs(item.share) >= MATTERS_SHARE


def _warnings_of(run: Run) -> Iterable[str]:
    if run.requests_at_most:
        yield f"{run.path} is partial: its peak is too low, and its requests may be too many"
    elif not run.complete:
        yield f"{run.path} is partial: its numbers are too low"
    yield from (f"{run.path}: {told}" for told in run.uncertain)
    for reason in run.unseen.reasons:
        if reason.kind == "processes":
            yield f"{run.path}: {reason.amount:,.0f} processes of it were not recorded"
        elif reason.kind == "untracked" and run.unseen.share is not None:
            yield (
                f"{run.path}: {run.unseen.share:.0%} of resident memory was not tracked, and"
                " shows in no line"
            )


def _warnings(old: Sequence[Run], new: Sequence[Run]) -> Iterable[str]:
    for run in (*old, *new):
        yield from _warnings_of(run)
    for what, name in (("Python", "python"), ("the allocator", "allocator")):
        before, after = ({getattr(run.meta, name) for run in runs} for runs in (old, new))
        if before != after:
            names = (", ".join(sorted(names)) or "unknown" for names in (before, after))
            yield f"{what} is not the same: {' and '.join(names)}"
    if len({run.meta.sample_bytes if run.meta.sampled else 0 for run in (*old, *new)}) > 1:
        yield "not all captures were sampled alike"
    elif old[0].meta.sampled:
        yield "the captures were sampled: counts and sizes are estimates, and judged as noisy"
    if len({run.meta.imports for run in (*old, *new)}) > 1:
        yield "some captures were made with --no-imports, others without"
    if len({run.meta.objects for run in (*old, *new)}) > 1:
        yield (
            "some captures tell of objects, others do not: what is live stands at the line that"
            " made it in the former, at the line that asked in the latter"
        )
