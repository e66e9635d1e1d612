"""Which scope a name belongs to, by Python's own rules.

A function has its parameters and what it binds, but for what it declares `global` or `nonlocal`.
What is `global` is the module's, even where only functions bind it. A comprehension has the names
of its loops; what `:=` binds within it is the scope's around. Names of a class are seen in its body
alone, and not by its methods.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeGuard

from memscope.advice.program.expressions import is_name
from memscope.advice.program.statements import COMPREHENSIONS, FUNCTIONS
from memscope.advice.program.walking import walk

_SCOPES = (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)
_MOST_REMEMBERED = 1 << 13  # scopes


@lru_cache(_MOST_REMEMBERED)
def names_of(scope: ast.AST) -> frozenset[str]:
    """The names that belong to a module, function, lambda, class or comprehension itself."""
    if isinstance(scope, COMPREHENSIONS):
        targets = (part for each in scope.generators for part in walk(each.target))
        return frozenset(part.id for part in targets if _is_bound(part))
    names = parameters(scope) | bound_names(_parts(scope)[1])
    if not isinstance(scope, ast.Module):
        return frozenset(names - _declared(scope))
    for node in walk(scope):
        if isinstance(node, _SCOPES) and (declared := _globals(node)):
            names |= declared & bound_names(_parts(node)[1])
    return frozenset(names)


def parameters(function: ast.AST) -> set[str]:
    """The names that a function or a lambda is given values by."""
    given = getattr(function, "args", None)
    return {item.arg for item in walk(given) if isinstance(item, ast.arg)} if given else set()


def bound_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that code binds or deletes in the scope that it stands in."""
    names: set[str] = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        names.update(_names_bound_by(node))
        if isinstance(node, COMPREHENSIONS):
            pending += [part.target for part in walk(node) if isinstance(part, ast.NamedExpr)]
        elif isinstance(node, _SCOPES):
            pending += _parts(node)[0]
        else:
            pending += ast.iter_child_nodes(node)
    return names


def uses_in(scope: ast.AST, name: str) -> list[ast.Name]:
    """All places of a scope, and of those within it, that have this name and none of their own."""
    nodes = walk(scope)
    found = [node for node in nodes if is_name(node, name)]
    hides = any(
        isinstance(node, _SCOPES) and node is not scope and _settles(node, name) for node in nodes
    )
    if not found or not hides:
        return found
    others = set(map(id, _others(scope, name)))
    return [node for node in found if id(node) not in others]


def is_declared(scope: ast.AST, name: str) -> bool:
    """Whether code in a scope, or within it, says that a name is not its own."""
    return any(
        isinstance(node, ast.Global | ast.Nonlocal) and name in node.names for node in walk(scope)
    )


def imports_all(module: ast.AST) -> bool:
    """Whether a module has all names of another, which its source does not tell."""
    return any(
        isinstance(node, ast.ImportFrom) and any(item.name == "*" for item in node.names)
        for node in walk(module)
    )


def _others(root: ast.AST, name: str) -> Iterator[ast.AST]:
    """Nodes at which the name would be another's than the root's."""
    # A node, whether the name is the root's there, and whether it is in functions within.
    pending = [(root, True, True)]
    while pending:
        node, here, below = pending.pop()
        if not here:
            yield node
        if not isinstance(node, _SCOPES) or node is root:
            pending += [(child, here, below) for child in ast.iter_child_nodes(node)]
            continue
        inner = below and name not in names_of(node)
        if name in _globals(node):
            inner = isinstance(root, ast.Module)
        outside, inside = _parts(node)
        pending += [(child, here, below) for child in outside]
        if isinstance(node, ast.ClassDef):
            pending += [(child, here and inner, below) for child in inside]
        else:
            pending += [(child, inner, inner) for child in inside]


def _settles(scope: ast.AST, name: str) -> bool:
    return name in names_of(scope) or name in _declared(scope)


def _parts(scope: ast.AST) -> tuple[list[ast.AST], list[ast.AST]]:
    """What of a scope the one around looks at, as decorators and defaults; and its own code."""
    if isinstance(scope, COMPREHENSIONS):
        first, *others = scope.generators
        made = [scope.key, scope.value] if isinstance(scope, ast.DictComp) else [scope.elt]
        return [first.iter], [*made, first.target, *first.ifs, *others]
    body = getattr(scope, "body", [])
    inside = body if isinstance(body, list) else [body]
    return [node for node in ast.iter_child_nodes(scope) if node not in inside], [*inside]


@lru_cache(_MOST_REMEMBERED)
def _declared(scope: ast.AST, kinds: tuple[type, ...] = (ast.Global, ast.Nonlocal)) -> set[str]:
    """The names that a scope's own code declares `global` or `nonlocal`."""
    names: set[str] = set()
    pending = _parts(scope)[1]
    while pending:
        node = pending.pop()
        if isinstance(node, kinds):
            names.update(node.names)  # type: ignore[attr-defined]
        elif not isinstance(node, (*_SCOPES, ast.expr)):
            pending += ast.iter_child_nodes(node)
    return names


def _globals(scope: ast.AST) -> set[str]:
    return _declared(scope, (ast.Global,))


def _names_bound_by(node: ast.AST) -> Iterable[str]:
    """What a node itself binds in the scope it stands in."""
    if _is_bound(node):
        return (node.id,)
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = (item.asname or item.name.partition(".")[0] for item in node.names)
        return (name for name in names if name != "*")
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        return (node.name,)
    return (node.rest,) if isinstance(node, ast.MatchMapping) and node.rest else ()


def _is_bound(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
