"""Asks every kind, and ranks what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from memscope.advice.certainty import without_uncertain
from memscope.advice.changes.applying import checked
from memscope.advice.context import Context
from memscope.advice.evidence.calibration import HostCosts
from memscope.advice.facts import Fact, assumed, measured, modelled
from memscope.advice.grounding import grounded
from memscope.advice.model import (
    Advice,
    Advised,
    Findings,
    GrowingLine,
    Interval,
    Measure,
    Rejected,
    Whole,
)
from memscope.advice.policy import Settled, Worth
from memscope.advice.program.source import SourceFiles
from memscope.advice.registry import BUILT_IN, finders, is_independent, precedence_of, settles
from memscope.analysis.measures import Measures
from memscope.analysis.unseen import unseen_of
from memscope.errors import one_line
from memscope.plain import replace

# No change takes away all that a program does: where that was predicted, 0.28 to 0.95 of the CPU
# time were saved.


def advise(
    measures: Measures,
    costs: HostCosts,
    wanted: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Advised:
    """What to change, best first; kinds not in `wanted` are left out (empty: all).

    `progress` is told how many kinds have been asked, of how many.

    Kinds that were not asked for are still weighed where they are ours: what one of them says
    better about a line is not said again.
    """
    context = Context(measures, costs, SourceFiles(measures.capture.meta))
    notes = list(_notes(context))
    asked = list(dict.fromkeys([*BUILT_IN, *wanted])) if wanted else ()
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    growing: list[GrowingLine] = []
    found_by = finders(asked)
    for done, (kind, find) in enumerate(found_by.items()):
        if progress is not None:
            progress(done, len(found_by))
        try:
            found = find(context)
        except Exception as error:
            # What it breaks is its own answer. Tests take such a note for a failure.
            notes.append(one_line(f"{kind} failed: {type(error).__name__}: {error}"))
            found = Findings()
        rejected.extend(found.rejected)
        for item in found.advice:
            held = without_uncertain(_bounded(item, context.whole), context)
            if isinstance(held, Rejected):
                rejected.append(held)
            else:
                advice.append(_held_to_source(_with_program(held, context), context))
        growing.extend(found.growing)
    kept, said_better = _one_a_line(_settled(advice, rejected), context.whole)
    rejected.extend(said_better)
    taken = {(item.kind, item.site.file, item.site.line) for item in kept}
    chosen = set(wanted)
    return Advised(
        whole=context.whole,
        advice=tuple(
            sorted(
                (item for item in kept if not chosen or item.kind in chosen),
                key=lambda item: -score(item, context.whole),
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
        unseen=unseen_of(context.capture, context.resident),
        notes=tuple(notes),
        growing=_not_advised(growing, [it for it in kept if not chosen or it.kind in chosen]),
        others=sum(bool(chosen) and item.kind not in chosen for item in kept),
        contents=_contents(kept, context.sources),
    )


def _contents(advice: Sequence[Advice], sources: SourceFiles) -> dict[str, bytes]:
    """What is in the files that changes edit, as it was when they were looked at."""
    changes = [item.fix.change for item in advice if not isinstance(item.fix.change, str)]
    files = {edit.file: sources.of(edit.file) for change in changes for edit in change}
    return {file: source.data for file, source in files.items() if source is not None}


def _not_advised(
    growing: Sequence[GrowingLine], advice: Sequence[Advice]
) -> tuple[GrowingLine, ...]:
    taken = {
        (frame.file, frame.line)
        for item in advice
        if not is_independent(item.kind)
        for frame in (item.site, *item.covers)
    }
    left = [item for item in growing if (item.site.file, item.site.line) not in taken]
    return tuple(sorted(left, key=lambda item: -item.grown_bytes))


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
        min(saving.low, Worth.most_sure_share * whole.cpu_s),
        min(saving.value, Worth.most_likely_share * whole.cpu_s),
        min(saving.high, whole.cpu_s),
    )
    return replace(advice, predicted={**advice.predicted, "cpu_s": bounded})


def _with_program(advice: Advice, context: Context) -> Advice:
    """The advice with the facts that every advice rests on: what it saves of how much."""
    whole, costs, sampled = context.whole, context.costs, context.capture.meta.sampled
    found: list[Fact] = []
    for measure, saving in advice.predicted.items():
        if measure == "allocations":
            continue
        total, least = whole.of(measure), whole.least(measure)
        unit = "s" if measure == "cpu_s" else "bytes"
        is_known = measure != "cpu_s" or whole.cpu_known
        told = _WHOLES[measure] if is_known else "the time that was recorded"
        pays = saving.low >= least
        found += [
            measured(f"program_{measure}", told, total, unit),
            modelled(
                f"saved_{measure}", "saved of that, at the low end", saving.low, unit,
                least=least if pays else None,
            ),
        ]  # fmt: skip
    if "cpu_s" in advice.predicted:
        name, told = "costs", "whose times seconds are worked out with"
        found.append(
            assumed(name, told, "a slow machine of 2020")
            if costs.source == "default"
            else measured(name, told, "this machine", decides=True)
        )
    if sampled:
        mean = context.capture.meta.sample_bytes
        found.append(
            assumed("sample_bytes", "between samples, on average: all counts are estimates", mean)
        )
    return replace(advice, facts=(*advice.facts, *found))


_WHOLES: Mapping[Measure, str] = {
    "cpu_s": "the program's CPU time",
    "peak_bytes": "the program's peak",
    "rss_bytes": "the program's resident memory",
}


def _held_to_source(advice: Advice, context: Context) -> Advice:
    """The advice with a fix that names nothing but what the program has at its place."""
    place = advice.fix.place or advice.site
    source = context.sources.of(place.file)
    fix = grounded(advice.fix, source, place.line, context.sources.file_names())
    fix = replace(fix, change=checked(fix.change, context.sources))
    return replace(advice, fix=fix)


def _settled(advice: Sequence[Advice], rejected: list[Rejected]) -> list[Advice]:
    """The advice without what goes away with what other advice is about: it then joins `rejected`.

    Where much is let go early, or never is there at once, it leaves nothing strewn behind.
    """
    kept = []
    for item in advice:
        strewn = item.predicted.get("rss_bytes")
        by = "" if strewn is None else _gone_with(advice, item, Settled.least_share * strewn.value)
        if by:
            why = f"{by} takes care of it: what it is about left this behind"
            rejected.append(Rejected(item.kind, item.site, why, 0.3))
        else:
            kept.append(item)
    return kept


def _gone_with(advice: Sequence[Advice], item: Advice, least_bytes: float) -> str:
    for other in advice:
        saved = other.predicted.get("peak_bytes")
        if settles(other.kind, item.kind) and saved is not None and saved.value >= least_bytes:
            return other.kind
    return ""


def _one_a_line(advice: Sequence[Advice], whole: Whole) -> tuple[list[Advice], list[Rejected]]:
    taken: dict[tuple[str, int], str] = {}
    kept: list[Advice] = []
    left: list[Rejected] = []
    by_rank = sorted(advice, key=lambda item: (precedence_of(item.kind), -score(item, whole)))
    for item in by_rank:
        better = taken.get((item.site.file, item.site.line))
        if better is not None and settles(better, item.kind):
            left.append(Rejected(item.kind, item.site, f"{better} takes care of it", 0.3))
        elif is_independent(item.kind) or better is None:
            kept.append(item)
            if not is_independent(item.kind):
                for frame in (item.site, *item.covers):
                    taken[frame.file, frame.line] = item.kind
        elif better != item.kind:
            why = f"{better} says it better for this line"
            left.append(Rejected(item.kind, item.site, why, score(item, whole)))
    return kept, left


def _notes(context: Context) -> list[str]:
    capture, notes = context.capture, []
    if capture.meta.sampled:
        notes.append(
            "sampled: counters are estimates, and how many small blocks lived at once is too;"
            " intervals are wider than they say"
        )
    if not context.whole.cpu_known:
        notes.append("CPU time is not in the capture: shares are of the time that was recorded")
    if capture.totals.source != "totals":
        notes.append("the capture was cut: kinds that need its totals say nothing")
    if capture.meta.allocator not in ("pymalloc", "pymalloc_debug"):
        notes.append(f"the allocator was {capture.meta.allocator}: times are those of pymalloc")
    if context.costs.source == "default":
        notes.append("not calibrated: times are those of a slow machine of 2020")
    return notes
