"""Pools that cost more than they save: of small objects, or holding more than is ever used.

CPython's free lists and pymalloc are a pool already: to make a small object takes 0.1 to 0.3 µs; to
take one from a pool with a lock 0.8 to 1.4 µs, from a queue 2 to 4 µs.
"""

from __future__ import annotations

import ast

from memscope.advice.context import Context
from memscope.advice.evidence.calls import likely_calls
from memscope.advice.facts import assumed, measured, modelled, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.pools.in_use import most_in_use
from memscope.advice.kinds.pools.recognition import (
    GIVES,
    PoolUse,
    gives_of,
    makes_objects,
    only_begins,
    pool_uses,
)
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.policy import OverPooled
from memscope.advice.program.expressions import code_of, method_name, text_of
from memscope.advice.program.known_costs import is_known
from memscope.advice.program.pools import is_display, takes_from
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk
from memscope.analysis.origins import Origin
from memscope.analysis.units import bytes_text, cost_text, plural
from memscope.capture.model import CodeFrame

NAME = "over-pooled"

_FILLS = {"__init__", "__post_init__", "fill", "prefill", "warm", "_fill"}
_CHEAP = {"StringIO", "BytesIO", "list", "dict", "set", "deque", "object", "SimpleNamespace",
          "Counter", "array"}  # fmt: skip


def find(context: Context) -> Findings:
    """Pools that would better not be there, or be smaller."""
    by_pool: dict[tuple[str, str], list[PoolUse]] = {}
    for use in pool_uses(context):
        by_pool.setdefault((use.maker.file, use.pool), []).append(use)
    return Findings.of(_evaluate(context, uses) for uses in by_pool.values())


KIND = AdviceKind(NAME, title="do without the pool", precedence=20, find=find)


def _evaluate(context: Context, uses: list[PoolUse]) -> Advice | Rejected | None:
    objects = _objects(context, uses)
    return None if objects is None else _weighed(context, uses, *objects)


def _weighed(
    context: Context, uses: list[PoolUse], use: PoolUse, maker: CodeFrame, rows: list[int]
) -> Advice | Rejected | None:
    totals = context.capture.totals
    count = max(totals.max_live_blocks[row] for row in rows)
    kept = [
        row for row in rows if totals.max_live_blocks[row] >= OverPooled.least_kept_share * count
    ]
    blocks = context.rows.blocks(rows)
    idle = blocks.peak_bytes
    # Of several sizes, no row has a block of each.
    size = max(sum(_held_bytes(context, row) for row in kept), idle) / count
    asked, by_library = _asked(context, uses)
    statement = context.statement(maker)
    if size > OverPooled.most_object_bytes:
        if use.take not in _FILLS or idle < OverPooled.least_idle_bytes:
            return None
        return _weighed_large(context, use, maker, rows, count)
    known = count < OverPooled.least_objects
    if _is_stock(context, use, maker) or not _is_cheap(context, maker, statement, known=known):
        return None
    if count < OverPooled.least_objects and asked < OverPooled.least_asked:
        return None
    made = _what(statement.node if statement is not None else None)
    api_s = 1e-6 if _locks(context, maker) else 0.4e-6
    cost_s = context.costs.small_allocation_s * blocks.allocations / max(count, 1)
    predicted: dict[Measure, Interval] = {}
    if idle >= OverPooled.notable_bytes or not asked:
        # What it keeps them in goes with them.
        predicted["peak_bytes"] = Interval(0.5 * idle, idle, 2 * idle)
    if asked:
        asking_s = context.costs.queue_s if by_library else api_s
        cost_s = min(cost_s, asking_s / 2)
        saved = asked * (asking_s - cost_s)
        most = OverPooled.most_cpu_share * context.whole.cpu_s
        predicted["cpu_s"] = Interval(
            min(0.5 * saved, most), min(saved, most), min(2 * saved, most)
        )
    if not context.whole.pays(predicted):
        why = f"{use.pool} keeps {bytes_text(idle)}; how often it is asked is not in the capture"
        return Rejected(NAME, maker, why, 0.2)
    return Advice(
        kind=NAME,
        site=_site(context, use, maker),
        stack=context.stacks.heaviest(rows, totals.allocated_bytes),
        summary=(
            f"{use.pool} keeps {plural(count, 'object')} of {size:.0f} bytes: to make one anew"
            " takes less time than to take it from a pool"
        ),
        facts=(
            measured("objects", "in the pool", round(count), "objects"),
            measured(
                "object_bytes", "of each", round(size), "bytes", most=OverPooled.most_object_bytes
            ),
            measured("idle_bytes", "that the pool keeps at the peak", round(idle), "bytes"),
            read("pool", "what keeps them", use.pool),
            read("made_by", "what makes one", made or "unknown"),
            assumed("pool_seconds_each", "to take one and give it back", api_s, "s"),
            modelled("make_seconds_each", "to make one", cost_s, "s"),
            measured(
                "asked",
                "that the pool is asked",
                round(asked) if asked else "unknown",
                "times",
                least=OverPooled.least_asked if count < OverPooled.least_objects else None,
            ),
        ),
        predicted=predicted,
        modelled=(
            "objects, bytes, and how often the pool is asked are measured; seconds are modelled by"
            f" what {'a queue takes on this machine' if by_library else 'a list takes'}"
            if asked
            else "objects and bytes are measured; how often the pool is asked is not in the"
            " capture, so no time is predicted: each take and give costs about"
            f" {cost_text(api_s)}, a new object {cost_text(cost_s)}"
        ),
        cost="none",
        confidence=0.7,
        fix=Fix(
            "make the object where it is used; CPython's free lists are the pool",
            made and f"it = {made}  # new, instead of taking it from the pool",
            place=maker,
            change="what the pool does beside, such as to reset, its callers may rely on",
        ),
    )


