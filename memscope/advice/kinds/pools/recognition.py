"""Pools in the recorded program: how they are told from their names and their source."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence, Set

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.rows import Blocks
from memscope.advice.program.pools import (
    giving_back,
    hands_out,
    makes_within,
    pools_of,
    pools_within,
    stocks_of,
)
from memscope.analysis.origins import Origin
from memscope.capture.columns import chosen, flags, gathered, nearest, places_of
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

TAKES = {"get", "acquire", "borrow", "checkout", "take", "lease", "rent", "obtain", "getconn",
         "connection", "buffer", "pop", "__enter__", "allocate", "alloc", "grab"}  # fmt: skip
GIVES = {"put", "release", "give", "give_back", "return_", "checkin", "putconn", "put_back",
         "restore", "recycle", "free", "giveback", "returned", "put_nowait"}  # fmt: skip
_POOL = re.compile(r"pool|freelist|free_list|recycler|reuse", re.IGNORECASE)
_MEMSCOPE_POOL = "/memscope/pool.py"


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What a pool had allocated for one line that takes from it.

    `node` is that line's own node: the first own frame outside of the pool. `maker` is the line
    that makes the object.
    """

    node: int
    taker: CodeFrame
    pool: str
    maker: CodeFrame
    take: str
    blocks: Blocks
    line: UserLine


def is_pool_frame(context: Context, frame: CodeFrame) -> bool:
    """Whether a frame is a pool's own method, by its name or by its source."""
    owner, _, name = frame.function.replace(".<locals>", "").rpartition(".")
    if frame.file.endswith(_MEMSCOPE_POOL):
        return bool(owner)
    # Not a class's body, which has the name of the class.
    if bool(_POOL.search(owner)) or (bool(_POOL.search(name)) and name[:1].islower()):
        return True
    source = context.sources.of(frame.file)
    if source is None or not (owner or name[:1].islower()):
        return False
    tree, class_name = source.tree, owner.rpartition(".")[2]
    stocks = context.once(("stocks", frame.file), lambda: stocks_of(tree))
    if class_name in stocks:
        return name in stocks[class_name]
    # Each code object of a file asks.
    if (class_name or name) not in context.once(("pools", frame.file), lambda: pools_of(tree)):
        return False
    within = context.once(("pools within", frame.file), lambda: pools_within(tree))
    return name in within.get(class_name, {name})


def only_begins(context: Context, file: str, pool: str) -> bool:
    """Whether a pool makes its objects all at the beginning, and none when it is asked."""
    source = context.sources.of(file)
    return source is not None and pool.rpartition(".")[2] in stocks_of(source.tree)


def _is_pool(context: Context, function: str, file: str) -> bool:
    """A pool of user code, or memscope's: a library's own pools are its own affair."""
    if not file.endswith(_MEMSCOPE_POOL) and (
        context.measures.stacks.origins.of(file) is not Origin.OWN
    ):
        return False
    return is_pool_frame(context, CodeFrame(function, file, 0))


def _entered(context: Context) -> Sequence[int]:
    """For each node the outermost frame of a pool on its stack; () where there is no pool."""
    return context.once("entered pools", lambda: _find_entered(context))


def _find_entered(context: Context) -> Sequence[int]:
    stacks = context.measures.stacks
    nodes, codes = stacks.tables.nodes, stacks.tables.codes
    of_pool = [
        bool(code) and _is_pool(context, codes.function[code], codes.file[code])
        for code in range(len(codes.file))
    ]
    if not any(of_pool):
        return ()
    is_pool = gathered(flags(of_pool), nodes.code)
    within = gathered(nearest(nodes.parent, is_pool), nodes.parent)
    outermost = chosen(within, bytes(len(within)), is_pool)
    return nearest(nodes.parent, outermost)


def pooled_rows(context: Context) -> frozenset[int]:
    """Rows that a pool had allocated: the kinds about pools evaluate those."""
    entered = _entered(context)
    if not entered:
        return frozenset()
    return frozenset(_rows_within(context, entered))


