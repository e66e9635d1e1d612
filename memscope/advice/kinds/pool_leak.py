"""Pools that go on making objects, because what is taken is not given back."""

from __future__ import annotations

import ast
from collections.abc import Sequence, Set
from enum import IntEnum

from memscope.advice.constructors import STEP_S
from memscope.advice.evidence import Case
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.pools import (
    GIVES,
    TAKES,
    PoolUse,
    gives_of,
    makes_objects,
    pool_uses,
    takers_of,
)
from memscope.advice.source import Statement, method_name, text_of

KIND = "pool-leak"

# Methods of a pool that make objects, but for nobody.
NOT_TAKING = {"init", "post_init", "fill", "prefill", "warm", "warm_up", "new", "", "close",
              "shutdown", "stop", "clear", "drain", "exit", "del", "empty", "qsize", "stats",
              "len"}  # fmt: skip
LEAST_OBJECTS = 50
LATE_SHARE = 0.1
NEEDLESS_SHARE = 0.5  # made to replace others, where windows do not tell when
GONE_SHARE = 0.75  # of what pools made at most live at once, if some went with their pools
# What a container or another owner gets, for longer than a call.
_KEEPING = {"append", "appendleft", "push", "heappush", "put", "put_nowait", "add", "insert",
            "setdefault", "register", "submit"}  # fmt: skip
_HANDING_OUT = ("/queue.py", "/threading.py", "/contextlib.py")
PASSING_BUCKETS = 3  # released before 256 bytes more had been allocated


def find(case: Case) -> Findings:
    """Lines that take from a pool and do not give back.

    Who takes and keeps makes others pay: the pool makes new objects for whoever comes next. So a
    pool is judged by what it makes late in the run, and its takers by how they give back.
    """
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    by_pool: dict[str, list[PoolUse]] = {}
    for use in pool_uses(case):
        if use.take.strip("_") not in NOT_TAKING:
            by_pool.setdefault(use.pool, []).extend(takers_of(case, use))
    for uses in filter(None, by_pool.values()):
        rows = [
            row
            for use in uses
            for row in use.blocks.rows
            if not _passing(case, row) and makes_objects(case, row)
        ]
        totals = case.capture.totals
        objects = _objects(case, rows)
        made = sum(totals.allocations[row] for row in objects)
        takers = _takers(case, uses)
        if made < LEAST_OBJECTS or not takers:
            continue
        late = _late_share(case, objects)
        heaviest = max(uses, key=lambda use: use.blocks.allocated_bytes)
        if late < LATE_SHARE:
            why = f"{uses[0].pool} made {made:,.0f} objects, nearly all of them early: it warms up"
            rejected.append(Rejected(KIND, heaviest.taker, why, 0.2))
            continue
        worst = max(way for _, way in takers)
        if worst is Way.ALWAYS:
            why = f"all that take from {uses[0].pool} give back: it is too small, or of no use"
            rejected.append(Rejected(KIND, heaviest.taker, why, 0.3))
            continue
        why = _needed(case, uses[0].pool, objects, passed_on=worst is Way.UNKNOWN)
        if why:
            rejected.append(Rejected(KIND, heaviest.taker, why, 0.2))
            continue
        blamed = [(use, way) for use, way in takers if way is worst]
        if worst < Way.SOMETIMES or len(blamed) == len(takers):
            # Nothing in them says that they keep what others give back: the one that had the pool
            # make most stands for all.
            blamed = [max(blamed, key=lambda item: item[0].blocks.allocations)]
        each = _seconds_each(case, uses, objects, made)
        advice.extend(_advice(case, use, way, objects, each, late) for use, way in blamed)
    return Findings(tuple(advice), tuple(rejected))


def _needed(case: Case, pool: str, objects: Sequence[int], *, passed_on: bool) -> str:
    """Why what a pool made was not made in place of what did not come back; "" if it was.

    `passed_on`: whether all that is known of the takers is that they pass it on.
    """
    totals = case.capture.totals
    made = sum(totals.allocations[row] for row in objects)
    most = sum(totals.max_live_blocks[row] for row in objects)
    pools = case.instances.get(pool.rpartition(".")[2], 0.0)
    if most <= GONE_SHARE * made and pools > 1 and made <= (1 + LATE_SHARE) * pools * most:
        return (
            f"{pool} made {made:,.0f} objects, up to {most:,.0f} for each of {pools:,.0f} pools:"
            " each warms up"
        )
    if passed_on and made - most < NEEDLESS_SHARE * made:
        return f"of {made:,.0f} objects that {pool} made, up to {most:,.0f} were in use at once"
    return ""


class Way(IntEnum):
    """How surely a function gives back what it takes, the surest first."""

    ALWAYS = 0
    UNLESS_IT_RAISES = 1
    UNKNOWN = 2
    SOMETIMES = 3
    NEVER = 4


def _takers(case: Case, uses: list[PoolUse]) -> list[tuple[PoolUse, Way]]:
    """Each line that takes, once, and how its function gives back."""
    found: dict[tuple[str, int], tuple[PoolUse, Way]] = {}
    for use in uses:
        statement = case.statement(use.taker)
        if use.take in GIVES or (statement is not None and _only_gives(statement)):
            continue
        way = Way.UNKNOWN if statement is None else _way(statement, gives_of(case, use.maker.file))
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
    later = [call for call in given if call.lineno >= statement.node.lineno]
    if not later:
        return Way.UNKNOWN if _passed_on(statement, gives) else Way.NEVER
    for node in ast.walk(scope):
        if isinstance(node, ast.Try) and any(
            part in given for item in node.finalbody for part in ast.walk(item)
        ):
            return Way.ALWAYS
    last = max(node.lineno for node in later)
    for node in ast.walk(scope):
        leaves = isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break)
        if leaves and statement.node.lineno < getattr(node, "lineno", 0) < last:
            return Way.SOMETIMES
        if isinstance(node, ast.If) and node.lineno > statement.node.lineno:
            for block in (node.body, node.orelse):
                inside = [part for item in block for part in ast.walk(item)]
                if any(part in later for part in inside) and not all(
                    any(part in given for item in other for part in ast.walk(item))
                    for other in (node.body, node.orelse)
                ):
                    return Way.SOMETIMES
    return Way.UNLESS_IT_RAISES


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
    for node in ast.walk(statement.scope):
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
        if any(isinstance(value, ast.Name) and value.id == target.id for value in kept):
            return True
    return False


