"""Names whose function leaves garbage in a cycle when it ends: what they hold waits with it.

A function made within another that calls itself by its name has the cell of that name, which has
the function; and with it the cells of all names that it uses. An exception that is kept by a name
has its traceback, which has the frame of the function, which has all of its names.
"""

from __future__ import annotations

import ast

from memscope.advice.program.expressions import is_name
from memscope.advice.program.names import returned, used_by, why_kept, why_not_its_own
from memscope.advice.program.scopes import uses_in
from memscope.advice.program.statements import Statement, own_nodes, pauses
from memscope.advice.program.uses import loads, parents_in
from memscope.advice.program.walking import walk

_LETTING_GO = ("__traceback__", "with_traceback", "clear_frames")


def waits_with(statement: Statement, name: str) -> str:
    """What keeps a name's block when its function has ended, until the collector runs; "" if none.

    None in doubt: where the caller has the block, or may have what holds it in the cycle.
    """
    scope = statement.scope
    if not isinstance(scope, ast.FunctionDef) or pauses(scope) or why_not_its_own(statement, name):
        return ""
    if returned(statement, name):
        return ""
    return _function_calling_itself(scope, name) or _exception_kept(scope)


def waits_only_with(statement: Statement, name: str) -> str:
    """The same, where nobody else may hold the block: it is garbage then."""
    by = waits_with(statement, name)
    return "" if by and why_kept(statement, name) else by


def _function_calling_itself(scope: ast.FunctionDef, name: str) -> str:
    """`best` of `def best(i): ... best(i - 1)` that uses the name, and is no more than called."""
    parents = parents_in(scope)
    for node in walk(scope):
        if not isinstance(node, ast.FunctionDef) or node is scope or node.decorator_list:
            continue
        if parents.get(node) is not scope or not used_by(node, scope, name):
            continue
        if not used_by(node, scope, node.name) or not _is_bound_once(scope, node.name):
            continue
        if all(_is_called(use, parents) for use in loads(scope, node.name)):
            return node.name
    return ""


def _is_bound_once(scope: ast.FunctionDef, name: str) -> bool:
    """Whether a name stays what its `def` makes it."""
    return all(isinstance(use.ctx, ast.Load) for use in uses_in(scope, name))


def _is_called(use: ast.Name, parents: dict[ast.AST, ast.AST]) -> bool:
    call = parents.get(use)
    return isinstance(call, ast.Call) and call.func is use


def _exception_kept(scope: ast.FunctionDef) -> str:
    """`problem` of `except OSError as error: problem = error`, which nobody takes it from again."""
    nodes = list(own_nodes(scope))
    if any(isinstance(node, ast.Attribute) and node.attr in _LETTING_GO for node in nodes):
        return ""
    for clause in nodes:
        if not isinstance(clause, ast.ExceptHandler) or clause.name is None:
            continue
        for node in clause.body:
            kept = _renamed(node, clause.name)
            if kept and not _is_let_go(scope, kept, clause):
                return kept
    return ""


def _renamed(node: ast.stmt, name: str) -> str:
    """The other name that an assignment gives to what a name holds."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return ""
    target, value = node.targets[0], node.value
    return target.id if is_name(value, name) and isinstance(target, ast.Name) else ""


def _is_let_go(scope: ast.FunctionDef, name: str, clause: ast.ExceptHandler) -> bool:
    """Whether a name is deleted, or is given something else but before the clause or in it."""
    last = clause.end_lineno or clause.lineno
    return any(
        isinstance(use.ctx, ast.Del) or (isinstance(use.ctx, ast.Store) and use.lineno > last)
        for use in uses_in(scope, name)
    )
