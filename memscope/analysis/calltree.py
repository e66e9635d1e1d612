"""The call tree, root first: what each call and everything it called allocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from memscope.analysis.measures import By, Measures
from memscope.analysis.origins import Origin
from memscope.analysis.stacks import Stacks


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
    own: list[float] = [0] * len(nodes.parent)
    hidden: float = 0
    importing = None if imports else stacks.importing
    for node, value in zip(measures.row_stacks, measures.values(by), strict=True):
        if importing is not None and importing[node]:
            hidden += value
        else:
            own[merged[node]] += value
    inclusive = own.copy()
    for node in range(len(inclusive) - 1, 0, -1):
        if merged[node] == node:
            inclusive[merged[nodes.parent[node]]] += inclusive[node]
    children: dict[int, list[int]] = {}
    # Weightless calls would make the tree of a large program mostly leaves that say nothing.
    for node in range(1, len(inclusive)):
        if merged[node] == node and inclusive[node] > 0:
            children.setdefault(merged[nodes.parent[node]], []).append(node)
    weights = _Weights(children, inclusive, own, total)
    calls = _walk(stacks, weights, threshold * total, depth)
    limited = depth is not None and any(call.depth == depth and call.cut_count for call in calls)
    return CallTree(by, total, threshold, calls, hidden, limited)


class _Weights(NamedTuple):
    children: dict[int, list[int]]
    inclusive: list[float]
    own: list[float]
    total: float


def _walk(stacks: Stacks, weights: _Weights, least: float, depth: int | None) -> tuple[Call, ...]:
    children, inclusive, own, total = weights
    pending: list[tuple[int, int | None, int]] = [(0, None, 0)]
    found: list[tuple[int, int | None, int, list[int]]] = []
    below: list[list[int]] = []
    # Not recursive: stacks are as deep as the recorded program's recursion went.
    while pending:
        node, parent, level = pending.pop()
        number = len(found)
        if parent is not None:
            below[parent].append(number)
        called = children.get(node, [])
        kept = [child for child in called if inclusive[child] >= least]
        if depth is not None and level >= depth:
            kept = []
        found.append((node, parent, level, kept))
        below.append([])
        kept.sort(key=lambda child: (inclusive[child], -child))
        pending.extend((child, number, level + 1) for child in kept)
    calls = []
    for number, (node, parent, level, kept) in enumerate(found):
        called = children.get(node, [])
        frame = stacks.frame(node)
        cut = sum(inclusive[child] for child in called) - sum(inclusive[child] for child in kept)
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
                cut_count=len(called) - len(kept),
                cut_value=cut,
            )
        )
    return tuple(calls)