def _calls_of(scope: ast.AST, names: Set[str]) -> set[ast.Call]:
    return {
        node
        for node in ast.walk(scope)
        if isinstance(node, ast.Call) and method_name(node) in names
    }


def _objects(case: Case, rows: list[int]) -> list[int]:
    """Of the rows of a pool those of the objects' largest blocks, one a call of its factory."""
    totals, classes = case.capture.totals, case.capture.tables.rows.size_class
    # A list that hands out shrinks as well: its blocks are resized, and no objects.
    made = [row for row in rows if totals.reallocations[row] < 0.5 * totals.allocations[row]]
    rows = made or rows
    sums: dict[int, float] = {}
    for row in rows:
        sums[classes[row]] = sums.get(classes[row], 0.0) + totals.allocated_bytes[row]
    largest = max(sums, key=lambda number: sums[number], default=-1)
    return [row for row in rows if classes[row] == largest]


def _seconds_each(
    case: Case, uses: Sequence[PoolUse], objects: Sequence[int], made: float
) -> float:
    """What it takes to make one: its largest block, and all else that its making allocates."""
    totals, stacks = case.capture.totals, case.measures.stacks
    size = sum(totals.allocated_bytes[row] for row in objects) / made
    blocks = 0.0
    for row in {row for use in uses for row in use.blocks.rows}:
        if not stacks.frame(case.measures.row_stacks[row]).file.endswith(_HANDING_OUT):
            blocks += totals.allocations[row]
    step_s = case.costs.small_allocation_s + STEP_S
    return max(blocks / made, 1.0) * step_s + case.costs.zeroing(size)


def _advice(
    case: Case, use: PoolUse, way: Way, objects: list[int], each: float, late: float
) -> Advice:
    totals = case.capture.totals
    statement = case.statement(use.taker)
    made = sum(totals.allocations[row] for row in objects)
    size = sum(totals.allocated_bytes[row] for row in objects) / made
    value = made * each
    most = sum(totals.max_live_blocks[row] for row in objects)
    predicted: dict[Measure, Interval] = {"cpu_s": Interval.around(value, 0.5, 4)}
    blocks = case.blocks(objects)
    stay = blocks.live_blocks > 0.5 * blocks.allocations
    if stay:
        saving = case.peak_saving([use.line], 0.9 * use.line.blocks.peak_bytes)
        predicted["peak_bytes"] = saving
    name = "it" if statement is None or statement.target is None else text_of(statement.target)
    gives = {
        Way.NEVER: "never gives back what it takes",
        Way.SOMETIMES: "does not give back on every way out",
        Way.UNLESS_IT_RAISES: "does not give back when an exception is raised",
    }.get(way, "takes what is not given back")
    return Advice(
        kind=KIND,
        site=use.taker,
        stack=case.heaviest_stack(use.blocks.rows, totals.allocated_bytes),
        summary=(
            f"{use.pool} still makes new objects late in the run, {made:,.0f} in all: this line's"
            f" function {gives}"
        ),
        evidence={
            "made": round(made),
            "made_needlessly": round(max(made - most, 0.0)),
            "late_share": late,
            "object_bytes": round(size),
            "live_blocks": round(blocks.live_blocks),
            "pool": use.pool,
        },
        predicted=predicted,
        modelled=(
            "objects made are measured; who does not give back is read from the source; that all"
            " could be handed out again is assumed"
        ),
        cost="none",
        confidence={Way.NEVER: 0.85, Way.SOMETIMES: 0.8, Way.UNLESS_IT_RAISES: 0.6}.get(way, 0.5),
        fix=Fix(
            "give back on every way out, also when an exception is raised",
            f"{name} = pool.{use.take}()\ntry:\n    ...\nfinally:\n    pool.release({name})",
        ),
    )


def _passing(case: Case, row: int) -> bool:
    """Whether the row's blocks go at once: bound methods and the like, not what a pool keeps."""
    counts = case.lifetimes_in_bytes.get(row)
    return counts is not None and sum(counts[:PASSING_BUCKETS]) > 0.5 * sum(counts)


def _late_share(case: Case, rows: list[int]) -> float:
    """The share of the rows' allocations in the second half of the run since the first of them.

    Halves are of what the program did, its events: at its end it may wait, or clear up. A window
    counts as late if all of it is: what straddles the middle may all have come before. Only the
    last is parted, as nothing after it says that the pool had done. Where windows cannot tell, the
    objects do: those that a pool warms up with stay, so that far more of them than ever lived at
    once were made to replace what did not come back.
    """
    ids = {row + 1 for row in rows}
    made = []
    for window in case.windows:
        counts = zip(window.row, window.allocations, strict=True)
        made.append((window, sum(count for row, count in counts if row in ids)))
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
    if late < LATE_SHARE * whole <= late + straddling:
        totals = case.capture.totals
        allocations = sum(totals.allocations[row] for row in rows)
        stayed = sum(totals.max_live_blocks[row] for row in rows)
        if stayed < (1 - NEEDLESS_SHARE) * allocations:
            late += straddling / 2
    return late / whole
