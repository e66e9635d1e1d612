"""What keeps the names of a function that has ended: an exception that is kept, a function within.

An exception that was caught has its traceback, that has the frame of each function it came through,
and those have their local names. A function made within another has the names that it uses.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from memscope.advice.context import Context
from memscope.advice.policy import ReleaseEarly
from memscope.advice.program.containers import stored_in
from memscope.advice.program.expressions import is_name, method_name
from memscope.advice.program.names import used_by
from memscope.advice.program.statements import (
    COMPREHENSIONS,
    FUNCTIONS,
    LOOPS,
    Statement,
    pauses,
)
from memscope.advice.program.uses import loads, parents_in, sums_up, surely_holds, way_of_use
from memscope.advice.program.walking import walk
from memscope.analysis.origins import Origin
from memscope.capture.format import size_class
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

# What a traceback asks for: five words, and two for the collector. It has no free list.
_TRACEBACK_CLASS = size_class(56)
_MOST_FRAMES = 200  # up a stack: one of a recursion has a million
_CHANGES = {"append", "extend", "insert", "add", "update", "pop", "popleft", "remove", "clear",
            "sort", "reverse", "write", "appendleft", "setdefault", "popitem",
            "discard"}  # fmt: skip

Activation = tuple[int, int]  # the caller's node, and the code that it called
Reached = Mapping[Activation, int]  # the last line with blocks that are live at the peak


def activation_of(context: Context, node: int) -> Activation:
    nodes = context.measures.stacks.tables.nodes
    return nodes.parent[node], nodes.code[node]


@dataclass(frozen=True, slots=True)
class Keeper:
    """The statement of an `except` clause that keeps what was caught."""

    frame: CodeFrame
    name: str  # of the exception
    kept: float  # how many that came through the function are live at the peak, at most


def ended_by(context: Context, node: int, reached: Reached) -> tuple[Activation, int] | None:
    """The caller that had done with the call of this node's function by the peak, and with which
    line; None if that cannot be told.

    Only where each function above was called once, as far as the source says: otherwise the caller
    that went on may be another than the one that called this.
    """
    stacks = context.measures.stacks
    nodes = stacks.tables.nodes
    statement = context.statement(stacks.frame(node))
    if statement is None or pauses(statement.scope):
        return None
    path = [node]
    while nodes.code[nodes.parent[path[-1]]]:
        path.append(nodes.parent[path[-1]])
    for called, caller in zip(path[-2::-1], path[:0:-1], strict=True):
        statement = context.statement(stacks.frame(caller))
        if statement is None or stacks.origin(caller) is not Origin.OWN:
            return None
        if not _calls(statement, stacks.frame(called).function):
            return None
        loops = _loops_around(statement)
        ends_at = max(_last_line(item) for item in (statement.node, *loops))
        key = activation_of(context, caller)
        if reached.get(key, 0) > ends_at:
            return key, ends_at
        if loops or any(isinstance(item, COMPREHENSIONS) for item in statement.walk()):
            return None
    return None


def _calls(statement: Statement, function: str) -> bool:
    """Whether a statement itself calls a function, and does not have something call it."""
    owner, _, name = function.rpartition(".")
    if name == "__init__":
        name = owner.rpartition(".")[2]
    return any(method_name(call) == name for call in statement.calls())


def runs_once(context: Context, node: int) -> bool:
    """Whether the innermost own line of a stack ran once, as far as the source says.

    Each line of user code on the way is called by the next, and none is in a loop.
    """
    parents, above = context.measures.stacks.tables.nodes.parent, node
    frames = context.stacks.own(node)
    for place, (own_node, frame) in enumerate(frames):
        statement = context.statement(frame)
        if statement is None or (place and own_node != above) or pauses(statement.scope):
            return False
        if _loops_around(statement) or any(
            isinstance(item, COMPREHENSIONS) for item in statement.walk()
        ):
            return False
        above = parents[own_node]
    return bool(frames) and frames[-1][1].function == "<module>"


def _loops_around(statement: Statement) -> list[ast.stmt]:
    """The loops of its function that repeat the statement."""
    found: list[ast.stmt] = [statement.node] if isinstance(statement.node, ast.While) else []
    for parent in reversed(statement.parents):
        if isinstance(parent, (*FUNCTIONS, ast.ClassDef)):
            break
        if isinstance(parent, LOOPS):
            found.append(parent)
    return found


def _last_line(node: ast.stmt) -> int:
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and not isinstance(node, LOOPS):
        return max(node.lineno, int(body[0].lineno) - 1)
    return node.end_lineno or node.lineno


def keeper_of(context: Context, node: int, after: int) -> Keeper | None:
    """The `except` clause that keeps exceptions which left this node's function after a line."""
    for caller, frame in context.stacks.own(node)[:_MOST_FRAMES]:
        statement = context.statement(frame)
        found = None if statement is None else _keeping_clause(statement)
        if found is None:
            continue
        stored, name = found
        tracebacks = _tracebacks(context)
        nodes, activation = context.measures.stacks.tables.nodes, activation_of(context, node)
        through = sum(
            count
            for place, count in tracebacks.items()
            if nodes.line[place] > after and activation_of(context, place) == activation
        )
        kept = through if caller == node else min(through, tracebacks.get(caller, 0.0))
        place = CodeFrame(frame.function, frame.file, stored.node.lineno)
        return Keeper(place, name, kept) if kept else None
    return None


