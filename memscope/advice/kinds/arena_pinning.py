"""A few small blocks that keep whole arenas of pymalloc from going back to the kernel.

An arena of 1 MiB is returned when none of its blocks is left. Survivors of a bulk that was freed
lie strewn over the arenas it needed: 105 of them, 46 KB, were measured to keep 88 MB.
"""

from __future__ import annotations

import ast

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import measured, modelled
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.policy import ArenaPinning
from memscope.advice.program.expressions import is_number, method_name
from memscope.advice.program.statements import Statement
from memscope.analysis.fragmentation import HeapMoment, PinningSite, find_fragmentation
from memscope.analysis.origins import Origin
from memscope.analysis.units import bytes_text
from memscope.capture.model import CodeFrame

NAME = "arena-pinning"

ARENA_BYTES = 1 << 20
# What a task waits for, and its context (Modules/_asynciomodule.c, Python/context.c).
FREE_LISTS_OF_TASKS = {48: 255, 64: 255}
FREE_TUPLES = 2000  # of each length up to 20 (Objects/tupleobject.c)
TUPLE_BYTES = 40  # with the collector's header, and without its items
_GIVE_TUPLES = {"zip", "items", "enumerate", "groups", "most_common", "fetchall", "fetchone",
                "tuple", "unpack", "pairwise", "combinations", "product", "partition",
                "rpartition", "divmod", "itemgetter", "attrgetter"}  # fmt: skip
LONGEST_FREE_TUPLE = 20
# The interpreter keeps freed objects for the next ones: 100 floats, 80 lists, 80 dictionaries and
# 80 of their key tables (Objects/floatobject.c, listobject.c, dictobject.c). Their memory counts
# as in use, and is nobody's to copy. By size class in bytes, as pymalloc rounds them.
FREE_LISTS = {32: 100, 64: 160, 128: 80}


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
        return Findings(rejected=(Rejected(NAME, None, why),))
    found = _evaluate(context, moment)
    if isinstance(found, Rejected):
        return Findings(rejected=(found,))
    return Findings((found,))


def _why_as_usual(moment: HeapMoment) -> str:
    arenas, needed = len(moment.arenas), moment.needed_arenas
    if arenas - needed >= ArenaPinning.least_arenas and arenas >= ArenaPinning.least_ratio * max(
        needed, 1
    ):
        return ""
    return f"{arenas} arenas hold what would fit into {needed}: no more than usual"


def _evaluate(context: Context, moment: HeapMoment) -> Advice | Rejected:
    group = _holding_together(moment)
    if not group:
        top = moment.sites[0] if moment.sites else None
        why = "what lies in the arenas is much, or none of your own code's"
        return Rejected(NAME, top.site if top else None, why, 0.3)
    real = [site for site in group if not _may_be_free_lists(context, site)]
    chosen = max(real or group, key=lambda site: site.used_bytes)
    predicted = _predicted(moment, group)
    why = ""
    if not real:
        why = "they may be the freed objects that the interpreter keeps for the next ones"
    elif _only_counts(context, chosen.site):
        why = "its result is a number: what survives is held within what it calls"
    elif not context.whole.pays(predicted):
        why = "others' blocks lie in the same arenas: without its own few would be returned"
    if why:
        return Rejected(NAME, chosen.site, why, 0.4)
    return _advice(context, moment, chosen, predicted)


def _wasted_bytes(moment: HeapMoment) -> int:
    return (len(moment.arenas) - moment.needed_arenas) * ARENA_BYTES


def _holding_together(moment: HeapMoment) -> list[PinningSite]:
    """Lines whose blocks lie in the same arenas: the one with most of the bytes stands for them."""
    wasted = _wasted_bytes(moment)
    group: list[PinningSite] = []
    for site in moment.sites[: ArenaPinning.most_sites]:
        if site.origin is not Origin.OWN or site.used_bytes > ArenaPinning.most_used_share * wasted:
            break
        group.append(site)
        if site.returned_so_far * ARENA_BYTES >= ArenaPinning.least_pinned_share * wasted:
            break
    return group


def _predicted(moment: HeapMoment, group: list[PinningSite]) -> dict[Measure, Interval]:
    wasted = _wasted_bytes(moment)
    used = sum(site.used_bytes for site in group)
    pinned = sum(site.pinned_bytes for site in group)
    low = max(group[-1].returned_so_far * ARENA_BYTES - used - ARENA_BYTES, 0.0)
    return {"rss_bytes": Interval(low, max(low, min(pinned, wasted)), wasted)}