def _rows_within(context: Context, entered: Sequence[int]) -> Sequence[int]:
    within = gathered(entered, context.measures.row_stacks)
    return places_of(within)


def makes_objects(context: Context, row: int) -> bool:
    """Whether a pool's row may be of its objects: not of what it needs to hand them about.

    A queue and its lock allocate in a library; a list that is popped and appended to is resized;
    and where there are several such lists, the pool makes those too.
    """
    stacks = context.measures.stacks
    node = context.measures.row_stacks[row]
    frame = stacks.frame(node)
    if stacks.origin(node) is not Origin.OWN and not frame.file.endswith(_MEMSCOPE_POOL):
        statement = context.statement(stacks.frame(stacks.own[node])) if stacks.own[node] else None
    else:
        statement = context.statement(frame)
    if statement is None:
        return True
    return makes_within(statement)


def gives_of(context: Context, file: str) -> Set[str]:
    """Names of what gives back: the usual ones, and those that do by the pool's source."""
    source = context.sources.of(file)
    if source is None:
        return GIVES
    tree = source.tree
    return GIVES | context.once(("giving back", file), lambda: giving_back(tree))


def pool_uses(context: Context) -> list[PoolUse]:
    """Each line that had a pool make something, heaviest first."""
    stacks = context.measures.stacks
    nodes, codes = stacks.tables.nodes, stacks.tables.codes
    entered = _entered(context)
    if not entered:
        return []
    rows_of: dict[tuple[int, int], list[int]] = {}
    for row in _rows_within(context, entered):
        pool = entered[context.measures.row_stacks[row]]
        rows_of.setdefault((stacks.own[nodes.parent[pool]], pool), []).append(row)
    found = []
    for (taker, pool), rows in rows_of.items():
        if not taker:
            continue
        heaviest = max(rows, key=context.capture.totals.allocated_bytes.__getitem__)
        maker = stacks.own[context.measures.row_stacks[heaviest]] or pool
        function = codes.function[nodes.code[pool]]
        owner, _, name = function.rpartition(".")
        blocks = context.rows.blocks(rows)
        line = UserLine(stacks.line_keys[taker], taker, stacks.frame(taker), blocks)
        found.append(
            PoolUse(
                taker, stacks.frame(taker), owner or name, stacks.frame(maker), name, blocks, line
            )
        )
    found.sort(key=lambda use: -use.blocks.allocated_bytes)
    return found


def takers_of(context: Context, use: PoolUse) -> list[PoolUse]:
    """Who had the object: the line that called the pool, or one of the pool's own.

    A method that gives nothing to its caller keeps what it takes, for another to give back.
    """
    if _gives_to_caller(context, use.pool, use.take, use.maker.file):
        return [use]
    stacks = context.measures.stacks
    nodes = stacks.tables.nodes
    rows_of: dict[tuple[int, int], list[int]] = {}
    for row in use.blocks.rows:
        within = []
        node = context.measures.row_stacks[row]
        while node and node != use.node:
            within.append(node)
            node = nodes.parent[node]
        for inner in reversed(within[:-1]):
            frame = stacks.frame(inner)
            owner, _, name = frame.function.rpartition(".")
            if is_pool_frame(context, frame) and _gives_to_caller(context, owner, name, frame.file):
                rows_of.setdefault((nodes.parent[inner], inner), []).append(row)
                break
    found = []
    for (taker, pool), rows in rows_of.items():
        blocks = context.rows.blocks(rows)
        frame = stacks.frame(taker)
        line = UserLine(stacks.line_keys[taker], taker, frame, blocks)
        take = stacks.frame(pool).function.rpartition(".")[2]
        found.append(PoolUse(taker, frame, use.pool, use.maker, take, blocks, line))
    return found


def _gives_to_caller(context: Context, owner: str, name: str, file: str) -> bool:
    source = context.sources.of(file)
    if source is None:
        return True
    made = source.classes.get(owner.rpartition(".")[2])
    for item in made.body if made is not None else ():
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name == name:
            return hands_out(item)
    return True
