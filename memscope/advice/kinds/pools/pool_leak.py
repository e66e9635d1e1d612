"""Pools that go on making objects, because what is taken is not given back."""

from __future__ import annotations

import ast
from array import array
from collections.abc import Iterable, Iterator, Sequence, Set
from enum import IntEnum

from memscope.advice.context import Context
from memscope.advice.evidence.history import times_of
from memscope.advice.facts import assumed, measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.pools.recognition import (
    GIVES,
    TAKES,
    PoolUse,
    gives_of,
    makes_objects,
    pool_uses,
    takers_of,
)
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.policy import PoolLeak
from memscope.advice.program.expressions import code_of, is_name, method_name
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk
from memscope.capture.columns import gathered, only_where, scatter, total, zeros
from memscope.capture.format import LIFETIME_BYTE_BUCKETS

NAME = "pool-leak"

# Methods of a pool that make objects, but for nobody.
NOT_TAKING = {"init", "post_init", "fill", "prefill", "warm", "warm_up", "new", "", "close",
              "shutdown", "stop", "clear", "drain", "exit", "del", "empty", "qsize", "stats",
              "len"}  # fmt: skip
# What a container or another owner gets, for longer than a call.
_KEEPING = {"append", "appendleft", "push", "heappush", "put", "put_nowait", "add", "insert",
            "setdefault", "register", "submit"}  # fmt: skip
_HANDING_OUT = ("/queue.py", "/threading.py", "/contextlib.py")
PASSING_BUCKETS = 3  # released before 256 bytes more had been allocated


def find(context: Context) -> Findings:
    """Lines that take from a pool and do not give back.

    Who takes and keeps makes others pay: the pool makes new objects for whoever comes next. So a
    pool is evaluated by what it makes late in the run, and its takers by how they give back.
    """
    by_pool: dict[str, list[PoolUse]] = {}
    for use in pool_uses(context):
        if use.take.strip("_") not in NOT_TAKING:
            by_pool.setdefault(use.pool, []).extend(takers_of(context, use))
    found = (_of_pool(context, uses) for uses in by_pool.values() if uses)
    return Findings.of(item for items in found for item in items)


def _of_pool(context: Context, uses: list[PoolUse]) -> Iterator[Advice | Rejected]:
    rows = [row for use in uses for row in _made_rows(context, use)]
    totals, pool = context.capture.totals, uses[0].pool
    objects = _objects(context, rows)
    made = sum(totals.allocations[row] for row in objects)
    takers = _takers(context, uses)
    if made < PoolLeak.least_objects or not takers:
        return
    late = _late_share(context, objects)
    heaviest = max(uses, key=lambda use: use.blocks.allocated_bytes).taker
    worst = max(way for _, way in takers)
    if late < PoolLeak.late_share:
        why = f"{pool} made {made:,.0f} objects, nearly all of them early: it warms up"
        yield Rejected(NAME, heaviest, why, 0.2)
    elif worst is Way.ALWAYS:
        why = f"all that take from {pool} give back: it is too small, or of no use"
        yield Rejected(NAME, heaviest, why, 0.3)
    elif why := _needed(context, pool, objects, passed_on=worst is Way.UNKNOWN):
        yield Rejected(NAME, heaviest, why, 0.2)
    else:
        blamed = [(use, way) for use, way in takers if way is worst]
        if worst < Way.SOMETIMES or len(blamed) == len(takers):
            # Nothing in them says that they keep what others give back: the one that had the pool
            # make most stands for all.
            blamed = [max(blamed, key=lambda item: item[0].blocks.allocations)]
        each = _seconds_each(context, uses, objects, made)
        for use, way in blamed:
            yield _advice(context, use, way, objects, each, late)


KIND = AdviceKind(NAME, title="give back what is taken", precedence=10, find=find)


