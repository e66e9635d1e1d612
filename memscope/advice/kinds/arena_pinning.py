"""A few small blocks that keep whole arenas of pymalloc from going back to the kernel.

An arena of 1 MiB is returned when none of its blocks is left. Survivors of a bulk that was freed
lie strewn over the arenas it needed: 105 of them, 46 KB, were measured to keep 88 MB.
"""

from __future__ import annotations

import ast

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.source import Statement, is_number, method_name
from memscope.analysis.fragmentation import HeapMoment, PinningSite, find_fragmentation
from memscope.analysis.origins import Origin
from memscope.capture.model import CodeFrame

KIND = "arena-pinning"

ARENA_BYTES = 1 << 20
LEAST_ARENAS = 8  # more than the blocks would need side by side
LEAST_RATIO = 2.0
MOST_USED_SHARE = 0.1  # of what is wasted, what the blocks of a line take themselves
LEAST_PINNED_SHARE = 0.3
MOST_SITES = 6
# What a task waits for, and its context (Modules/_asynciomodule.c, Python/context.c).
FREE_LISTS_OF_TASKS = {48: 255, 64: 255}
FREE_TUPLES = 2000  # of each length up to 20 (Objects/tupleobject.c)
TUPLE_BYTES = 40  # with the collector's header, and without its items
_GIVE_TUPLES = {"zip", "items", "enumerate", "groups", "most_common", "fetchall", "fetchone",
                "tuple", "unpack", "pairwise", "combinations", "product", "partition",
                "rpartition", "divmod", "itemgetter", "attrgetter"}  # fmt: skip
STRAY_BLOCKS = 16  # of any one size: bound methods, last keys
# The interpreter keeps freed objects for the next ones: 100 floats, 80 lists, 80 dictionaries and
# 80 of their key tables (Objects/floatobject.c, listobject.c, dictobject.c). Their memory counts
# as in use, and is nobody's to copy. By size class in bytes, as pymalloc rounds them.
FREE_LISTS = {32: 100, 64: 160, 128: 80}


def find(case: Case) -> Findings:
    """Lines whose few survivors hold many arenas."""
    fragmentation = find_fragmentation(case.measures)
    if not fragmentation.pymalloc:
        why = f"small requests were served by {fragmentation.allocator}, which has no arenas"
        return Findings(rejected=(Rejected(KIND, None, why),))
    moment = fragmentation.worst
    if moment is None:
        why = "the capture does not say which arenas its blocks lie in"
        return Findings(rejected=(Rejected(KIND, None, why),))
    arenas, needed = len(moment.arenas), moment.needed_arenas
    if arenas - needed < LEAST_ARENAS or arenas < LEAST_RATIO * max(needed, 1):
        why = f"{arenas} arenas hold what would fit into {needed}: no more than usual"
        return Findings(rejected=(Rejected(KIND, None, why),))
    wasted = (arenas - needed) * ARENA_BYTES
    # Lines whose blocks lie in the same arenas hold them together: the one with most of the bytes
    # stands for them.
    group: list[PinningSite] = []
    for site in moment.sites[:MOST_SITES]:
        if site.origin is not Origin.OWN or site.used_bytes > MOST_USED_SHARE * wasted:
            break
        group.append(site)
        if site.returned_so_far * ARENA_BYTES >= LEAST_PINNED_SHARE * wasted:
            break
    if not group:
        top = moment.sites[0] if moment.sites else None
        why = "what lies in the arenas is much, or none of your own code's"
        return Findings(rejected=(Rejected(KIND, top.site if top else None, why, 0.3),))
    real = [site for site in group if not _may_be_free_lists(case, site)]
    chosen = max(real or group, key=lambda site: site.used_bytes)
    if not real:
        why = "they may be the freed objects that the interpreter keeps for the next ones"
        return Findings(rejected=(Rejected(KIND, chosen.site, why, 0.4),))
    if _only_counts(case, chosen.site):
        why = "its result is a number: what survives is held within what it calls"
        return Findings(rejected=(Rejected(KIND, chosen.site, why, 0.4),))
    used = sum(site.used_bytes for site in group)
    low = max(group[-1].returned_so_far * ARENA_BYTES - used - ARENA_BYTES, 0.0)
    pinned = sum(site.pinned_bytes for site in group)
    predicted: dict[Measure, Interval] = {
        "rss_bytes": Interval(low, max(low, min(pinned, wasted)), wasted)
    }
    if not case.pays(predicted):
        why = "others' blocks lie in the same arenas: without its own few would be returned"
        return Findings(rejected=(Rejected(KIND, chosen.site, why, 0.4),))
    return Findings((_advice(case, moment, chosen, predicted),))