def _is_stock(context: Context, use: PoolUse, maker: CodeFrame) -> bool:
    """Whether it may be goods: it only begins with them, and not all who take give back."""
    if not only_begins(context, maker.file, use.pool):
        return False
    return _most_in_use(context, use, maker) is None


def _most_in_use(context: Context, use: PoolUse, maker: CodeFrame) -> int | None:
    source = context.sources.of(maker.file)
    owner = None if source is None else source.classes.get(use.pool.rpartition(".")[2])
    return None if owner is None else most_in_use(context, owner)


def _weighed_large(
    context: Context, use: PoolUse, maker: CodeFrame, rows: list[int], count: float
) -> Advice | Rejected:
    """Large objects that a pool begins with, against how many can be in use at once."""
    idle, most = context.rows.blocks(rows).peak_bytes, _most_in_use(context, use, maker)
    if most is None:
        why = (
            f"{use.pool} holds {count:,.0f} objects, {bytes_text(idle)}: how many of them are"
            " ever in use at once is not in the capture"
        )
        return Rejected(NAME, maker, why, 0.4)
    if count < OverPooled.least_idle_ratio * most:
        why = f"{use.pool} holds {count:,.0f} objects, of which {most:,} may be in use at once"
        return Rejected(NAME, maker, why, 0.2)
    lines = [line for line in context.lines if line.frame == maker]
    predicted: dict[Measure, Interval] = {
        "peak_bytes": context.peak.saving(lines, idle * (1 - most / count))
    }
    if not context.whole.pays(predicted):
        return Rejected(NAME, maker, f"{use.pool} keeps {bytes_text(idle)}", 0.2)
    return Advice(
        kind=NAME,
        site=maker,
        stack=context.stacks.heaviest(rows, context.capture.totals.peak_bytes),
        summary=(
            f"{use.pool} begins with {plural(count, 'object')}, {bytes_text(idle)}, of which no"
            f" more than {most:,} can be in use at once"
        ),
        facts=(
            measured(
                "objects", "in the pool", round(count), "objects",
                least=OverPooled.least_idle_ratio * most,
            ),
            measured(
                "idle_bytes", "that the pool keeps at the peak", round(idle), "bytes",
                least=OverPooled.least_idle_bytes,
            ),
            modelled("most_in_use", "in use at once, at most", most, "objects"),
            read("pool", "what keeps them", use.pool),
        ),
        predicted=predicted,
        modelled=(
            "objects, bytes and threads are measured; that each function which takes one gives it"
            " back before it takes another is read from the source"
        ),
        cost="a new one is made where more are in use than now",
        confidence=0.7,
        fix=Fix(
            f"begin with no more than {most:,}, and make another where none is left",
            change="how many are needed on another day, the source does not say",
        ),
    )  # fmt: skip


def _held_bytes(context: Context, row: int) -> float:
    totals = context.capture.totals
    size = totals.allocated_bytes[row] / max(totals.allocations[row], 1)
    return size * totals.max_live_blocks[row]