def _needed(context: Context, pool: str, objects: Sequence[int], *, passed_on: bool) -> str:
    """Why what a pool made was not made in place of what did not come back; "" if it was.

    `passed_on`: whether all that is known of the takers is that they pass it on.
    """
    totals = context.capture.totals
    made = sum(totals.allocations[row] for row in objects)
    most = sum(totals.max_live_blocks[row] for row in objects)
    pools = context.objects.instances.get(pool.rpartition(".")[2], 0.0)
    if (
        most <= PoolLeak.gone_share * made
        and pools > 1
        and made <= (1 + PoolLeak.late_share) * pools * most
    ):
        return (
            f"{pool} made {made:,.0f} objects, up to {most:,.0f} for each of {pools:,.0f} pools:"
            " each warms up"
        )
    if passed_on and made - most < PoolLeak.needless_share * made:
        return f"of {made:,.0f} objects that {pool} made, up to {most:,.0f} were in use at once"
    return ""


class Way(IntEnum):
    """How surely a function gives back what it takes, the surest first."""

    ALWAYS = 0
    UNLESS_IT_RAISES = 1
    UNKNOWN = 2
    SOMETIMES = 3
    NEVER = 4


def _takers(context: Context, uses: list[PoolUse]) -> list[tuple[PoolUse, Way]]:
    """Each line that takes, once, and how its function gives back."""
    found: dict[tuple[str, int], tuple[PoolUse, Way]] = {}
    for use in uses:
        statement = context.statement(use.taker)
        if use.take in GIVES or (statement is not None and _only_gives(statement)):
            continue
        way = (
            Way.UNKNOWN if statement is None else _way(statement, gives_of(context, use.maker.file))
        )
        found.setdefault((use.taker.file, use.taker.line), (use, way))
    return list(found.values())


def _only_gives(statement: Statement) -> bool:
    names = {method_name(call) for call in statement.calls()}
    return bool(names & GIVES) and not names & TAKES


def _way(statement: Statement, gives: Set[str]) -> Way:
    if isinstance(statement.node, ast.With | ast.AsyncWith):
        return Way.ALWAYS
    if isinstance(statement.node, ast.Return):
        return Way.UNKNOWN
    scope = statement.scope
    given = _calls_of(scope, gives)
    later = {call for call in given if call.lineno >= statement.node.lineno}
    if not later:
        return Way.UNKNOWN if _passed_on(statement, gives) else Way.NEVER
    if any(isinstance(node, ast.Try) and _has(node.finalbody, given) for node in walk(scope)):
        return Way.ALWAYS
    skipped = _may_be_skipped(statement, later, given)
    return Way.SOMETIMES if skipped else Way.UNLESS_IT_RAISES


def _may_be_skipped(statement: Statement, later: Set[ast.AST], given: Set[ast.AST]) -> bool:
    """Whether a way through the function leaves out what gives back."""
    first, last = statement.node.lineno, max(getattr(call, "lineno", 0) for call in later)
    return any(
        (_leaves(node) and first < getattr(node, "lineno", 0) < last)
        or (isinstance(node, ast.If) and node.lineno > first and _in_one_branch(node, later, given))
        for node in walk(statement.scope)
    )


def _leaves(node: ast.AST) -> bool:
    return isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break)


def _in_one_branch(node: ast.If, later: Set[ast.AST], given: Set[ast.AST]) -> bool:
    """Whether a branch gives back what was taken before, and not each does."""
    branches = node.body, node.orelse
    return any(_has(branch, later) for branch in branches) and not all(
        _has(branch, given) for branch in branches
    )


def _has(body: Iterable[ast.stmt], calls: Set[ast.AST]) -> bool:
    return any(part in calls for item in body for part in walk(item))


def _passed_on(statement: Statement, gives: Set[str]) -> bool:
    """Whether what was taken outlives the call by its source: then others have to give it back.

    In an attribute, for another method of the class that does; in a container, or with a caller.
    """
    target = statement.target
    if isinstance(target, ast.Attribute):
        owner = statement.enclosing_class
        return owner is not None and bool(_calls_of(owner, gives))
    if not isinstance(target, ast.Name):
        return False
    for node in walk(statement.scope):
        kept: list[ast.expr | None] = []
        if isinstance(node, ast.Return | ast.Yield):
            kept = [node.value]
        elif isinstance(node, ast.Call) and method_name(node) in _KEEPING:
            kept = [*node.args]
        elif isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Attribute | ast.Subscript) for to in node.targets
        ):
            kept = [node.value]
        kept += [item for value in kept if isinstance(value, ast.Tuple) for item in value.elts]
        if any(is_name(value, target.id) for value in kept):
            return True
    return False


