"""What makes objects: constructors, and functions that make one of nothing and give it away."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from memscope.advice.program.expressions import method_name
from memscope.advice.program.known_costs import is_known
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk


def factories_of(source: SourceFile) -> dict[str, ast.Call]:
    """The functions of a file that take nothing, set one object up and return it; and its call.

    `return Thing()` sets nothing up: what is to be changed is that very line.
    """
    found = {}
    for name, function in source.functions.items():
        given = function.args
        taken = [item.arg for item in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        if {*taken} - {"self", "cls"} or given.vararg or given.kwarg:
            continue
        returned = [node.value for node in walk(function) if isinstance(node, ast.Return)]
        names = {_given_by(value) for value in returned} - {""}
        if len(returned) != 1 or len(names) != 1:
            continue
        for item in function.body:
            call = item.value if isinstance(item, ast.Assign) else None
            if not isinstance(call, ast.Call) or not names & _targets(item):
                continue
            if not _is_class(call) and method_name(call) not in source.classes:
                continue
            # What is known to be dear itself is to be kept, and not what is asked of it.
            if isinstance(returned[0], ast.Name) or not is_known(call, source):
                found[name] = call
    return found


def _given_by(value: ast.expr | None) -> str:
    """`it` of `return it`, and of `return it.ready(LIMIT)`, which is the same each time."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        given = [*value.args, *(item.value for item in value.keywords)]
        same = all(isinstance(item, ast.Constant | ast.Name) for item in given)
        value = value.func.value if same else None
    return value.id if isinstance(value, ast.Name) else ""


def factory_called(
    statement: Statement, source: SourceFile
) -> tuple[ast.Call | None, ast.Call | None]:
    """The call of a factory in a statement, and the one that makes the object within it."""
    factories = factories_of(source)
    for call in statement.calls():
        if method_name(call) in factories:
            return call, factories[method_name(call)]
    return None, None


def constructor_of(name: str, sources: Iterable[SourceFile]) -> ast.FunctionDef | None:
    """The `__init__` of an own class of this name."""
    for source in sources:
        made = source.classes.get(name)
        for item in made.body if made is not None else ():
            if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                return item
    return None


def changes(name: str, sources: Iterable[SourceFile]) -> bool:
    """Whether objects of an own class have attributes that are set after they were made."""
    sources = list(sources)
    start = constructor_of(name, sources)
    if start is None:
        return False
    attributes = {*_stored(start)}
    inside = set(map(id, walk(start)))
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and node.attr in attributes
        and id(node) not in inside
        for source in sources
        for node in walk(source.tree)
    )


def _stored(tree: ast.AST) -> list[str]:
    return [
        node.attr
        for node in walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]


def _targets(item: ast.stmt) -> set[str]:
    targets = item.targets if isinstance(item, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _is_class(call: ast.Call) -> bool:
    name = method_name(call).lstrip("_")
    return name[:1].isupper() and not name.isupper()
