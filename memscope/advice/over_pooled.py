"""Pools that cost more than they save: of small objects, or holding more than is ever used.

CPython's free lists and pymalloc are a pool already: to make a small object takes 0.1 to 0.3 µs; to
take one from a pool with a lock 0.8 to 1.4 µs, from a queue 2 to 4 µs.
"""

from __future__ import annotations

import ast

from memscope.advice.evidence import Case
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.pools import PoolUse, pool_uses
from memscope.advice.source import text_of
from memscope.capture.model import CodeFrame

KIND = "over-pooled"

SMALL_BYTES = 1024
LEAST_IDLE_BYTES = 1 << 20
LEAST_OBJECTS = 8
PREFILL_SHARE = 0.9


def find(case: Case) -> Findings:
    """Pools that would better not be there, or be smaller."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    by_maker: dict[tuple[str, int], list[PoolUse]] = {}
    for use in pool_uses(case):
        by_maker.setdefault((use.maker.file, use.maker.line), []).append(use)
    for uses in by_maker.values():
        found = _judge(case, uses)
        if isinstance(found, Advice):
            advice.append(found)
        elif found is not None:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _judge(case: Case, uses: list[PoolUse]) -> Advice | Rejected | None:
    totals = case.capture.totals
    rows = [row for use in uses for row in use.blocks.rows]
    blocks = case.blocks(rows)
    first = uses[0]
    heaviest = max(rows, key=totals.allocated_bytes.__getitem__)
    count = totals.max_live_blocks[heaviest]
    if count < LEAST_OBJECTS:
        return None
    size = blocks.allocated_bytes / max(totals.allocations[heaviest], 1)
    idle = blocks.peak_bytes
    prefilled = first.take in ("__init__", "__post_init__", "fill", "prefill", "warm", "_fill")
    if size > SMALL_BYTES:
        if not prefilled or idle < LEAST_IDLE_BYTES:
            return None
        return _prefilled(case, uses, blocks.peak_bytes, count)
    statement = case.statement(first.maker)
    made = _what(statement.node if statement is not None else None)
    api_s = 1e-6 if _locks(case, first.maker) else 0.4e-6
    cost_s = case.costs.small_allocation_s * blocks.allocations / max(count, 1)
    # How often it is asked is not in the capture: taking from a pool allocates nothing. Each take
    # costs the difference, whatever their number.
    predicted: dict[Measure, Interval] = {
        "peak_bytes": Interval(0.5 * idle, idle, idle),
        "allocations": Interval(0.0, 0.0, 0.0),
    }
    return Advice(
        kind=KIND,
        site=first.maker,
        stack=case.heaviest_stack(rows, totals.allocated_bytes),
        summary=(
            f"{first.pool} keeps {count:,.0f} objects of {size:.0f} bytes: to make one anew takes"
            f" less time than to take it from a pool"
        ),
        evidence={
            "objects": round(count),
            "object_bytes": round(size),
            "idle_bytes": round(idle),
            "pool": first.pool,
            "pool_seconds_each": api_s,
            "make_seconds_each": cost_s,
        },
        predicted=predicted,
        modelled=(
            "objects and bytes are measured; how often the pool is asked is not in the capture, so"
            " no time is predicted: each take and give costs about"
            f" {api_s * 1e6:.1f} µs, a new object {cost_s * 1e6:.1f} µs"
        ),
        cost="none",
        confidence=0.7,
        fix=Fix(
            "make the object where it is used; CPython's free lists are the pool",
            f"it = {made}  # instead of pool.{first.take}()",
        ),
    )


def _prefilled(case: Case, uses: list[PoolUse], idle: float, count: float) -> Rejected:
    return Rejected(
        KIND,
        uses[0].maker,
        f"{uses[0].pool} holds {count:,.0f} objects, {idle / 1e6:.1f} MB: how many of them are"
        " ever in use at once is not in the capture",
        0.4,
    )


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