def _calls_of(scope: ast.AST, names: Set[str]) -> set[ast.Call]:
    return {
        node for node in walk(scope) if isinstance(node, ast.Call) and method_name(node) in names
    }


def _objects(context: Context, rows: list[int]) -> list[int]:
    """Of the rows of a pool those of the objects' largest blocks, one a call of its factory."""
    totals, classes = context.capture.totals, context.capture.tables.rows.size_class
    # A list that hands out shrinks as well: its blocks are resized, and no objects.
    made = [
        row
        for row in rows
        if totals.reallocations[row] < PoolLeak.most_resized_share * totals.allocations[row]
    ]
    rows = made or rows
    sums: dict[int, float] = {}
    for row in rows:
        sums[classes[row]] = sums.get(classes[row], 0.0) + totals.allocated_bytes[row]
    largest = max(sums, key=lambda number: sums[number], default=-1)
    return [row for row in rows if classes[row] == largest]


def _made_rows(context: Context, use: PoolUse) -> list[int]:
    return [
        row for row in use.blocks.rows if not _passing(context, row) and makes_objects(context, row)
    ]


def _seconds_each(
    context: Context, uses: Sequence[PoolUse], objects: Sequence[int], made: float
) -> float:
    """What it takes to make one: its largest block, and all else that its making allocates."""
    totals, stacks = context.capture.totals, context.measures.stacks
    size = sum(totals.allocated_bytes[row] for row in objects) / made
    blocks = 0.0
    for row in {row for use in uses for row in use.blocks.rows}:
        if not stacks.frame(context.measures.row_stacks[row]).file.endswith(_HANDING_OUT):
            blocks += totals.allocations[row]
    step_s = context.costs.allocating_step_s
    return max(blocks / made, 1.0) * step_s + context.costs.zeroing(size)


def _advice(
    context: Context, use: PoolUse, way: Way, objects: list[int], each: float, late: float
) -> Advice:
    totals = context.capture.totals
    statement = context.statement(use.taker)
    made = sum(totals.allocations[row] for row in objects)
    size = sum(totals.allocated_bytes[row] for row in objects) / made
    value = made * each
    most = sum(totals.max_live_blocks[row] for row in objects)
    predicted: dict[Measure, Interval] = {"cpu_s": Interval.around(value, 0.5, 4)}
    blocks = context.rows.blocks(objects)
    # Else those that did not come back were dropped, and make no peak.
    if blocks.peak_blocks > PoolLeak.least_stay_share * blocks.allocations:
        making = [line for line in context.lines if line.frame == use.maker] or [use.line]
        predicted["peak_bytes"] = context.peak.saving(making, 0.9 * use.blocks.peak_bytes)
    sizes = context.rows.sizes(_made_rows(context, use))
    differ = way <= Way.UNLESS_IT_RAISES and len(sizes) >= PoolLeak.many_sizes
    gives = (
        "gives back what is of another size than what is asked for next"
        if differ
        else {
            Way.NEVER: "never gives back what it takes",
            Way.SOMETIMES: "does not give back on every way out",
            Way.UNLESS_IT_RAISES: "does not give back when an exception is raised",
        }.get(way, "takes what is not given back")
    )
    return Advice(
        kind=NAME,
        site=use.taker,
        stack=context.stacks.heaviest(use.blocks.rows, totals.allocated_bytes),
        summary=(
            f"{use.pool} still makes new objects late in the run, {made:,.0f} in all: this line's"
            f" function {gives}"
        ),
        facts=(
            measured(
                "made", "that the pool made", round(made), "objects", least=PoolLeak.least_objects
            ),
            measured(
                "made_needlessly",
                "beyond the most in use at once",
                round(max(made - most, 0.0)),
                "objects",
                decides=way is Way.UNKNOWN,
            ),
            measured(
                "late_share",
                "of them in the second half since the first",
                late,
                "share",
                least=PoolLeak.late_share,
            ),
            measured("object_bytes", "of the largest block of each", round(size), "bytes"),
            measured("peak_blocks", "of them at the peak", round(blocks.peak_blocks), "blocks"),
            *(
                (measured("sizes", "of what it makes", len(sizes), "size classes"),)
                if differ
                else ()
            ),
            read("pool", "what makes them", use.pool),
            read("gives_back", "what the line's function does", gives),
            assumed("fit", "whether each could be handed out again", "yes"),
        ),
        predicted=predicted,
        modelled=(
            "objects made are measured; who does not give back is read from the source; that all"
            " could be handed out again is assumed"
        ),
        cost="none",
        confidence={Way.NEVER: 0.85, Way.SOMETIMES: 0.8, Way.UNLESS_IT_RAISES: 0.6}.get(way, 0.5),
        fix=Fix(
            "keep objects of a few sizes, each as large as any that is asked for, or no more than a"
            " few in all"
            if differ
            else "give back on every way out, also when an exception is raised",
            "" if differ else _returning(context, use, statement),
            change="where it is done with, the source does not say for sure",
        ),
    )


