"""A few small blocks that keep whole arenas of pymalloc from going back to the kernel.

An arena of 1 MiB is returned when none of its blocks is left. Survivors of a bulk that was freed
lie strewn over the arenas it needed: 105 of them, 46 KB, were measured to keep 88 MB.
"""

from __future__ import annotations

import ast
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import measured, modelled
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.policy import ArenaPinning
from memscope.advice.program.expressions import is_number
from memscope.advice.program.names import named, why_kept
from memscope.analysis.fragmentation import HeapMoment, PinningSite, find_fragmentation
from memscope.analysis.origins import Origin
from memscope.analysis.units import bytes_text
from memscope.capture.columns import (
    gathered,
    numbered,
    only_where,
    scatter,
    sums_of_keys,
    total,
    zeros,
)
from memscope.capture.format import LIFETIME_BYTE_BUCKETS
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

NAME = "arena-pinning"

ARENA_BYTES = 1 << 20
# How many freed objects of a type the interpreter keeps for the next ones. Their memory counts as
# in use, and is nobody's to copy (Objects/floatobject.c, listobject.c, dictobject.c; of tuples so
# many of each length, Objects/tupleobject.c; what tasks wait for, Modules/_asynciomodule.c).
FREE_LISTS = {"float": 100, "list": 80, "dict": 80, "slice": 1, "Context": 255,
              "FutureIter": 255, "tuple": 2000}  # fmt: skip
# Blocks that outlive this much allocation are no passing ones.
OUTLIVED_BUCKET = 7
_IMPORTED = "import"  # no name of a type


def find(context: Context) -> Findings:
    """Lines whose few survivors hold many arenas."""
    fragmentation = find_fragmentation(context.measures)
    moment = fragmentation.worst
    if not fragmentation.pymalloc:
        why = f"small requests were served by {fragmentation.allocator}, which has no arenas"
    elif moment is None:
        why = "the capture does not say which arenas its blocks lie in"
    else:
        why = _why_as_usual(moment)
    if why or moment is None:
        return Findings.of([Rejected(NAME, None, why)])
    return Findings.of([_evaluate(context, moment)])


def _why_as_usual(moment: HeapMoment) -> str:
    arenas, needed = len(moment.arenas), moment.needed_arenas
    if arenas - needed >= ArenaPinning.least_arenas and arenas >= ArenaPinning.least_ratio * max(
        needed, 1
    ):
        return ""
    return f"{arenas} arenas hold what would fit into {needed}: no more than usual"


def _evaluate(context: Context, moment: HeapMoment) -> Advice | Rejected:
    again = _highest_after(context, moment)
    if again > ArenaPinning.most_again_share * context.whole.peak_bytes:
        place = moment.sites[0].site if moment.sites else None
        why = f"the program takes the memory again: {bytes_text(again)} are live later"
        return Rejected(NAME, place, why, 0.3)
    holding = _holding(context, moment)
    group = _holding_together(moment, holding)
    if not group:
        top = moment.sites[0] if moment.sites else None
        why = "what lies in the arenas is much, or none of your own code's"
        return Rejected(NAME, top.site if top else None, why, 0.3)
    chosen = max(group, key=lambda site: site.used_bytes)
    returned = holding.returned(group)
    predicted = _predicted(moment, group, returned)
    if _only_counts(context, chosen.site):
        why = "its result is a number: what survives is held within what it calls"
    elif not context.whole.pays(predicted):
        why = "others' blocks lie in the same arenas: without its own few would be returned"
    else:
        return _advice(context, moment, chosen, predicted)
    return Rejected(NAME, chosen.site, why, 0.4)