KIND = AdviceKind(
    NAME, title="few blocks hold whole arenas", precedence=110, find=find, independent=True
)


def _line(context: Context, frame: CodeFrame) -> UserLine | None:
    place = frame.file, frame.line
    return next(
        (line for line in context.lines if (line.frame.file, line.frame.line) == place), None
    )


def _may_be_free_lists(context: Context, site: PinningSite) -> bool:
    """Whether what survives is of the sizes and as few as the interpreter's free lists hold."""
    line = _line(context, site.site)
    if (
        line is not None
        and line.blocks.released < ArenaPinning.most_left_share * line.blocks.allocations
    ):
        return False  # what is left is no rest of many
    tuples = _sizes_of_tuples(context.statement(site.site))
    if line is not None and _survive_within_libraries(context, line):
        tuples = set(map(_size_of_tuple, range(1, LONGEST_FREE_TUPLE + 1)))
    tasks = FREE_LISTS_OF_TASKS if line is not None and _runs_tasks(context, line) else {}
    kept = {
        size: max(
            FREE_LISTS.get(size, 0) + tasks.get(size, 0), FREE_TUPLES if size in tuples else 0
        )
        for size, _ in site.blocks_by_size
    }
    others = sum(
        max(blocks - kept[size] - ArenaPinning.stray_blocks, 0)
        for size, blocks in site.blocks_by_size
    )
    return others <= ArenaPinning.most_others_share * site.blocks


def _survive_within_libraries(context: Context, line: UserLine) -> bool:
    """Whether what is left was mostly made by libraries: what they make of it is not known here."""
    stacks, of = context.measures.stacks, context.measures.row_stacks
    live = context.measures.live_blocks
    small = context.rows.small(line.rows)
    within = sum(live[row] for row in small if stacks.own[of[row]] != of[row])
    return within > ArenaPinning.least_library_share * sum(live[row] for row in small)


def _runs_tasks(context: Context, line: UserLine) -> bool:
    stack = context.stacks.heaviest(line.rows, context.capture.totals.allocated_bytes)
    return any("/asyncio/" in frame.file for frame in stack)


def _sizes_of_tuples(statement: Statement | None) -> set[int]:
    """Size classes of the tuples that a statement makes, as far as it shows."""
    if statement is None:
        return set()
    lengths: set[int] = set()
    for node in statement.walk():
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
            lengths.add(len(node.elts))
        if isinstance(node, ast.Call):
            # A function may take what it is given as a tuple: `def submit(self, *given)`.
            lengths.update(range(1, len(node.args) + 1))
            if method_name(node) in _GIVE_TUPLES:
                lengths.update(range(1, LONGEST_FREE_TUPLE + 1))
    if isinstance(statement.node, ast.For | ast.AsyncFor):
        # What it goes through is made while it is gone through: `for key, value in it`.
        target = statement.node.target
        lengths.update({len(target.elts)} if isinstance(target, ast.Tuple) else ())
    return set(map(_size_of_tuple, lengths))


def _size_of_tuple(length: int) -> int:
    return -(-(TUPLE_BYTES + 8 * length) // 16) * 16


def _only_counts(context: Context, site: CodeFrame) -> bool:
    """Whether the statement keeps a number of all that it makes: there is nothing to copy then."""
    statement = context.statement(site)
    value = None if statement is None else getattr(statement.node, "value", None)
    return isinstance(value, ast.expr) and is_number(value)


def _advice(
    context: Context, moment: HeapMoment, site: PinningSite, predicted: dict[Measure, Interval]
) -> Advice:
    line = _line(context, site.site)
    when = "at the end" if moment.survey.moment == "end" else "after the peak"
    return Advice(
        kind=NAME,
        site=site.site,
        stack=() if line is None else context.stacks.frames(line.node),
        summary=(
            f"{when}, {site.blocks:,} blocks of this line ({bytes_text(site.used_bytes)}) hold"
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
        confidence=0.85 if site.arenas_alone or site.returned_so_far else 0.6,
        fix=Fix(
            "copy what survives once the bulk is freed, or keep it in one block (bytes, an array),"
            " or make it before the bulk: copies lie side by side",
            change="when the bulk is freed, the source does not say",
        ),
    )