def _tracebacks(context: Context) -> dict[int, float]:
    """How many blocks that may be tracebacks are live at the peak, by the node of their frame."""
    found: dict[int, float] = {}
    classes, peak_blocks = (
        context.capture.tables.rows.size_class,
        context.capture.totals.peak_blocks,
    )
    for row, node in enumerate(context.measures.row_stacks):
        if classes[row] == _TRACEBACK_CLASS and peak_blocks[row]:
            found[node] = found.get(node, 0.0) + peak_blocks[row]
    return found


def keeps_tracebacks(context: Context, statement: Statement) -> bool:
    """Whether a statement keeps what its `except` clause caught, and tracebacks were seen to stay.

    Who goes through the exceptions later does not read what their frames hold.
    """
    clauses = [item for item in statement.parents if isinstance(item, ast.ExceptHandler)]
    stored = _stored_exception(statement, clauses[-1]) if clauses else None
    kept = stored is not None and stored.node is statement.node
    return kept and sum(_tracebacks(context).values()) >= ReleaseEarly.least_kept


def _keeping_clause(statement: Statement) -> tuple[Statement, str] | None:
    """What an `except` clause around a statement stores an exception with, and the name of it."""
    path = (*statement.parents, statement.node)
    for parent, child in zip(reversed(path[:-1]), reversed(path), strict=False):
        if isinstance(parent, (*FUNCTIONS, ast.ClassDef)):
            return None
        if isinstance(parent, ast.Try) and any(item is child for item in parent.body):
            for clause in parent.handlers:
                stored = _stored_exception(statement, clause)
                if stored is not None and clause.name:
                    return stored, clause.name
    return None


def _stored_exception(statement: Statement, clause: ast.ExceptHandler) -> Statement | None:
    """The statement that keeps the clause's exception, with its traceback."""
    name = clause.name
    if name is None:
        return None
    found = None
    for node in walk(clause):
        if isinstance(node, ast.Attribute) and node.attr in (
            "with_traceback", "__traceback__", "clear_frames",
        ):  # fmt: skip
            return None  # it knows of it
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr):
            continue
        other = Statement(node, (*statement.parents[:1], clause))
        value = node.value
        if isinstance(value, ast.Call) and isinstance(node, ast.Expr):
            given = value.args if stored_in(other) is not None else []
        elif value is not None and isinstance(other.target, ast.Attribute | ast.Subscript):
            given = [value]
        else:
            given = []
        if any(surely_holds(item, name) for item in given):
            found = found or other
    return found


def summing_function(statement: Statement, name: str) -> ast.AST | None:
    """The function within that keeps a name for a few numbers, which could be had at once.

    None unless it is the only one that uses the name, takes nothing, and is given away; and unless
    the name's function does no more than look at the name itself.
    """
    scope = statement.scope
    parents = parents_in(scope)
    users = [
        node
        for node in parents
        if isinstance(node, FUNCTIONS) and node is not scope and used_by(node, scope, name)
    ]
    if len(users) != 1:
        return None
    user = users[0]
    result = _only_result(user)
    if result is None or not sums_up(result) or not _given_away(user, parents):
        return None
    repeated = any(_covers(loop, user) for loop in parents if isinstance(loop, LOOPS))
    for node in loads(scope, name):
        if _covers(user, node):
            continue
        if way_of_use(node, parents) in ("kept", "call"):
            return None
        if _may_change(node, parents) and (repeated or node.lineno >= user.lineno):
            return None
    return user


def _covers(outer: ast.AST, node: ast.AST) -> bool:
    return any(item is node for item in walk(outer))


def _may_change(node: ast.Name, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether what a name holds is changed there, or a method of it given away."""
    parent = parents.get(node)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _CHANGES or not isinstance(parents.get(parent), ast.Call)
    return isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load)


def _only_result(function: ast.AST) -> ast.expr | None:
    """What a function without parameters gives, if that is all it does."""
    if not isinstance(function, ast.Lambda | ast.FunctionDef):
        return None
    given = function.args
    if given.args or given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg:
        return None
    if isinstance(function, ast.Lambda):
        return function.body
    body = [
        item
        for item in function.body
        if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
    ]
    only = body[0] if len(body) == 1 else None
    return only.value if isinstance(only, ast.Return) else None


def _given_away(function: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a function within is handed to a call or stored, and so may outlive its maker."""
    uses: list[ast.AST] = [function]
    if isinstance(function, ast.FunctionDef):
        uses = [node for node in parents if is_name(node, function.name)]
    for use in uses:
        parent = parents.get(use)
        if isinstance(parent, ast.Call) and use in parent.args:
            return True
        if isinstance(parent, ast.Assign) and not all(
            isinstance(target, ast.Name) for target in parent.targets
        ):
            return True
        if isinstance(parent, ast.Tuple | ast.List | ast.Dict | ast.Return):
            return True
    return False