def _line(case: Case, frame: CodeFrame) -> Line | None:
    place = frame.file, frame.line
    return next((line for line in case.lines if (line.frame.file, line.frame.line) == place), None)


def _may_be_free_lists(case: Case, site: PinningSite) -> bool:
    """Whether what survives is of the sizes and as few as the interpreter's free lists hold."""
    line = _line(case, site.site)
    if line is not None and line.blocks.released < 0.5 * line.blocks.allocations:
        return False  # what is left is no rest of many
    tuples = _sizes_of_tuples(case.statement(site.site))
    tasks = FREE_LISTS_OF_TASKS if line is not None and _runs_tasks(case, line) else {}
    kept = {
        size: max(
            FREE_LISTS.get(size, 0) + tasks.get(size, 0), FREE_TUPLES if size in tuples else 0
        )
        for size, _ in site.blocks_by_size
    }
    return all(blocks <= kept[size] + STRAY_BLOCKS for size, blocks in site.blocks_by_size)


def _runs_tasks(case: Case, line: Line) -> bool:
    stack = case.heaviest_stack(line.rows, case.capture.totals.allocated_bytes)
    return any("/asyncio/" in frame.file for frame in stack)


def _sizes_of_tuples(statement: Statement | None) -> set[int]:
    """Size classes of the tuples that a statement makes, as far as it shows."""
    if statement is None:
        return set()
    lengths: set[int] = set()
    for node in statement.walk():
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
            lengths.add(len(node.elts))
        if isinstance(node, ast.Call) and method_name(node) in _GIVE_TUPLES:
            lengths.update(range(1, 20))
    if isinstance(statement.node, ast.For | ast.AsyncFor):
        # What it goes through is made while it is gone through: `for key, value in it`.
        target = statement.node.target
        lengths.update({len(target.elts)} if isinstance(target, ast.Tuple) else ())
    return {-(-(TUPLE_BYTES + 8 * length) // 16) * 16 for length in lengths}


def _only_counts(case: Case, site: CodeFrame) -> bool:
    """Whether the statement keeps a number of all that it makes: there is nothing to copy then."""
    statement = case.statement(site)
    value = None if statement is None else getattr(statement.node, "value", None)
    return isinstance(value, ast.expr) and is_number(value)


def _advice(
    case: Case, moment: HeapMoment, site: PinningSite, predicted: dict[Measure, Interval]
) -> Advice:
    line = _line(case, site.site)
    when = "at the end" if moment.survey.moment == "end" else "after the peak"
    return Advice(
        kind=KIND,
        site=site.site,
        stack=() if line is None else case.stack(line.node),
        summary=(
            f"{when}, {site.blocks:,} blocks of this line ({site.used_bytes / 1024:,.0f} KiB) hold"
            f" {site.arenas} of {len(moment.arenas)} arenas"
        ),
        evidence={
            "blocks": site.blocks,
            "used_bytes": site.used_bytes,
            "arenas": site.arenas,
            "arenas_alone": site.arenas_alone,
            "pinned_bytes": site.pinned_bytes,
            "arenas_in_all": len(moment.arenas),
            "arenas_needed": moment.needed_arenas,
        },
        predicted=predicted,
        modelled=(
            "which blocks lie in which arenas is exact; that what is copied afterwards lies side by"
            " side is pymalloc's way"
        ),
        cost="a copy of what survives, once",
        confidence=0.85 if site.arenas_alone or site.returned_so_far else 0.6,
        fix=Fix(
            "copy what survives once the bulk is freed, or keep it in one block (bytes, an array),"
            " or make it before the bulk",
            "del bulk  # first\nkept = pickle.loads(pickle.dumps(kept))  # copies, side by side",
        ),
    )
