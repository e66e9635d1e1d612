"""Who uses one large block after another: a loop, or an object that replaces what it has."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from memscope.advice.context import Context
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
    live = list(_most_live(context, rows).values())
    at_peak = context.rows.blocks(rows).peak_blocks
    if statement is None:
        few, threads = _few(context, rows, None)
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
            few, loops = _few(context, rows, frame)
            if few:
                return "loop", loops
            break
        target = around.target
        passed_on = isinstance(around.node, ast.Return) or (
            isinstance(target, ast.Name) and returned(around, target.id)
        )
        if not passed_on:
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


def _few(context: Context, rows: Sequence[int], looping: CodeFrame | None) -> tuple[bool, float]:
    """Whether no more than a few blocks live at once for each user, and how many users there are.

    Each thread is one; and, where all rows' stacks go through the function `looping`, each call of
    it, as its loop has blocks of its own. Calls from one place are one. How many calls there are
    at once is not known: as many as have blocks at the peak.
    """
    totals, most_live = context.capture.totals, _most_live(context, rows)
    rows = list(most_live)
    most = list(most_live.values())
    threads = [_thread(context, context.measures.row_stacks[row]) for row in rows]
    calls = [_called_at(context, context.measures.row_stacks[row], looping) for row in rows]
    users = calls if all(calls) else threads
    by_user: dict[int, float] = {}
    for user, count in zip(users, most, strict=True):
        by_user[user] = by_user.get(user, 0.0) + count
    few = max(most) <= Reuse.most_in_turn and max(by_user.values()) <= Reuse.most_of_several
    at_peak = {user for user, row in zip(users, rows, strict=True) if totals.peak_blocks[row]}
    return few, float(max(len(set(threads)), len(at_peak)))


def _most_live(context: Context, rows: Sequence[int]) -> dict[int, float]:
    """How many blocks of a row lived at once at most; of rows that took blocks over, none.

    What a block is held by is known at the end. It then passes to another row of its stack and
    size, and was counted in the first one before.
    """
    tables, most = context.capture.tables, context.capture.totals.max_live_blocks
    first: dict[tuple[int, int, int], int] = {}
    found: dict[int, float] = {}
    for row in rows:
        found[row] = most[row]
        if tables.types[tables.rows.type[row]].kind == "object":
            continue
        place = tables.rows.stack[row], tables.rows.domain[row], tables.rows.size_class[row]
        kept = first.setdefault(place, row)
        if kept != row:
            found[kept] = max(found[kept], found.pop(row))
    return found


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
    """How many objects there were in whose attribute the statement puts what it makes.

    0 where that is not known. An object that is made for each block is no owner of more than one:
    its constructor, or what is called once after it, makes as many blocks as there are objects.
    """
    target, owner = statement.target, statement.enclosing_class
    if isinstance(target, ast.Name):
        return float(target.id in _globals(statement.scope))
    if owner is None or not isinstance(target, ast.Attribute) or not is_self(target.value):
        return 0.0
    return context.objects.instances.get(owner.name, 0.0)


def _globals(scope: ast.AST) -> set[str]:
    """Names of the module that a function assigns to."""
    return {name for node in walk(scope) if isinstance(node, ast.Global) for name in node.names}