def _highest_after(context: Context, moment: HeapMoment) -> float:
    """How much of small blocks was live at most, at the ends of windows, after the recorder looked.

    Large ones need no arenas.
    """
    is_small = zeros("B", len(context.measures.row_stacks) + 1)  # row ids count from 1
    small = context.rows.small(range(len(is_small) - 1))
    scatter(is_small, array("I", (row + 1 for row in small)), b"\1" * len(small))
    live = highest = 0.0
    for window in context.history.each_window():
        of_small = gathered(is_small, window.row)
        live += total(only_where(window.allocated_bytes, of_small))
        live -= total(only_where(window.released_bytes, of_small))
        if window.start_ns >= moment.survey.time_ns:
            highest = max(highest, live)
    return highest


@dataclass(frozen=True, slots=True)
class _Holding:
    """The lines that have blocks in each arena; and those whose blocks are nobody's to copy.

    Free lists may keep them, or modules that the lines import.
    """

    places: tuple[frozenset[CodeFrame | None], ...]
    fixed: frozenset[CodeFrame]

    def returned(self, group: Sequence[PinningSite]) -> int:
        """How many arenas hold nothing but what a group of lines has in them."""
        sites = {site.site for site in group}
        return sum(bool(held) and held <= sites for held in self.places)


def _holding(context: Context, moment: HeapMoment) -> _Holding:
    survey, stacks, sites = moment.survey, context.measures.stacks, context.measures.sites
    places: list[set[CodeFrame | None]] = [set() for _ in moment.arenas]
    types: dict[CodeFrame, Counter[tuple[str, int]]] = {}
    outlived = Outlived(context)
    keys = tuple(array("I", column) for column in (survey.arena, survey.row, survey.size_class))
    for (arena, row, size), count in sums_of_keys(keys, array("I", survey.blocks)):
        frame = stacks.frame(sites[row - 1]) if row else None
        places[arena].add(frame)
        if frame is not None:
            counts = types.setdefault(frame, Counter())
            if stacks.importing[context.measures.row_stacks[row - 1]]:
                counts[_IMPORTED, size] += count
                continue
            for name, share in outlived.types_of(row - 1):
                counts[name, size] += share * count
    fixed = {frame for frame, counts in types.items() if _is_fixed(counts)}
    return _Holding(tuple(map(frozenset, places)), frozenset(fixed))


class Outlived:
    """What the blocks are that outlive the rest of their stack and size.

    What a block is may be known when it dies, and the recorder had looked at arenas before: then
    it had counted it with what else is made there.
    """

    def __init__(self, context: Context) -> None:
        self._objects = context.objects
        table = context.capture.tables.rows
        released = context.rows.released_after(OUTLIVED_BUCKET, LIFETIME_BYTE_BUCKETS)
        self._left = [
            gone + live for gone, live in zip(released, context.measures.live_blocks, strict=True)
        ]
        self._group, first = numbered(table.stack, table.domain, table.size_class)
        self._rows: list[list[int]] = [[] for _ in first]
        for row, group in enumerate(self._group):
            self._rows[group].append(row)

    def types_of(self, row: int) -> Iterator[tuple[str, float]]:
        """The types that a row's surviving blocks may have, and in which shares."""
        rows = self._rows[self._group[row]]
        whole = sum(self._left[other] for other in rows)
        if not whole:
            rows, whole = [row], 0.0
        for other in rows:
            of = self._objects.of(other)
            name = of.name if of.kind == "object" else of.kind
            yield name, self._left[other] / whole if whole else 1.0


def _is_fixed(counts: Counter[tuple[str, int]]) -> bool:
    """Whether what survives is of modules, or of types and as few as free lists hold."""
    if 2 * sum(count for (of, _), count in counts.items() if of == _IMPORTED) > counts.total():
        return True
    others = sum(max(count - FREE_LISTS.get(of, 0), 0) for (of, _), count in counts.items())
    return others <= max(ArenaPinning.most_others_share * counts.total(), ArenaPinning.stray_blocks)


def _wasted_bytes(moment: HeapMoment) -> int:
    return (len(moment.arenas) - moment.needed_arenas) * ARENA_BYTES


