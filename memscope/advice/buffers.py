"""What pool and reuse-buffer have in common: large blocks of one size that come and go.

To make a large block anew costs the allocation, filling it with zeroes where its maker does so,
and page faults where the allocator gives the memory back to the kernel in between. To use one
again costs 0.1 µs. Small blocks are not worth it in CPython: reference counting frees them at once
and free lists and pymalloc are their pool already.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Fix, Interval, Measure
from memscope.advice.pools import pooled_rows
from memscope.advice.source import Statement, called_name, method_name

LEAST_BYTES = 32 << 10
LEAST_COUNT = 16
LEAST_RELEASED = 0.9
ONE_SIZE_SHARE = 0.9
MOST_LIVE = 64
MOST_LIVE_SHARE = 0.05
POOL_S = 0.1e-6  # list.pop and append

# Makers that write to all they allocate before the program does.
_ZEROING = {"bytearray", "zeros", "zeros_like", "ones", "ones_like", "full", "full_like",
            "create_string_buffer", "array"}  # fmt: skip
_NOT_ZEROING = {"empty", "empty_like"}
# What gives a value that cannot be written to again.
_VALUES = {"read", "recv", "read_bytes", "read_text", "join", "dumps", "encode", "decode",
           "compress", "decompress", "tobytes", "getvalue", "bytes", "hex", "format", "replace",
           "split", "splitlines", "readlines", "loads", "load", "token_bytes", "randbytes",
           "urandom", "sorted", "str", "tuple"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buffers:
    """Large blocks of one line; `refusal` says why they are not worth keeping."""

    line: Line
    rows: tuple[int, ...]
    statement: Statement | None
    call: ast.Call | None
    in_loop: bool
    count: float
    mean_bytes: float
    most_live: float
    foreign_share: float
    saved: Interval
    overlap: Interval  # of the peak: the new one is made before the old one goes
    zeroed: bool
    refusal: str
    weight: float
    confidence: float

    def advice(self, case: Case, kind: str, *, summary: str, cost: str, fix: Fix) -> Advice:
        hits = max(self.count - self.most_live, 0.0)
        predicted: dict[Measure, Interval] = {"cpu_s": self.saved}
        if self.overlap.low > 0:
            predicted["peak_bytes"] = self.overlap
        how = "zero-filling" if self.zeroed else "allocating"
        return Advice(
            kind=kind,
            site=self.line.frame,
            stack=case.heaviest_stack(self.rows, case.capture.totals.allocated_bytes),
            summary=summary,
            evidence={
                "allocations": round(self.count),
                "block_bytes": round(self.mean_bytes),
                "most_live": round(self.most_live),
                "hit_share": hits / self.count,
                "churn_bytes": round(self.count * self.mean_bytes),
                "foreign_free_share": self.foreign_share,
            },
            predicted=predicted,
            modelled=(
                f"blocks, sizes and page faults are measured; seconds are modelled: {how} at this"
                " machine's speed, and this line's part of the faults by its pages"
            ),
            cost=cost,
            confidence=self.confidence,
            fix=fix,
        )


def find_buffers(case: Case) -> Iterator[Buffers]:
    """Lines that make many large blocks of one size and drop them again."""
    totals = case.capture.totals
    pooled = pooled_rows(case)
    for line in case.lines:
        if line.blocks.allocated_bytes < LEAST_COUNT * LEAST_BYTES:
            break
        unpooled = (row for row in line.rows if row not in pooled)
        rows = _one_size(case, case.large(unpooled, LEAST_BYTES))
        if not rows:
            continue
        blocks = case.blocks(rows)
        if (
            blocks.allocations < LEAST_COUNT
            or blocks.released < LEAST_RELEASED * blocks.allocations
            or blocks.reallocations > 0.2 * blocks.allocations
        ):
            continue
        statement = case.statement(line.frame)
        call, zeroed, refusal = _maker(statement)
        most = blocks.max_live_high
        in_loop = _in_loop(case, line.node, statement, most)
        # `x = make()` in a loop makes the new before it drops the old: one would do.
        most = 1.0 if in_loop and most <= 2 else most
        saved = _saving(case, blocks.allocations, blocks.mean_bytes, most, zeroed=zeroed)
        overlap = Interval(0.0, 0.0, 0.0)
        if in_loop and blocks.peak_blocks >= 2:
            overlap = case.peak_saving([line], blocks.peak_bytes - blocks.mean_bytes)
        share = case.whole.share("cpu_s", saved.value)
        if not refusal and most > max(MOST_LIVE, MOST_LIVE_SHARE * blocks.allocations):
            refusal = f"up to {most:,.0f} live at once: a pool would hold nearly as much"
        if not refusal and not case.pays({"cpu_s": saved, "peak_bytes": overlap}):
            refusal = (
                f"{blocks.allocations:,.0f} blocks of {blocks.mean_bytes / 1024:,.0f} KiB come and"
                f" go, but making them takes only about {saved.value * 1e3:.1f} ms"
            )
        yield Buffers(
            line=line,
            rows=tuple(rows),
            statement=statement,
            call=call,
            in_loop=in_loop,
            count=blocks.allocations,
            mean_bytes=blocks.mean_bytes,
            most_live=most,
            foreign_share=sum(totals.foreign_frees[row] for row in rows) / blocks.allocations,
            saved=saved,
            overlap=overlap,
            zeroed=zeroed,
            refusal=refusal,
            weight=min(share * 5, 0.6),
            confidence=(0.85 if call is not None else 0.6) if statement is not None else 0.5,
        )


def _one_size(case: Case, rows: list[int]) -> list[int]:
    """The rows of one size class, or two neighbouring ones, that have nearly all allocations."""
    totals = case.capture.totals
    counts = {
        number: sum(totals.allocations[row] for row in members)
        for number, members in case.sizes(rows).items()
    }
    whole = sum(counts.values())
    if not whole:
        return []
    best = max(counts, key=lambda number: counts[number])
    near = {best, best - 1, best + 1}
    if sum(counts.get(number, 0) for number in near) < ONE_SIZE_SHARE * whole:
        return []
    classes = case.capture.tables.rows.size_class
    return [row for row in rows if classes[row] in near]


def _maker(statement: Statement | None) -> tuple[ast.Call | None, bool, str]:
    """The call that makes the block, whether it zeroes, and why it cannot be kept."""
    if statement is None:
        # Not known: that it zeroes is the assumption that promises more, so it is not made.
        return None, False, ""
    names: dict[str, ast.Call] = {}
    for call in statement.calls():
        names.setdefault(method_name(call), call)
    for name in _ZEROING:
        if name in names:
            call = names[name]
            if name == "bytearray" and not _is_size(call):
                continue
            return call, True, ""
    for name in _NOT_ZEROING:
        if name in names:
            return names[name], False, ""
    for node in statement.walk():
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for side in (node.left, node.right):
                if isinstance(side, ast.List):
                    return (
                        None,
                        True,
                        ("a list that has to be filled again costs what a new one costs"),
                    )
    values = sorted(names.keys() & _VALUES)
    if values:
        what = called_name(names[values[0]]).lstrip(".")
        return (
            None,
            False,
            (
                f"{what}() gives a value of its own without zeroing memory first: reading into a"
                " kept buffer measures 0.98 to 1.17 times as fast, which is no reason for a change"
            ),
        )
    return None, False, "what makes the block cannot be told from the source: nothing to keep"


def _is_size(call: ast.Call) -> bool:
    """Whether `bytearray(x)` makes x zeroes rather than a copy of x, as far as one can see."""
    if len(call.args) != 1 or call.keywords:
        return False
    argument = call.args[0]
    if isinstance(argument, ast.Constant):
        return isinstance(argument.value, int)
    return not isinstance(argument, ast.GeneratorExp | ast.ListComp | ast.JoinedStr)


def _in_loop(case: Case, node: int, statement: Statement | None, most: float) -> bool:
    """Whether one function's loop makes the block each time around, itself or by a helper."""
    if most > 2:
        return False
    if statement is None:
        return True
    for _, frame in case.own_frames(node):
        around = case.statement(frame)
        if around is None:
            return False
        if around.loop is not None:
            return True
        target = around.target
        passed_on = isinstance(around.node, ast.Return) or (
            isinstance(target, ast.Name) and _returned(around, target.id)
        )
        if not passed_on:
            return False
    return False


def _returned(statement: Statement, name: str) -> bool:
    return any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name
        for node in ast.walk(statement.scope)
    )


def _saving(case: Case, count: float, size: float, most: float, *, zeroed: bool) -> Interval:
    costs = case.costs
    hits = max(count - most, 0.0)
    each = costs.large_allocation_s - POOL_S
    if zeroed:
        each += costs.zeroing(size)
    value = max(hits * each, 0.0)
    faults = case.faults_s(size, hits)
    most_s = case.whole.cpu_s
    # Fresh blocks also push what the program works on out of the caches: fixes measured 0.8 to 2.4
    # times the modelled time.
    return Interval(
        min(0.7 * value + faults.low, most_s),
        min(1.3 * value + faults.value, most_s),
        min(2.6 * value + faults.high, most_s),
    )
