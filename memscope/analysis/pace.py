"""What a program that goes on holds now, line by line or type by type, and how fast that changes.

Captures of two moments number their stacks and types differently: rows are the same by their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args

from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin, Origins
from memscope.analysis.types import type_name
from memscope.capture import Capture
from memscope.capture.columns import chosen, gathered, numbered, only_where, sums_by
from memscope.capture.columns import total as sum_of
from memscope.capture.model import BlockType, CodeFrame
from memscope.plain import dataclass

PaceGroup = Literal["own", "line", "type"]
PACE_GROUPS: tuple[PaceGroup, ...] = get_args(PaceGroup)
PaceBy = Literal["live", "growth", "allocations", "allocated"]
PACE_BYS: tuple[PaceBy, ...] = get_args(PaceBy)

Key = tuple[str, int, str]  # file, line, ""; or module, 0, name


@dataclass(frozen=True, slots=True)
class HeldNow:
    """What one line or type holds and has asked for so far; sampled figures are estimates."""

    frame: CodeFrame | None  # None: a type
    type: BlockType | None  # None: a line
    origin: Origin
    live_bytes: float
    live_blocks: float
    allocations: float
    allocated_bytes: float

    @property
    def name(self) -> str:
        """What a filter is held against: `file:line function`, or the type's name."""
        if self.frame is not None:
            return f"{self.frame.file}:{self.frame.line} {self.frame.function}"
        return "" if self.type is None else type_name(self.type)


@dataclass(frozen=True, slots=True)
class Moment:
    """A recording at one time, in seconds since it began; `whole` is all rows together.

    Of its live bytes `uncertain_bytes` may be of objects that another line made.
    """

    time_s: float
    rows: Mapping[Key, HeldNow]
    whole: HeldNow
    peak_bytes: float
    uncertain_bytes: float
    sampled: bool
    complete: bool
    command: tuple[str, ...]
    origins: Origins


@dataclass(frozen=True, slots=True)
class Pace:
    """A row now, and per second since the earlier moment; None where there is no earlier one."""

    now: HeldNow
    share: float  # of all live bytes
    growth_bytes_s: float | None
    allocations_s: float | None
    allocated_bytes_s: float | None

    def weight(self, by: PaceBy) -> float:
        weights = {
            "live": self.now.live_bytes,
            "growth": self.growth_bytes_s,
            "allocations": self.allocations_s,
            "allocated": self.allocated_bytes_s,
        }
        return weights[by] or 0.0


def moment_of(capture: Capture, group: PaceGroup) -> Moment:
    """What a capture of now holds, by line of user code, by line, or by type."""
    measures = Measures(capture)
    rows = dict(_by_type(measures) if group == "type" else _by_line(measures, own=group == "own"))
    total, told = capture.sums.total, capture.meta.objects
    whole = HeldNow(
        frame=None,
        type=None,
        origin=Origin.LIBRARY,
        live_bytes=total.live_bytes,
        live_blocks=total.live_blocks,
        allocations=total.allocations,
        allocated_bytes=total.allocated_bytes,
    )
    return Moment(
        time_s=0.0 if capture.end is None else capture.end.duration_ns / 1e9,
        rows=rows,
        whole=whole,
        peak_bytes=total.peak_bytes,
        uncertain_bytes=sum_of(measures.counter("uncertain_bytes")) if told else 0.0,
        sampled=capture.meta.sampled,
        complete=capture.complete,
        command=tuple(capture.meta.command),
        origins=measures.stacks.origins,
    )


def _by_line(measures: Measures, *, own: bool) -> Iterator[tuple[Key, HeldNow]]:
    stacks = measures.stacks
    nodes = measures.row_stacks
    shown = gathered(stacks.shown, nodes) if own else nodes
    keys = gathered(stacks.line_keys, shown)
    # What lies on free lists belongs to nobody.
    others = chosen(measures.parked, bytes(len(nodes)), b"\1" * len(nodes))
    of_row, first = numbered(only_where(keys, others), others)
    for group, values in _sums(measures, of_row, len(first)):
        row = first[group]
        if measures.parked[row]:
            continue
        frame = stacks.frame(shown[row])
        yield (frame.file, frame.line, ""), HeldNow(frame, None, stacks.origin(shown[row]), *values)


def _by_type(measures: Measures) -> Iterator[tuple[Key, HeldNow]]:
    types = measures.capture.tables.types
    of_row, first = numbered(measures.capture.tables.rows.type)
    summed: dict[Key, list[float]] = {}
    known: dict[Key, BlockType] = {}
    for group, values in _sums(measures, of_row, len(first)):
        of = types[measures.capture.tables.rows.type[first[group]]]
        if of.kind == "parked":
            continue
        # Two classes of one name are one here: their numbers change from capture to capture.
        key = (of.module, 0, f"{of.kind} {of.name}")
        known[key] = of
        before = summed.get(key, [0.0] * len(values))
        summed[key] = [sum(pair) for pair in zip(before, values, strict=True)]
    for key, of in known.items():
        yield key, HeldNow(None, of, Origin.LIBRARY, *summed[key])


def _sums(
    measures: Measures, of_row: Sequence[int], count: int
) -> Iterator[tuple[int, tuple[float, ...]]]:
    totals = measures.capture.totals
    columns = [
        sums_by(of_row, column, count)
        for column in (
            measures.live_bytes,
            measures.live_blocks,
            totals.allocations,
            totals.allocated_bytes,
        )
    ]
    return enumerate(zip(*columns, strict=True))


def paces(now: Moment, before: Moment | None) -> list[Pace]:
    """Each row of now, with what changed since before; what is gone since then is a row as well."""
    over_s = 0.0 if before is None else now.time_s - before.time_s
    if before is None or over_s <= 0:
        return [_pace(now, held, None, 0.0) for held in now.rows.values()]
    gone = {key: held for key, held in before.rows.items() if key not in now.rows}
    found = [
        _pace(now, held, before.rows.get(key, NOTHING), over_s) for key, held in now.rows.items()
    ]
    return found + [_pace(now, _emptied(held), held, over_s) for held in gone.values()]


def whole_pace(now: Moment, before: Moment | None) -> Pace:
    """All rows together."""
    over_s = 0.0 if before is None else now.time_s - before.time_s
    return _pace(now, now.whole, before.whole if before and over_s > 0 else None, over_s)


def _pace(now: Moment, held: HeldNow, before: HeldNow | None, over_s: float) -> Pace:
    live = now.whole.live_bytes
    share = held.live_bytes / live if live > 0 else 0.0
    if before is None:
        return Pace(held, share, None, None, None)
    return Pace(
        held,
        share,
        (held.live_bytes - before.live_bytes) / over_s,
        (held.allocations - before.allocations) / over_s,
        (held.allocated_bytes - before.allocated_bytes) / over_s,
    )


def _emptied(held: HeldNow) -> HeldNow:
    return HeldNow(
        held.frame, held.type, held.origin, 0.0, 0.0, held.allocations, held.allocated_bytes
    )


NOTHING = HeldNow(None, None, Origin.LIBRARY, 0.0, 0.0, 0.0, 0.0)