def _holding_together(moment: HeapMoment, holding: _Holding) -> list[PinningSite]:
    """Lines whose blocks lie in the same arenas: the one with most of the bytes stands for them."""
    wasted = _wasted_bytes(moment)
    group: list[PinningSite] = []
    for site in moment.sites:
        if site.site in holding.fixed:
            continue
        if site.origin is not Origin.OWN or site.used_bytes > ArenaPinning.most_used_share * wasted:
            break
        group.append(site)
        enough = holding.returned(group) * ARENA_BYTES >= ArenaPinning.least_pinned_share * wasted
        if enough or len(group) == ArenaPinning.most_sites:
            break
    return group


def _predicted(
    moment: HeapMoment, group: list[PinningSite], returned: int
) -> dict[Measure, Interval]:
    wasted = _wasted_bytes(moment)
    used = sum(site.used_bytes for site in group)
    pinned = sum(site.pinned_bytes for site in group)
    low = max(returned * ARENA_BYTES - used - ARENA_BYTES, 0.0)
    return {"rss_bytes": Interval(low, max(low, min(pinned, wasted)), wasted)}


KIND = AdviceKind(
    NAME,
    title="few blocks hold whole arenas",
    precedence=110,
    find=find,
    independent=True,
    settled_by=frozenset({"chunk", "release-early", "leak"}),
)


def _line(context: Context, frame: CodeFrame) -> UserLine | None:
    place = frame.file, frame.line
    return next(
        (line for line in context.lines if (line.frame.file, line.frame.line) == place), None
    )


def _only_counts(context: Context, site: CodeFrame) -> bool:
    """Whether the statement keeps a number of all that it makes: there is nothing to copy then.

    Unless the numbers themselves are kept: `readings.append(level)`.
    """
    statement = context.statement(site)
    value = None if statement is None else getattr(statement.node, "value", None)
    if statement is None or not isinstance(value, ast.expr) or not is_number(value):
        return False
    name = named(statement)
    return not (name and why_kept(statement, name))


def _advice(
    context: Context, moment: HeapMoment, site: PinningSite, predicted: dict[Measure, Interval]
) -> Advice:
    line = _line(context, site.site)
    asking = site.site if line is None else context.asking(line)
    made_at = "this line" if asking == site.site else f"line {site.site.line}, made for this one,"
    when = "at the end" if moment.survey.moment == "end" else "after the peak"
    return Advice(
        kind=NAME,
        site=asking,
        stack=() if line is None else context.stacks.frames(line.node),
        summary=(
            f"{when}, {site.blocks:,} blocks of {made_at} ({bytes_text(site.used_bytes)}) hold"
            f" {site.arenas} of {len(moment.arenas)} arenas"
        ),
        facts=(
            measured("blocks", "of this line that survive", site.blocks, "blocks"),
            measured(
                "used_bytes",
                "that they take",
                site.used_bytes,
                "bytes",
                most=ArenaPinning.most_used_share * _wasted_bytes(moment),
            ),
            measured("arenas", "that they lie in", site.arenas, "arenas"),
            measured("arenas_alone", "in which nothing else lies", site.arenas_alone, "arenas"),
            measured("pinned_bytes", "of the arenas that they lie in", site.pinned_bytes, "bytes"),
            measured(
                "arenas_in_all",
                "that the program has",
                len(moment.arenas),
                "arenas",
                least=max(
                    moment.needed_arenas + ArenaPinning.least_arenas,
                    ArenaPinning.least_ratio * max(moment.needed_arenas, 1),
                ),
            ),
            measured(
                "arenas_needed", "that its blocks would fit into", moment.needed_arenas, "arenas"
            ),
            modelled("on_free_lists", "whether free lists may keep them", "no", decides=True),
        ),
        predicted=predicted,
        modelled=(
            "which blocks lie in which arenas is exact; that what is copied afterwards lies side by"
            " side is pymalloc's way"
        ),
        cost="a copy of what survives, once",
        confidence=0.85,
        fix=Fix(
            "copy what survives once the bulk is freed, or keep it in one block (bytes, an array),"
            " or make it before the bulk: copies lie side by side",
            change="when the bulk is freed, the source does not say",
        ),
    )
