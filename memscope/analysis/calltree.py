"""The call tree, root first: what each call and everything it called allocated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from memscope.analysis.measures import By, Measures
from memscope.analysis.origins import Origin
from memscope.analysis.stacks import Stacks
from memscope.capture.columns import (
    chosen,
    gathered,
    mark_at_least,
    members,
    only_where,
    risen,
    sums_by,
)
from memscope.capture.columns import total as sum_of
from memscope.capture.format import SAMPLED_UNIT
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One line on the way from the root; `value` is with, `own_value` without what it called.

    `cut_count` calls made from here weigh less than the threshold and are left out; together they
    weigh `cut_value`.
    """

    number: int
    parent: int | None
    depth: int
    function: str
    file: str
    line: int
    origin: Origin
    value: float
    own_value: float
    share: float
    children: tuple[int, ...]
    cut_count: int
    cut_value: float


@dataclass(frozen=True, slots=True)
class CallTree:
    """Calls in the order of a walk from the root, which is call 0 and stands for the program."""

    by: By
    total: float
    threshold: float
    calls: tuple[Call, ...]
    hidden_imports: float
    depth_limited: bool

    @property
    def cut_count(self) -> int:
        return sum(call.cut_count for call in self.calls)

    @property
    def cut_value(self) -> float:
        return sum(call.cut_value for call in self.calls)


def call_tree(
    measures: Measures,
    *,
    by: By = "allocated_bytes",
    threshold: float = 0.01,
    depth: int | None = None,
    imports: bool = True,
) -> CallTree:
    """The tree without calls below `threshold` (a share of the whole) or deeper than `depth`.

    Threads with the same calls are one: the tree tells where, not who.
    """
    stacks = measures.stacks
    nodes = stacks.tables.nodes
    merged = stacks.merged
    total = measures.whole(by)
    values = measures.values(by)
    importing: Sequence[int] = bytes(len(measures.row_stacks))
    if not imports:
        importing = gathered(stacks.importing, measures.row_stacks)
    hidden = only_where(values, importing)
    own = sums_by(
        gathered(merged, measures.row_stacks),
        chosen(importing, bytes(len(importing)), values),
        len(nodes.parent),
    )
    caller = gathered(merged, nodes.parent)
    inclusive = risen(own, caller)
    # Weightless calls would make the tree of a large program mostly leaves that say nothing.
    present = bytearray(len(inclusive))
    mark_at_least(present, inclusive, 1 / SAMPLED_UNIT)
    present[0] = 0
    heavy = bytearray(len(inclusive))
    mark_at_least(heavy, inclusive, threshold * total)
    children: dict[int, list[int]] = {}
    for node in members(b"\0\1", only_where(present, heavy)):
        children.setdefault(caller[node], []).append(node)
    weights = _Weights(
        children,
        sums_by(caller, present, len(caller)),
        sums_by(caller, only_where(inclusive, present), len(caller)),
        inclusive,
        own,
        total,
    )
    calls = _walk(stacks, weights, depth)
    limited = depth is not None and any(call.depth == depth and call.cut_count for call in calls)
    return CallTree(by, total, threshold, calls, sum_of(hidden), limited)


class _Weights(NamedTuple):
    """`children` are those that weigh enough; then how many there are in all, and their weight."""

    children: dict[int, list[int]]
    called_count: Sequence[int]
    called: Sequence[float]
    inclusive: Sequence[float]
    own: Sequence[float]
    total: float


def _walk(stacks: Stacks, weights: _Weights, depth: int | None) -> tuple[Call, ...]:
    children, called_count, called, inclusive, own, total = weights
    pending: list[tuple[int, int | None, int]] = [(0, None, 0)]
    found: list[tuple[int, int | None, int, list[int]]] = []
    below: list[list[int]] = []
    # Not recursive: stacks are as deep as the recorded program's recursion went.
    while pending:
        node, parent, level = pending.pop()
        number = len(found)
        if parent is not None:
            below[parent].append(number)
        kept = list(children.get(node, ())) if depth is None or level < depth else []
        found.append((node, parent, level, kept))
        below.append([])
        kept.sort(key=lambda child: (inclusive[child], -child))
        pending.extend((child, number, level + 1) for child in kept)
    calls = []
    for number, (node, parent, level, kept) in enumerate(found):
        frame = stacks.frame(node)
        cut = called[node] - sum(inclusive[child] for child in kept)
        calls.append(
            Call(
                number=number,
                parent=parent,
                depth=level,
                function=frame.function if node else "",
                file=frame.file,
                line=frame.line,
                origin=stacks.origin(node),
                value=inclusive[node],
                own_value=own[node],
                share=inclusive[node] / total if total > 0 else 0.0,
                children=tuple(below[number]),
                cut_count=called_count[node] - len(kept),
                cut_value=cut,
            )
        )
    return tuple(calls)
