"""How many objects of a pool can be in use at once, where to take one allocates nothing.

A function that takes one, and gives it back before it ends or takes another, has one at a time. So
no more are in use than there are threads that ran such functions, one for each function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from memscope.advice.context import Context
from memscope.advice.program.expressions import is_name, method_name
from memscope.advice.program.pools import giving_methods, taking_methods
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import COMPREHENSIONS, Statement, pauses
from memscope.advice.program.walking import walk


def most_in_use(context: Context, owner: ast.ClassDef) -> int | None:
    """How many objects of this pool are in use at once, at most; None if that cannot be told."""
    takes, gives = taking_methods(owner), giving_methods(owner)
    inside = set(map(id, walk(owner)))
    most = 0
    for file, source in context.own_sources.items():
        for call, statement in _calls(source, takes):
            if id(call) in inside:
                continue
            function = statement.function
            if function is None or not _gives_back(statement, call, takes, gives):
                return None
            threads = _threads_of(context, file, function)
            if not threads:
                return None
            most += threads
    return most or None


def _calls(source: SourceFile, names: frozenset[str]) -> Iterator[tuple[ast.Call, Statement]]:
    for node in walk(source.tree):
        if isinstance(node, ast.Call) and method_name(node) in names:
            statement = source.statement(node.lineno)
            if statement is not None:
                yield node, statement


def _gives_back(
    statement: Statement, call: ast.Call, takes: frozenset[str], gives: frozenset[str]
) -> bool:
    """Whether a function takes one into a name, and gives that back, as often as it takes one."""
    node, target, scope = statement.node, statement.target, statement.scope
    if pauses(scope) or any(isinstance(part, COMPREHENSIONS) for part in statement.walk()):
        return False
    if isinstance(node, ast.With):
        return any(item.context_expr is call for item in node.items)
    if not isinstance(target, ast.Name) or getattr(node, "value", None) is not call:
        return False
    called = [part for part in walk(scope) if isinstance(part, ast.Call)]
    loop = statement.loop if statement.loop is not None else scope
    returned = [
        part
        for part in walk(loop)
        if isinstance(part, ast.Call)
        and method_name(part) in gives
        and any(is_name(item, target.id) for item in part.args)
    ]
    once = sum(method_name(part) in takes for part in called) == 1
    itself = any(method_name(part) == getattr(scope, "name", "") for part in called)
    return bool(returned) and once and not itself


def _threads_of(context: Context, file: str, function: ast.AST) -> int:
    """How many threads were seen within a function."""
    tables = context.measures.stacks.tables
    parents = tables.nodes.parent
    name, first = getattr(function, "name", ""), getattr(function, "lineno", 0)
    codes = {
        code
        for code, (place, of, line) in enumerate(
            zip(tables.codes.file, tables.codes.function, tables.codes.first_line, strict=True)
        )
        if place == file and of.rpartition(".")[2] == name and line <= first
    }
    roots = set()
    for node, code in enumerate(tables.nodes.code):
        if code in codes:
            root = node
            while parents[root]:
                root = parents[root]
            roots.add(root)
    return len(roots)
