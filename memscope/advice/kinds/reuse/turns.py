"""Who uses one large block after another: a loop, or an object that replaces what it has."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from memscope.advice.context import Context
from memscope.advice.evidence.rows import Blocks
from memscope.advice.policy import Reuse
from memscope.advice.program.names import returned
from memscope.advice.program.statements import Statement, is_self
from memscope.advice.program.walking import walk
from memscope.capture.model import CodeFrame

_PAUSES = (ast.Yield, ast.YieldFrom, ast.Await)


def turn_of(
    context: Context, node: int, statement: Statement | None, rows: Sequence[int], count: float
) -> tuple[str, float]:
    """Who uses one block after another, and how many such users there are; ("", 0) if nobody does.

    A function's loop, which makes the block itself or by a helper; or an object that makes another
    for what it has in an attribute. Of each thread's own no more than a few may live at once. Else
    the calls of a function, one after another, where it was counted that no two ever lived at once.
    """
    shapes = context.rows.by_shape(rows)
    live = [each.max_live_high for each in shapes]
    at_peak = sum(each.peak_blocks for each in shapes)
    if statement is None:
        few, threads = _few(context, shapes, None)
        return ("loop", threads) if few else ("", 0.0)
    in_object = False  # whether it is the attribute of an object that is being made
    for _, frame in context.stacks.own(node):
        around = context.statement(frame)
        if around is None:
            break
        owners = _owners(context, around)
        others = max(owners - 1, 0.0)  # each with one that is not about to be replaced
        if (
            0 < owners <= Reuse.most_owners_share * count
            and max(live) <= others + Reuse.most_in_turn
            and min(sum(live), at_peak) <= others + Reuse.most_of_several
        ):
            return "owner", owners
        if _is_made_in(around):
            in_object = True
            continue
        if in_object:
            break
        if around.loop is not None or _is_asked_again(around.node):
            few, loops = _few(context, shapes, frame)
            if few:
                return "loop", loops
            break
    # In an object's attribute: what goes around is the object.
    in_object = in_object or isinstance(statement.target, ast.Attribute)
    alone = not in_object and _is_alone(context, statement, rows, live)
    return ("calls", 1.0) if alone else ("", 0.0)


def _is_alone(
    context: Context, statement: Statement, rows: Sequence[int], live: Sequence[float]
) -> bool:
    """Whether no two blocks ever lived at once, whoever made them."""
    return sum(live) <= 1 or (max(live) <= 1 and _goes_with_call(context, statement, rows))


def _goes_with_call(context: Context, statement: Statement, rows: Sequence[int]) -> bool:
    """Whether the blocks are of calls that end before another begins: all of one thread, and local.

    One that is passed on, or whose function waits or calls itself, may meet another one.
    """
    target, nodes = statement.target, [context.measures.row_stacks[row] for row in rows]
    if not isinstance(target, ast.Name) or returned(statement, target.id):
        return False
    if any(isinstance(part, _PAUSES) for part in walk(statement.scope)):
        return False
    return len({_thread(context, node) for node in nodes}) == 1 and not any(
        _calls_itself(context, node) for node in nodes
    )


def _calls_itself(context: Context, node: int) -> bool:
    """Whether a stack has the function that is innermost in it more than once."""
    own = [(frame.file, frame.function) for _, frame in context.stacks.own(node)]
    return own[:1] != [] and own.count(own[0]) > 1


def _is_made_in(statement: Statement) -> bool:
    """Whether a constructor puts what is made into its object: who has that is the question."""
    function, target = statement.function, statement.target
    return (
        function is not None
        and function.name == "__init__"
        and isinstance(target, ast.Attribute)
        and is_self(target.value)
    )


def _few(
    context: Context, shapes: Sequence[Blocks], looping: CodeFrame | None
) -> tuple[bool, float]:
    """Whether no more than a few blocks live at once for each user, and how many users there are.

    Each thread is one; and, where all stacks go through the function `looping`, each call of it,
    as its loop has blocks of its own. Calls from one place are one. How many calls there are at
    once is not known: as many as have blocks at the peak.
    """
    nodes = [context.measures.row_stacks[each.rows[0]] for each in shapes]
    threads = [_thread(context, node) for node in nodes]
    calls = [_called_at(context, node, looping) for node in nodes]
    users = calls if all(calls) else threads
    by_user: dict[int, float] = {}
    for user, each in zip(users, shapes, strict=True):
        by_user[user] = by_user.get(user, 0.0) + each.max_live_high
    most = max(each.max_live_high for each in shapes)
    few = most <= Reuse.most_in_turn and max(by_user.values()) <= Reuse.most_of_several
    at_peak = {user for user, each in zip(users, shapes, strict=True) if each.peak_blocks}
    return few, float(max(len(set(threads)), len(at_peak)))


def _called_at(context: Context, node: int, looping: CodeFrame | None) -> int:
    """The node of the outermost call of a function on a stack; 0 if there is none."""
    found = 0
    if looping is None:
        return found
    for inner, frame in context.stacks.own(node):
        if (frame.file, frame.function) == (looping.file, looping.function):
            found = context.measures.stacks.tables.nodes.parent[inner]
    return found


def _is_asked_again(node: ast.stmt) -> bool:
    """Whether a loop's own head is worked out each time around.

    `while piece := read():`, or `for piece in iter(lambda: read(), b""):`.
    """
    if isinstance(node, ast.For | ast.AsyncFor):
        return any(isinstance(part, ast.Lambda) for part in walk(node.iter))
    return isinstance(node, ast.While)


def _thread(context: Context, node: int) -> int:
    """The root of a stack: each thread has its own."""
    parents = context.measures.stacks.tables.nodes.parent
    while parents[node]:
        node = parents[node]
    return node


def _owners(context: Context, statement: Statement) -> float:
    """How many objects or modules there were in which the statement puts what it makes; 0: unknown.

    An object that is made for each block is no owner of more than one: its constructor, or what is
    called once after it, makes as many blocks as there are objects.
    """
    target = statement.target
    if isinstance(target, ast.Name):
        return float(target.id in _globals(statement.scope))
    return context.owners(statement)


def _globals(scope: ast.AST) -> set[str]:
    """Names of the module that a function assigns to."""
    return {name for node in walk(scope) if isinstance(node, ast.Global) for name in node.names}
