"""Pools that cost more than they save: of small objects, or holding more than is ever used.

CPython's free lists and pymalloc are a pool already: to make a small object takes 0.1 to 0.3 µs; to
take one from a pool with a lock 0.8 to 1.4 µs, from a queue 2 to 4 µs.
"""

from __future__ import annotations

import ast

from memscope.advice.constructors import is_known, likely_calls
from memscope.advice.evidence import Case
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.pools import GIVES, PoolUse, gives_of, makes_objects, pool_uses
from memscope.advice.poolsource import takes_from
from memscope.advice.source import Statement, method_name, text_of
from memscope.analysis.origins import Origin
from memscope.capture.model import CodeFrame

KIND = "over-pooled"

SMALL_BYTES = 1024
LEAST_IDLE_BYTES = 1 << 20
LEAST_OBJECTS = 8
LEAST_ASKED = 5000
NOTABLE_BYTES = 64 << 10
MOST_CPU_SHARE = 0.9
_FILLS = {"__init__", "__post_init__", "fill", "prefill", "warm", "_fill"}
_CHEAP = {"StringIO", "BytesIO", "list", "dict", "set", "deque", "object", "SimpleNamespace",
          "Counter", "array"}  # fmt: skip


def find(case: Case) -> Findings:
    """Pools that would better not be there, or be smaller."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    by_pool: dict[tuple[str, str], list[PoolUse]] = {}
    for use in pool_uses(case):
        by_pool.setdefault((use.maker.file, use.pool), []).append(use)
    for uses in by_pool.values():
        found = _judge(case, uses)
        if isinstance(found, Advice):
            advice.append(found)
        elif found is not None:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _judge(case: Case, uses: list[PoolUse]) -> Advice | Rejected | None:
    objects = _objects(case, uses)
    if objects is None:
        return None
    use, maker, rows = objects
    totals = case.capture.totals
    count = max(totals.max_live_blocks[row] for row in rows)
    kept = [row for row in rows if totals.max_live_blocks[row] >= 0.5 * count]
    size = sum(_held_bytes(case, row) for row in kept) / count
    blocks = case.blocks(rows)
    idle = blocks.peak_bytes
    asked, by_library = _asked(case, uses)
    statement = case.statement(maker)
    if size > SMALL_BYTES:
        if use.take not in _FILLS or idle < LEAST_IDLE_BYTES:
            return None
        return Rejected(
            KIND,
            maker,
            f"{use.pool} holds {count:,.0f} objects, {idle / 1e6:.1f} MB: how many of them are"
            " ever in use at once is not in the capture",
            0.4,
        )
    if not _is_cheap(case, maker, statement, known=count < LEAST_OBJECTS):
        return None
    if count < LEAST_OBJECTS and asked < LEAST_ASKED:
        return None
    made = _what(statement.node if statement is not None else None)
    api_s = 1e-6 if _locks(case, maker) else 0.4e-6
    cost_s = case.costs.small_allocation_s * blocks.allocations / max(count, 1)
    predicted: dict[Measure, Interval] = {}
    if idle >= NOTABLE_BYTES or not asked:
        # What it keeps them in goes with them.
        predicted["peak_bytes"] = Interval(0.5 * idle, idle, 2 * idle)
    if asked:
        asking_s = case.costs.queue_s if by_library else api_s
        cost_s = min(cost_s, asking_s / 2)
        saved = asked * (asking_s - cost_s)
        most = MOST_CPU_SHARE * case.whole.cpu_s
        predicted["cpu_s"] = Interval(
            min(0.5 * saved, most), min(saved, most), min(2 * saved, most)
        )
    return Advice(
        kind=KIND,
        site=_site(case, use, maker),
        stack=case.heaviest_stack(rows, totals.allocated_bytes),
        summary=(
            f"{use.pool} keeps {count:,.0f} objects of {size:.0f} bytes: to make one anew takes"
            f" less time than to take it from a pool"
        ),
        evidence={
            "objects": round(count),
            "object_bytes": round(size),
            "idle_bytes": round(idle),
            "pool": use.pool,
            "pool_seconds_each": api_s,
            "make_seconds_each": cost_s,
            "asked": round(asked) if asked else "unknown",
        },
        predicted=predicted,
        modelled=(
            "objects, bytes, and how often the pool is asked are measured; seconds are modelled by"
            f" what {'a queue takes on this machine' if by_library else 'a list takes'}"
            if asked
            else "objects and bytes are measured; how often the pool is asked is not in the"
            " capture, so no time is predicted: each take and give costs about"
            f" {api_s * 1e6:.1f} µs, a new object {cost_s * 1e6:.1f} µs"
        ),
        cost="none",
        confidence=0.7,
        fix=Fix(
            "make the object where it is used; CPython's free lists are the pool",
            f"it = {made}  # instead of pool.{use.take}()",
        ),
    )


def _held_bytes(case: Case, row: int) -> float:
    totals = case.capture.totals
    size = totals.allocated_bytes[row] / max(totals.allocations[row], 1)
    return size * totals.max_live_blocks[row]


def _objects(case: Case, uses: list[PoolUse]) -> tuple[PoolUse, CodeFrame, list[int]] | None:
    """The rows of a pool's objects: of the line within it that held most, and who called it."""
    stacks = case.measures.stacks
    by_line: dict[int, list[int]] = {}
    use_of: dict[int, PoolUse] = {}
    for use in uses:
        for row in use.blocks.rows:
            if makes_objects(case, row):
                key = stacks.line_keys[stacks.own[case.measures.row_stacks[row]]]
                by_line.setdefault(key, []).append(row)
                use_of.setdefault(key, use)
    if not by_line:
        return None
    key = max(by_line, key=lambda key: sum(_held_bytes(case, row) for row in by_line[key]))
    rows = by_line[key]
    return use_of[key], stacks.frame(stacks.own[case.measures.row_stacks[rows[0]]]), rows