def _objects(context: Context, uses: list[PoolUse]) -> tuple[PoolUse, CodeFrame, list[int]] | None:
    """The rows of a pool's objects: of the line within it that held most, and who called it."""
    stacks = context.measures.stacks
    by_line: dict[int, list[int]] = {}
    use_of: dict[int, PoolUse] = {}
    for use in uses:
        for row in use.blocks.rows:
            if makes_objects(context, row):
                key = stacks.line_keys[stacks.own[context.measures.row_stacks[row]]]
                by_line.setdefault(key, []).append(row)
                use_of.setdefault(key, use)
    if not by_line:
        return None
    key = max(by_line, key=lambda key: sum(_held_bytes(context, row) for row in by_line[key]))
    rows = by_line[key]
    return use_of[key], stacks.frame(stacks.own[context.measures.row_stacks[rows[0]]]), rows


def _asked(context: Context, uses: list[PoolUse]) -> tuple[float, bool]:
    """How often objects were taken, as far as that allocates; and whether a library's code did.

    The lock of a queue does, up to 3.13; and each `with` of a context manager that is a generator.
    A pool's own code may, by the way: numbers, or a list that it makes each time.
    """
    totals, stacks = context.capture.totals, context.measures.stacks
    counts: dict[int, float] = {}
    by_library = False
    for use in uses:
        if use.take in gives_of(context, use.maker.file) | _FILLS:
            continue
        within = [row for row in use.blocks.rows if not makes_objects(context, row)]
        entered = [
            row
            for row in context.rows_of_line(use.line.key)
            if stacks.frame(context.measures.row_stacks[row]).file.endswith("contextlib.py")
        ]
        for rows in (within, entered):
            count = likely_calls([totals.allocations[row] for row in rows])
            counts[use.line.key] = max(count, counts.get(use.line.key, 0.0))
            by_library = by_library or any(
                totals.allocations[row] >= OverPooled.least_asked
                and stacks.origin(context.measures.row_stacks[row]) is not Origin.OWN
                for row in rows
            )
    return sum(counts.values()), by_library


def _is_cheap(
    context: Context, maker: CodeFrame, statement: Statement | None, *, known: bool
) -> bool:
    """Whether one is made faster than a pool gives it; `known`: only where the source says so."""
    if statement is None:
        return not known
    calls = statement.calls()
    source = context.sources.of(maker.file)
    if any(is_known(call, source) for call in calls):
        return False
    if not known:
        return True
    classes = {} if source is None else source.classes
    names = {method_name(call) for call in calls}
    if names & _CHEAP or (is_display(statement) and not calls):
        return True
    # Of one's own: a constructor that calls nothing.
    return any(
        not any(isinstance(node, ast.Call | ast.For | ast.While) for node in walk(classes[name]))
        for name in names & classes.keys()
    )


def _site(context: Context, use: PoolUse, maker: CodeFrame) -> CodeFrame:
    """Where the pool takes one out, or makes one that is asked for; else where it was filled."""
    source = context.sources.of(maker.file)
    owner = None if source is None else source.classes.get(use.pool.rpartition(".")[2])
    statement = context.statement(maker)
    if owner is None or statement is None:
        return maker
    made = {text_of(call.func) for call in statement.calls() if method_name(call)[:1].isupper()}
    for wanted in (takes_from, lambda call: text_of(call.func) in made):
        for method in owner.body:
            if not isinstance(method, ast.FunctionDef) or method.name in _FILLS | GIVES:
                continue
            for node in walk(method):
                if isinstance(node, ast.Call) and wanted(node):
                    return CodeFrame(f"{use.pool}.{method.name}", maker.file, node.lineno)
    return maker


def _what(node: ast.AST | None) -> str:
    """The code that makes an object; "" where that cannot be told."""
    if node is None:
        return ""
    items = list(walk(node))
    for item in items:
        if isinstance(item, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return _what(item.elt)  # that makes each; what is around is the pool
    for item in items:
        if isinstance(item, ast.Call | ast.Dict | ast.List) and not (
            isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute)
        ):
            return code_of(item)
    return ""


def _locks(context: Context, maker: CodeFrame) -> bool:
    source = context.sources.of(maker.file)
    return source is not None and any(
        word in source.text for word in ("Lock(", "Queue(", "Semaphore(", "Condition(")
    )
