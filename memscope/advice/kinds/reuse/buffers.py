"""What pool and reuse-buffer have in common: large blocks of one size that come and go.

To make a large block anew costs the allocation, filling it with zeroes where its maker does so,
and page faults where the allocator gives the memory back to the kernel in between. To use one
again costs 0.1 µs. Small blocks are not worth it in CPython: reference counting frees them at once
and free lists and pymalloc are their pool already.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.rows import Blocks
from memscope.advice.facts import Fact, measured, read
from memscope.advice.kinds.pools.recognition import pooled_rows
from memscope.advice.kinds.reuse.turns import turn_of
from memscope.advice.model import Advice, Fix, Interval, Measure, Rejected
from memscope.advice.policy import Reuse
from memscope.advice.program.expressions import code_of
from memscope.advice.program.makers import (
    Maker,
    filling_call,
    maker_of,
    size_of_value,
    why_no_value,
)
from memscope.advice.program.names import named
from memscope.advice.program.statements import Statement
from memscope.advice.program.waiting import waits_with
from memscope.analysis.units import bytes_text, cost_text
from memscope.plain import dataclass, replace

LEFT_OVER = "what is left in it from the time before might be read"
POOL_S = 0.1e-6  # list.pop and append


@dataclass(frozen=True, slots=True)
class Buffers:
    """Large blocks of one line; `refusal` says why they are not worth keeping.

    `turn` says who uses one after another: a "loop", the "owner" in whose attribute it lies, the
    "calls" of a function, or nobody alone: "". `in_place` is the call that fills a kept one instead
    of making a value.
    """

    line: UserLine
    blocks: Blocks
    statement: Statement | None
    maker: Maker
    in_place: str
    turn: str
    most_live: float
    saved: Interval
    overlap: Interval  # of the peak: the new one is made before the old one goes
    refusal: str = ""

    @property
    def call(self) -> ast.Call | None:
        return self.maker.call

    @property
    def in_place_bytes(self) -> str:
        """As code, how large what `in_place` fills has to be."""
        return size_of_value(self.call) if self.call is not None and self.in_place else ""

    @property
    def count(self) -> float:
        return self.blocks.allocations

    @property
    def mean_bytes(self) -> float:
        return self.blocks.mean_bytes

    @property
    def foreign_share(self) -> float:
        """Which part of them other threads free than make them."""
        return self.blocks.foreign_frees / self.count

    @property
    def confidence(self) -> float:
        if self.statement is None:
            return 0.5
        return 0.6 if self.call is None else 0.85

    def rejected(self, context: Context, kind: str) -> Rejected:
        """Why they are left alone; they tempt by how much of the CPU time they take."""
        share = context.whole.share("cpu_s", self.saved.value)
        return Rejected(kind, self.line.frame, self.refusal, min(share * 5, 0.6))

    def advice(self, context: Context, kind: str, *, summary: str, cost: str, fix: Fix) -> Advice:
        predicted: dict[Measure, Interval] = {"cpu_s": self.saved}
        if self.overlap.low > 0:
            predicted["peak_bytes"] = self.overlap
        how = "zero-filling" if self.maker.zeroes else "allocating"
        allocated_bytes = context.capture.totals.allocated_bytes
        return Advice(
            kind=kind,
            site=self.line.frame,
            stack=context.stacks.heaviest(self.blocks.rows, allocated_bytes),
            summary=summary,
            facts=self._facts(),
            predicted=predicted,
            modelled=(
                f"blocks, sizes and page faults are measured; seconds are modelled: {how} at this"
                " machine's speed, and this line's part of the faults by its pages"
            ),
            cost=cost,
            confidence=self.confidence,
            fix=replace(fix, change=LEFT_OVER),
        )

    def _facts(self) -> tuple[Fact, ...]:
        hits = max(self.count - self.most_live, 0.0)
        most_live = max(Reuse.most_live, Reuse.most_live_share * self.count)
        found = [
            measured(
                "allocations", "of one size", round(self.count), "blocks", least=Reuse.least_count
            ),
            measured(
                "block_bytes", "of each, on average", round(self.mean_bytes), "bytes",
                least=Reuse.least_bytes,
            ),
            measured(
                "released_share", "of them that were released",
                self.blocks.released / self.count, "share", least=Reuse.least_released,
            ),
            measured(
                "most_live", "needed at once, at most", round(self.most_live), "blocks",
                most=most_live,
            ),
            measured("hit_share", "that one which is kept serves", hits / self.count, "share"),
            measured(
                "churn_bytes", "requested in all", round(self.count * self.mean_bytes), "bytes"
            ),
            measured(
                "foreign_free_share", "freed by other threads", self.foreign_share, "share",
                most=Reuse.foreign_share if self.turn else None,
            ),
        ]  # fmt: skip
        if self.turn:
            found.append(read("used_in_turn", "who uses one after another", self.turn))
        if self.call is not None:
            found.append(read("made_by", "what makes them", code_of(self.call)))
        if self.in_place:
            found.append(read("filled_in_place_by", "what fills one that is kept", self.in_place))
        return tuple(found)


def find_buffers(context: Context) -> Iterator[Buffers]:
    """Lines that make many large blocks of one size and drop them again."""
    pooled = pooled_rows(context)
    for line in context.lines:
        if line.blocks.allocated_bytes < Reuse.least_count * Reuse.least_bytes:
            break
        large = context.rows.large(line.rows, Reuse.least_bytes)
        rows = _one_size(context, [row for row in large if row not in pooled])
        blocks = context.rows.blocks(rows)
        if _come_and_go(blocks):
            found = _buffers(context, line, blocks)
            yield replace(found, refusal=_why_not(context, found))


def _come_and_go(blocks: Blocks) -> bool:
    """Whether there are many, nearly all are released, and few are grown."""
    count = blocks.allocations
    return (
        count >= Reuse.least_count
        and blocks.released >= Reuse.least_released * count
        and blocks.reallocations <= Reuse.most_grown * count
    )


def _buffers(context: Context, line: UserLine, blocks: Blocks) -> Buffers:
    statement, rows = context.statement(line.frame), blocks.rows
    maker = maker_of(statement)
    in_place = ""
    if statement is not None and maker.call is not None and _by_itself(context, rows):
        in_place = filling_call(statement, maker.call)
    turn, users, most = "", 0.0, blocks.max_live_high
    if blocks.foreign_frees / blocks.allocations <= Reuse.foreign_share:
        turn, users = turn_of(context, line.node, statement, rows, blocks.allocations)
    if turn:
        # `x = make()` makes the new before it drops the old: one would do.
        most = min(most, users)
    overlap = Interval(0.0, 0.0, 0.0)
    if turn and blocks.peak_blocks > most:
        overlap = context.peak.saving([line], blocks.peak_bytes - most * blocks.mean_bytes)
    saved = _saving(context, blocks, most, zeroes=maker.zeroes, is_value=bool(in_place))
    return Buffers(line, blocks, statement, maker, in_place, turn, most, saved, overlap)


def _why_not(context: Context, found: Buffers) -> str:
    """Why the blocks are not worth keeping; "" if they are."""
    if found.maker.gives_value:
        why = _why_no_value(context, found)
    else:
        why = found.maker.why_not or _why_too_many(found)
    return why or _why_waiting(found) or _why_too_little(context, found)


def _why_waiting(found: Buffers) -> str:
    """Why many live at once, of which one is in use."""
    if found.turn or found.statement is None:
        return ""
    name = named(found.statement)
    by = waits_with(found.statement, name) if name else ""
    return (
        f"{name} waits for the collector with {by}: without that cycle one would do" if by else ""
    )


def _why_no_value(context: Context, found: Buffers) -> str:
    """Filling a kept buffer takes as long as making a value.

    Only fresh pages can pay, or that there are no two at once.
    """
    whole, call = context.whole, found.call
    cpu_share = whole.share("cpu_s", found.saved.low)
    peak_share = whole.share("peak_bytes", found.overlap.low)
    pays = found.mean_bytes >= Reuse.least_value_bytes and (
        cpu_share >= Reuse.least_value_cpu_share
        or (peak_share >= Reuse.least_value_share and whole.pays({"peak_bytes": found.overlap}))
    )
    if call is None or (found.turn and found.in_place and pays):
        return ""
    return why_no_value(call)


def _why_too_many(found: Buffers) -> str:
    if found.most_live <= max(Reuse.most_live, Reuse.most_live_share * found.count):
        return ""
    return f"up to {found.most_live:,.0f} live at once: a pool would hold nearly as much"


def _why_too_little(context: Context, found: Buffers) -> str:
    if context.whole.pays({"cpu_s": found.saved, "peak_bytes": found.overlap}):
        return ""
    return (
        f"{found.count:,.0f} blocks of {bytes_text(found.mean_bytes)} come and go, but making them"
        f" takes only about {cost_text(found.saved.value)}"
    )


def _one_size(context: Context, rows: list[int]) -> list[int]:
    """The rows of one size class, or two neighbouring ones, that have nearly all allocations."""
    totals = context.capture.totals
    counts = {
        number: sum(totals.allocations[row] for row in members)
        for number, members in context.rows.sizes(rows).items()
    }
    whole = sum(counts.values())
    if not whole:
        return []
    best = max(counts, key=lambda number: counts[number])
    near = {best, best - 1, best + 1}
    if sum(counts.get(number, 0) for number in near) < Reuse.one_size_share * whole:
        return []
    classes = context.capture.tables.rows.size_class
    return [row for row in rows if classes[row] in near]


def _by_itself(context: Context, rows: Iterable[int]) -> bool:
    """Whether the line itself makes the blocks, in C: a library's own code makes them anyhow."""
    stacks = context.measures.stacks
    made_at = {context.measures.row_stacks[row] for row in rows}
    return all(stacks.own[node] == node for node in made_at)


def _saving(
    context: Context, blocks: Blocks, most: float, *, zeroes: bool, is_value: bool
) -> Interval:
    """Seconds that are not spent; for what is read as a value, only those of page faults."""
    costs = context.costs
    hits = max(blocks.allocations - most, 0.0)
    each = 0.0 if is_value else costs.large_allocation_s - POOL_S
    if zeroes:
        each += costs.zeroing(blocks.mean_bytes)
    made_s = max(hits * each, 0.0)
    faults = context.faults.seconds(blocks.mean_bytes, hits)
    # Fresh blocks also push what the program works on out of the caches: fixes measured 0.8 to 2.4
    # times the modelled time.
    return Interval(
        0.7 * made_s + faults.low, 1.3 * made_s + faults.value, 2.6 * made_s + faults.high
    )