def _returning(context: Context, use: PoolUse, statement: Statement | None) -> str:
    """The statement that takes, with one that gives back whatever happens, as code."""
    target = None if statement is None else statement.target
    source = context.sources.of(use.maker.file)
    if statement is None or target is None or source is None:
        return ""
    made = source.classes.get(use.pool.rpartition(".")[2])
    gives = gives_of(context, use.maker.file)
    methods = [] if made is None else [getattr(item, "name", "") for item in made.body]
    give = next((name for name in methods if name in gives and name != use.take), "")
    taken = next((call for call in statement.calls() if method_name(call) == use.take), None)
    if not give or taken is None or not isinstance(taken.func, ast.Attribute):
        return ""
    name, pool = code_of(target), code_of(taken.func.value)
    return f"{name} = {code_of(taken)}\ntry:\n    ...\nfinally:\n    {pool}.{give}({name})"


def _passing(context: Context, row: int) -> bool:
    """Whether the row's blocks go at once: bound methods and the like, not what a pool keeps."""
    passing = context.rows.released_after(0, PASSING_BUCKETS)[row]
    released = context.rows.released_after(0, LIFETIME_BYTE_BUCKETS)[row]
    return passing > PoolLeak.most_passing_share * released


def _late_share(context: Context, rows: list[int]) -> float:
    """The share of the rows' allocations in the second half of the run since the first of them.

    Halves are of what the program did, its events: at its end it may wait, or clear up. A window
    counts as late if all of it is: what straddles the middle may all have come before. Only the
    last is parted, as nothing after it says that the pool had done. Where windows cannot tell, the
    objects do: those that a pool warms up with stay, so that far more of them than ever lived at
    once were made to replace what did not come back.
    """
    is_one = zeros("B", len(context.measures.row_stacks) + 1)  # row ids count from 1
    scatter(is_one, array("I", (row + 1 for row in rows)), b"\1" * len(rows))
    made = [
        (times_of(window), total(only_where(window.allocations, gathered(is_one, window.row))))
        for window in context.history.each_at_work()
    ]
    first = next((window for window, count in made if count), None)
    if first is None:
        return 0.0
    whole = sum(count for _, count in made)
    half = (first.first_event + made[-1][0].last_event) / 2
    late = sum(count for window, count in made if window.first_event >= half)
    last, count = made[-1]
    if last.first_event < half < last.last_event:
        late += count * (last.last_event - half) / (last.last_event - last.first_event)
    straddling = sum(
        count for window, count in made if window.first_event < half < window.last_event
    )
    if late < PoolLeak.late_share * whole <= late + straddling:
        totals = context.capture.totals
        allocations = sum(totals.allocations[row] for row in rows)
        stayed = sum(totals.max_live_blocks[row] for row in rows)
        if stayed < (1 - PoolLeak.needless_share) * allocations:
            late += straddling / 2
    return late / whole
