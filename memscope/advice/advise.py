"""Asks every kind, and ranks what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memscope.advice.calibration import HostCosts
from memscope.advice.evidence import Case
from memscope.advice.model import Advice, Advised, Findings, Interval, Rejected, Whole
from memscope.advice.registry import BUILT_IN, finders
from memscope.advice.source import Sources
from memscope.analysis.measures import Measures
from memscope.errors import one_line

# Where two kinds want the same line changed, the earlier one says it better: growing by copies also
# looks like buffers to reuse, a leak also like rows to make compact.
_PRECEDENCE = (
    "pool-leak", "over-pooled", "grow-copy", "leak", "reuse-buffer", "pool", "release-early",
    "chunk", "compact", "gc-pressure", "arena-pinning",
)  # fmt: skip
# These say something else about the same line.
_INDEPENDENT = frozenset({"gc-pressure", "arena-pinning"})
# No change takes away all that a program does: where that was predicted, 0.28 to 0.95 of the CPU
# time were saved.
MOST_SURE_SHARE, MOST_LIKELY_SHARE = 0.25, 0.75


def advise(measures: Measures, costs: HostCosts, wanted: Sequence[str] = ()) -> Advised:
    """What to change, best first; kinds not in `wanted` are left out (empty: all).

    Kinds that were not asked for are still weighed where they are ours: what one of them says
    better about a line is not said again.
    """
    case = Case(measures, costs, Sources(measures.capture.meta))
    notes = list(_notes(case))
    asked = list(dict.fromkeys([*BUILT_IN, *wanted])) if wanted else ()
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    for kind, find in finders(asked).items():
        try:
            found = find(case)
        except Exception as error:
            if kind in BUILT_IN:
                raise
            # Someone else's kind: what it breaks is its own answer.
            notes.append(one_line(f"{kind} could not judge: {type(error).__name__}: {error}"))
            found = Findings()
        advice.extend(_bounded(item, case.whole) for item in found.advice)
        rejected.extend(found.rejected)
    kept, said_better = _one_a_line(advice, case.whole)
    rejected.extend(said_better)
    taken = {(item.kind, item.site.file, item.site.line) for item in kept}
    chosen = set(wanted)
    return Advised(
        whole=case.whole,
        advice=tuple(
            sorted(
                (item for item in kept if not chosen or item.kind in chosen),
                key=lambda item: -score(item, case.whole),
            )
        ),
        rejected=tuple(
            sorted(
                (
                    item
                    for item in rejected
                    if (not chosen or item.kind in chosen)
                    and (
                        item.site is None
                        or (item.kind, item.site.file, item.site.line) not in taken
                    )
                ),
                key=lambda item: -item.weight,
            )
        ),
        notes=tuple(notes),
    )


def score(advice: Advice, whole: Whole) -> float:
    """The largest share of the program that is saved if all turns out low, as far as it is sure."""
    saved = [whole.share(measure, saving.low) for measure, saving in advice.predicted.items()]
    return max(saved, default=0.0) * advice.confidence


def _bounded(advice: Advice, whole: Whole) -> Advice:
    """The advice with its saving of CPU time held against what the program takes for everything."""
    saving = advice.predicted.get("cpu_s")
    if saving is None:
        return advice
    bounded = Interval(
        min(saving.low, MOST_SURE_SHARE * whole.cpu_s),
        min(saving.value, MOST_LIKELY_SHARE * whole.cpu_s),
        min(saving.high, whole.cpu_s),
    )
    return replace(advice, predicted={**advice.predicted, "cpu_s": bounded})


def _one_a_line(advice: Sequence[Advice], whole: Whole) -> tuple[list[Advice], list[Rejected]]:
    order = {kind: place for place, kind in enumerate(_PRECEDENCE)}
    taken: dict[tuple[str, int], str] = {}
    kept: list[Advice] = []
    left: list[Rejected] = []
    by_rank = sorted(
        advice, key=lambda item: (order.get(item.kind, len(order)), -score(item, whole))
    )
    for item in by_rank:
        better = taken.get((item.site.file, item.site.line))
        if item.kind in _INDEPENDENT or better is None:
            kept.append(item)
            if item.kind not in _INDEPENDENT:
                for frame in (item.site, *item.covers):
                    taken[frame.file, frame.line] = item.kind
        elif better != item.kind:
            why = f"{better} says it better for this line"
            left.append(Rejected(item.kind, item.site, why, score(item, whole)))
    return kept, left


def _notes(case: Case) -> list[str]:
    capture, notes = case.capture, []
    if capture.meta.sampled:
        notes.append(
            "sampled: tallies are estimates, and how many small blocks lived at once is too;"
            " intervals are wider than they say"
        )
    if not case.whole.cpu_known:
        notes.append("CPU time is not in the capture: shares are of the time that was recorded")
    if capture.totals.source != "totals":
        notes.append("the capture was cut: kinds that need its totals say nothing")
    if capture.meta.allocator not in ("pymalloc", "pymalloc_debug"):
        notes.append(f"the allocator was {capture.meta.allocator}: times are those of pymalloc")
    if case.costs.source == "default":
        notes.append("not calibrated: times are those of a slow machine of 2020")
    return notes