def _asked(case: Case, uses: list[PoolUse]) -> tuple[float, bool]:
    """How often objects were taken, as far as that allocates; and whether a library's code did.

    The lock of a queue does, up to 3.13; and each `with` of a context manager that is a generator.
    A pool's own code may, by the way: numbers, or a list that it makes each time.
    """
    totals, stacks = case.capture.totals, case.measures.stacks
    counts: dict[int, float] = {}
    by_library = False
    for use in uses:
        if use.take in gives_of(case, use.maker.file) | _FILLS:
            continue
        within = [row for row in use.blocks.rows if not makes_objects(case, row)]
        entered = [
            row
            for row in case.lines_rows(use.line.key)
            if stacks.frame(case.measures.row_stacks[row]).file.endswith("contextlib.py")
        ]
        for rows in (within, entered):
            count = likely_calls([totals.allocations[row] for row in rows])
            counts[use.line.key] = max(count, counts.get(use.line.key, 0.0))
            by_library = by_library or any(
                totals.allocations[row] >= LEAST_ASKED
                and stacks.origin(case.measures.row_stacks[row]) is not Origin.OWN
                for row in rows
            )
    return sum(counts.values()), by_library


def _is_cheap(case: Case, maker: CodeFrame, statement: Statement | None, *, known: bool) -> bool:
    """Whether one is made faster than a pool gives it; `known`: only where the source says so."""
    if statement is None:
        return not known
    calls = statement.calls()
    source = case.sources.of(maker.file)
    if any(is_known(call, source) for call in calls):
        return False
    if not known:
        return True
    classes = {} if source is None else source.classes
    names = {method_name(call) for call in calls}
    if names & _CHEAP:
        return True
    # Of one's own: a constructor that calls nothing.
    return any(
        not any(
            isinstance(node, ast.Call | ast.For | ast.While) for node in ast.walk(classes[name])
        )
        for name in names & classes.keys()
    )


def _site(case: Case, use: PoolUse, maker: CodeFrame) -> CodeFrame:
    """Where the pool takes one out, or makes one that is asked for; else where it was filled."""
    source = case.sources.of(maker.file)
    owner = None if source is None else source.classes.get(use.pool.rpartition(".")[2])
    statement = case.statement(maker)
    if owner is None or statement is None:
        return maker
    made = {text_of(call.func) for call in statement.calls() if method_name(call)[:1].isupper()}
    for wanted in (takes_from, lambda call: text_of(call.func) in made):
        for method in owner.body:
            if not isinstance(method, ast.FunctionDef) or method.name in _FILLS | GIVES:
                continue
            for node in ast.walk(method):
                if isinstance(node, ast.Call) and wanted(node):
                    return CodeFrame(f"{use.pool}.{method.name}", maker.file, node.lineno)
    return maker


def _what(node: ast.AST | None) -> str:
    if node is None:
        return "Thing()"
    for item in ast.walk(node):
        if isinstance(item, ast.Call | ast.Dict | ast.List) and not (
            isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute)
        ):
            return text_of(item)
    return "Thing()"


def _locks(case: Case, maker: CodeFrame) -> bool:
    source = case.sources.of(maker.file)
    return source is not None and any(
        word in source.text for word in ("Lock(", "Queue(", "Semaphore(", "Condition(")
    )
