"""Garbage in cycles that takes memory, and hardly any time: it lies about until the collector runs.

What the collector frees is counted, and how often it ran. What lies about between two of its runs
was made since: so a line whose blocks are garbage in cycles made as many blocks for each that lived
at once as there were runs that freed something, and its live bytes fell all at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.objects import class_name
from memscope.advice.facts import Fact, measured, read
from memscope.advice.model import Advice, Fix, Interval
from memscope.advice.policy import Garbage
from memscope.advice.program.cycles import way_back
from memscope.analysis.gcpressure import GcPressure, find_gc_pressure
from memscope.analysis.units import bytes_text
from memscope.capture.model import BlockType, CodeFrame
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line whose blocks wait for the collector, and how many it made for each at once.

    `runs` of the collector, by how much they freed.
    """

    line: UserLine
    turns: float
    runs: float


def waiting_for_collector(context: Context, kind: str) -> Advice | None:
    """Who makes the garbage that takes memory until the collector comes by."""
    pressure = find_gc_pressure(context.measures, limit=1)
    collected = pressure.collected or 0
    if collected < Garbage.least_collected or not pressure.generations:
        return None
    # A run that freed much counts for more than one that freed nothing.
    freed = sum(it.collections * (it.collected or 0) for it in pressure.generations)
    found = list(filter(None, (_waiting(context, it, pressure, freed / collected)
                               for it in context.lines)))  # fmt: skip
    if not found:
        return None
    found.sort(key=lambda it: -it.line.blocks.peak_bytes)
    lines = [it.line for it in found]
    held = sum(line.blocks.peak_bytes for line in lines)
    if context.whole.share("peak_bytes", held) < Garbage.least_peak_share:
        return None
    likely = context.peak.saving(lines, Garbage.likely_share * held)
    saving = Interval(
        min(likely.low, Garbage.sure_share * held), likely.value, max(likely.high, likely.value)
    )
    if not context.whole.pays({"peak_bytes": saving}):
        return None
    made = _own_made(context, found[0].line)
    # What holds nothing but numbers is in no cycle: it hangs on to what is.
    closing = None if made else closing_line(context, pressure)
    site = found[0].line.frame if closing is None else context.asking(closing[0])
    return _advice(context, kind, found[0], site, collected, held, saving)


def _own_made(context: Context, line: UserLine) -> float:
    """How many instances of classes a line made."""
    created = context.objects.created(line.rows)
    return sum(count for of, count in created.items() if of.module != "builtins")


def closing_line(context: Context, pressure: GcPressure) -> tuple[UserLine, BlockType] | None:
    """The line that makes most of a class with a way back, if the collector freed enough of it."""
    least = Garbage.least_freed_share * (pressure.collected or math.inf)
    sources = context.sources.loaded()
    found: list[tuple[float, UserLine, BlockType]] = []
    for line in context.lines:
        for of, count in context.objects.created(line.rows).items():
            if of.module != "builtins" and context.objects.instances[class_name(of)] >= least:
                found.append((count, line, of))
    found.sort(key=lambda item: -item[0])
    return next(((line, of) for _, line, of in found if way_back(class_name(of), sources)), None)


def _waiting(context: Context, line: UserLine, pressure: GcPressure, runs: float) -> Waiting | None:
    least = max(Garbage.least_bytes, Garbage.least_line_share * context.whole.peak_bytes)
    if line.blocks.peak_bytes < least:
        return None
    turns = _turns(context, line.rows)
    if not (
        Garbage.least_turns <= turns
        and Garbage.least_ratio * runs <= turns <= Garbage.most_ratio * runs
    ):
        return None
    made = _own_made(context, line) or context.owners(context.statement(line.frame))
    # The instances may be counted among what was freed; else how it fell has to speak for itself.
    counted = (pressure.collected or 0) >= Garbage.least_freed_share * made > 0
    fell = _most_at_once(context.history.live_over_time(line))
    least_fall = Garbage.least_fall_of_counted if counted else Garbage.least_fall
    waits = fell >= least_fall and (counted or turns >= Garbage.sure_turns)
    return Waiting(line, turns, runs) if waits else None


def _turns(context: Context, rows: Sequence[int]) -> float:
    """How many blocks a line made for each that lived at once: of the middle byte at the peak."""
    shapes = context.rows.by_shape(rows)
    each = sorted((it.allocations / max(it.max_live_high, 1), it.peak_bytes) for it in shapes)
    left = sum(held for _, held in each) / 2
    for turns, held in each:
        left -= held
        if held and left <= 0:
            return turns
    return 0.0


def _most_at_once(live: Sequence[float]) -> float:
    """The largest part of the most that was live that went between two windows, before the end."""
    falls = (before - after for before, after in pairwise(live[:-1]))
    return max(falls, default=0.0) / max(max(live, default=0.0), 1.0)


def _advice(
    context: Context,
    kind: str,
    most: Waiting,
    site: CodeFrame,
    collected: int,
    held: float,
    saving: Interval,
) -> Advice:
    line = most.line
    makes = "this line" if site == line.frame else f"line {line.frame.line}"
    back = _way_back(context)
    closing = f"; {back} closes the cycle" if back else ""
    facts: list[Fact] = [
        measured(
            "collected", "that the collector freed", collected, "objects",
            least=Garbage.least_collected,
        ),
        measured(
            "held_bytes", "that such lines hold at the peak", round(held), "bytes",
            least=Garbage.least_bytes,
        ),
        measured(
            "turns", "blocks made for each that lived at once", most.turns, "blocks",
            least=max(Garbage.least_turns, Garbage.least_ratio * most.runs),
            most=Garbage.most_ratio * most.runs,
        ),
        measured("runs", "of the collector that freed something", most.runs, "runs"),
    ]  # fmt: skip
    if back:
        facts.append(read("way_back", "the attribute that closes the cycle", back))
    return Advice(
        kind=kind,
        site=site,
        stack=context.stacks.heaviest(line.rows, context.capture.totals.peak_bytes),
        summary=(
            f"{bytes_text(held)} at the peak wait for the cyclic collector, which freed"
            f" {collected:,} objects: what {makes} makes is held by objects that hold each"
            f" other{closing}"
        ),
        facts=tuple(facts),
        predicted={"peak_bytes": saving},
        modelled=(
            "what is live, what the collector freed and how often it ran is measured; that this"
            " line's blocks go with it is told from how many came for each that lived at once"
        ),
        cost="with a weak reference, somebody else has to keep what it refers to",
        confidence=0.7,
        fix=Fix(
            "break the cycle when it is done with, so that reference counting frees all of it at"
            " once: a weakref for the way back; no name for an exception that outlives its except"
            " clause; None for a closure that calls itself; the method by which a library's tree"
            " lets go",
        ),
    )


def _way_back(context: Context) -> str:
    """The attribute that closes a cycle of the program's own classes, of which it made most."""
    made = context.objects.instances
    sources = context.sources.loaded()
    names = {class_name(of) for of in context.capture.tables.types if of.module == "__main__"}
    ranked = sorted(names, key=lambda name: -made.get(name, 0.0))
    return next(filter(None, (way_back(name, sources) for name in ranked)), "")
