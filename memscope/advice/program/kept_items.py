"""Whether a loop keeps the items it goes through: then to make them one by one saves little."""

from __future__ import annotations

import ast

from memscope.advice.program.expressions import method_name
from memscope.advice.program.uses import (
    is_rest,
    loads,
    names_in,
    parameter_at,
    parents_in,
    surely_holds,
)
from memscope.advice.program.walking import walk

MOST_CALLS_DEEP = 3

# Calls that give on what they go through.
_PASSING = {"enumerate", "zip", "map", "filter", "iter", "islice", "chain", "reversed",
            "from_iterable", "takewhile", "dropwhile", "filterfalse"}  # fmt: skip
_KEEPING = {"list", "tuple", "set", "frozenset", "dict", "deque", "sorted", "extend", "update"}
_STORING = {"append", "appendleft", "add", "setdefault", "insert", "put", "put_nowait", "push",
            "heappush", "insort", "extend", "update", "register"}  # fmt: skip


def keeps_items(items: ast.AST, scope: ast.AST, tree: ast.AST) -> bool:
    """Whether what goes through `items`, an expression of `scope`, is seen to store each."""
    parents = parents_in(scope)
    node, parent = items, parents.get(items)
    while parent is not None and _is_given_on(parent):
        node, parent = parent, parents.get(parent)
    if isinstance(parent, ast.Call):
        return method_name(parent) in _KEEPING
    if isinstance(parent, ast.For | ast.AsyncFor) and parent.iter is node:
        names = names_in(parent.target)
        return any(_stores(part, names, tree, MOST_CALLS_DEEP) for part in _inside(parent.body))
    if isinstance(parent, ast.comprehension):
        made = parents.get(parent)
        names = names_in(parent.target)
        if isinstance(made, ast.DictComp):
            return any(surely_holds(made.value, name) for name in names)
        if isinstance(made, ast.ListComp | ast.SetComp):
            return any(surely_holds(made.elt, name) for name in names)
    return False


def _is_given_on(node: ast.AST) -> bool:
    return is_rest(node) or (isinstance(node, ast.Call) and method_name(node) in _PASSING)


def _inside(body: list[ast.stmt]) -> list[ast.AST]:
    return [node for statement in body for node in walk(statement)]


def _stores(node: ast.AST, names: set[str], tree: ast.AST, deep: int) -> bool:
    """Whether a piece of a loop's body puts one of these names where it outlives the turn."""

    def holds(value: ast.expr | None) -> bool:
        return value is not None and any(surely_holds(value, name) for name in names)

    if isinstance(node, ast.Assign):
        lasting = any(isinstance(item, ast.Subscript | ast.Attribute) for item in node.targets)
        return lasting and holds(node.value)
    if isinstance(node, ast.Yield | ast.Return):
        return holds(node.value)
    if not isinstance(node, ast.Call):
        return False
    given = [place for place, item in enumerate(node.args) if holds(item)]
    if not given:
        return False
    called = method_name(node)
    function = _function(called, tree)
    if function is None:
        return called in _STORING
    return deep > 0 and any(_kept_by(function, node, place, tree, deep - 1) for place in given)


def _function(name: str, tree: ast.AST) -> ast.FunctionDef | None:
    """The file's one function of a name."""
    found = [node for node in walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[0] if len(found) == 1 else None


def _kept_by(
    function: ast.FunctionDef, call: ast.Call, place: int, tree: ast.AST, deep: int
) -> bool:
    """Whether a function stores what a call gives it at this place."""
    name = parameter_at(function, call, place)
    if not name or not loads(function, name):
        return False
    return any(_stores(part, {name}, tree, deep) for part in _inside(function.body))
