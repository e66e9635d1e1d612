"""What a function does with a local name: where it reads it last, and who else gets hold of it."""

from __future__ import annotations

import ast

from memscope.advice.program.expressions import is_name, method_name, text_of
from memscope.advice.program.scopes import bound_names, is_declared, uses_in
from memscope.advice.program.statements import Statement
from memscope.advice.program.uses import (
    gone_through_at_once,
    loads,
    may_hold,
    parents_in,
    surely_holds,
)
from memscope.advice.program.walking import walk

# Names like a class, or these: their results hold what they are given.
_RETAINING = {"memoryview", "iter", "enumerate", "zip", "map", "filter", "reversed", "partial",
            "reader", "frombuffer", "asarray", "from_buffer", "cast", "islice", "chain",
            "finditer"}  # fmt: skip
_STORING = {"append", "appendleft", "add", "put", "put_nowait", "setdefault", "extend", "insert",
            "submit", "push", "heappush"}  # fmt: skip


def named(statement: Statement) -> str:
    """The local name that a statement makes hold something, or makes hold more; "" if none."""
    node, target = statement.node, statement.target
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and isinstance(
        target, ast.Name
    ):
        return target.id
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        grows = isinstance(function, ast.Attribute) and function.attr in (
            "append", "extend", "write", "add", "update", "insert",
        )  # fmt: skip
        if grows and isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            return function.value.id
    return ""


def returned(statement: Statement, name: str) -> bool:
    """Whether the function returns the name itself: its caller holds the block then."""
    return any(
        isinstance(node, ast.Return) and is_name(node.value, name) for node in walk(statement.scope)
    )


def line_of_last_read(statement: Statement, name: str, function: ast.AST | None) -> int:
    """The last line that reads a name, but for a function within; that of the statement if none."""
    lines = [node.end_lineno or node.lineno for node in reads(statement, name, function)]
    return max(lines, default=statement.node.end_lineno or statement.node.lineno)


def reads(statement: Statement, name: str, function: ast.AST | None) -> list[ast.Name]:
    """Where a name is read, but for a function within."""
    inside = set() if function is None else set(map(id, walk(function)))
    return [node for node in loads(statement.scope, name) if id(node) not in inside]


def why_not_its_own(statement: Statement, name: str) -> str:
    """Why a name does not hold its block to its function's end; "" if it does."""
    if isinstance(statement.parents[-1], ast.ClassDef):
        return f"{name} is an attribute of a class"
    if is_declared(statement.scope, name):
        return f"{name} is not local"
    if any(isinstance(use.ctx, ast.Del) for use in uses_in(statement.scope, name)):
        return f"{name} is deleted already"
    return ""


def used_by(function: ast.AST, scope: ast.AST, name: str) -> bool:
    """Whether a function within a scope uses a name of the scope, and not one of its own."""
    inside = set(map(id, walk(function)))
    return any(id(use) in inside for use in uses_in(scope, name))


def end_of_statement(statement: Statement, node: ast.Name) -> int:
    """The last line of the statement that reads a name: until then it is in use."""
    found = None
    for item in walk(statement.scope):
        if (
            isinstance(item, ast.stmt)
            and item is not statement.scope
            and item.lineno <= node.lineno <= (item.end_lineno or item.lineno)
            and (found is None or item.lineno >= found.lineno)
        ):
            found = item
    if found is None:
        return node.lineno
    if isinstance(found, ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith):
        # Iterated or entered: it is held until the end of the block.
        return found.end_lineno or found.lineno
    body = getattr(found, "body", None)
    if isinstance(body, list) and body:
        return node.lineno
    return found.end_lineno or found.lineno


def why_kept(statement: Statement, name: str) -> str:
    """Whether somebody else got hold of what the name holds."""
    parents = parents_in(statement.scope)
    for node in walk(statement.scope):
        if why := _why_kept_by(node, name, parents):
            return why
    return ""


def _why_kept_by(node: ast.AST, name: str, parents: dict[ast.AST, ast.AST]) -> str:
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        return _why_kept_by_assignment(node, name)
    if isinstance(node, ast.withitem) and node.optional_vars and is_name(node.context_expr, name):
        return f"{name} has another name, {text_of(node, 40)}"
    if isinstance(node, ast.Match) and may_hold(node.subject, name):
        return f"{name} is matched: its parts have other names" if _captures(node) else ""
    if isinstance(node, ast.Yield) and node.value is not None and may_hold(node.value, name):
        return f"{name} is yielded"
    if isinstance(node, ast.Call):
        return _why_kept_by_call(node, name, parents)
    return ""


def _captures(node: ast.Match) -> bool:
    """Whether a pattern gives a name to what it matches, or to a part of it."""
    return any(bound_names([case.pattern]) for case in node.cases)


def _why_kept_by_assignment(
    node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr, name: str
) -> str:
    for value in _alternatives(node.value):
        if is_name(value, name) and not isinstance(node, ast.AugAssign):
            return f"{name} has another name, {text_of(node, 40)}"
        if isinstance(value, ast.Tuple | ast.List | ast.Dict) and may_hold(value, name):
            return f"{name} is put into a container"
    return ""


def _why_kept_by_call(node: ast.Call, name: str, parents: dict[ast.AST, ast.AST]) -> str:
    given = [*node.args, *(item.value for item in node.keywords)]
    called = method_name(node)
    if called in _STORING and any(surely_holds(item, name) for item in given):
        return f"{name} is put into a container"
    if not any(is_name(item, name) for item in given):
        return ""
    retains = called in _RETAINING or called.lstrip("_")[:1].isupper()
    if not retains or (called in _RETAINING and gone_through_at_once(node, parents)):
        return ""
    return f"{name} is held by what {called}() gives"


def _alternatives(value: ast.expr | None) -> list[ast.expr]:
    """What an expression may give: the sides of `a or b` and of `a if x else b`, or itself."""
    if isinstance(value, ast.IfExp):
        return [*_alternatives(value.body), *_alternatives(value.orelse)]
    if isinstance(value, ast.BoolOp):
        return [part for item in value.values for part in _alternatives(item)]
    return [] if value is None else [value]
