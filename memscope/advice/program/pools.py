"""Pools told from their source, whatever they are called.

A pool is a class in which one method takes from a container of its own, makes an object where
there is none, and gives it to its caller, and in which a method puts something into that container;
or two functions of a module that do so with a container of the module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set

from memscope.advice.program.expressions import called_name, is_number, method_name
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk

_POPS = {"pop", "popleft", "get", "get_nowait"}
_PUSHES = {"append", "appendleft", "put", "put_nowait", "push", "add"}
_BUILT_IN = {"bytearray", "list", "dict", "set", "deque", "memoryview"}
# What a pool is made of.
_MEANS = {"Queue", "LifoQueue", "SimpleQueue", "PriorityQueue", "Lock", "RLock", "Condition",
          "Semaphore", "BoundedSemaphore"}  # fmt: skip
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MAKERS = ("factory", "make", "create", "new", "build", "open", "connect")

Method = ast.FunctionDef | ast.AsyncFunctionDef


def pools_of(tree: ast.Module) -> frozenset[str]:
    """Names of the classes that are pools, and of the functions that take from a module's pool."""
    found = {
        node.name
        for node in walk(tree)
        if isinstance(node, ast.ClassDef) and _kept(list(_methods(node.body)))
    }
    functions = list(_methods(tree.body))
    kept = _kept(functions)
    for function in functions:
        if kept & ({*_popped(function)} | {*_pushed(function)}):
            found.add(function.name)
    return frozenset(found)


def pools_within(tree: ast.Module) -> dict[str, frozenset[str]]:
    """Of classes that use a pool of their own: the methods that are the pool, by the class's name.

    A method that has both, one that takes and one that gives back, called is no part of it.
    """
    found = {}
    for node in walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        methods = list(_methods(node.body))
        kept = _kept(methods)
        takes = {it.name for it in methods if kept & {*_popped(it)}}
        gives = {it.name for it in methods if kept & {*_pushed(it)}} - {"__init__"}
        for method in methods if kept else ():
            called = {method_name(it) for it in walk(method) if isinstance(it, ast.Call)}
            if method.name not in takes | gives and called & takes and called & gives:
                found[node.name] = frozenset(takes | gives | {"__init__"})
    return found


def stocks_of(tree: ast.Module) -> dict[str, frozenset[str]]:
    """Of classes that begin with objects, and make none when those are all taken: their methods.

    Those that take, give back and begin; by the class's name.
    """
    found = {}
    for node in walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        methods = list(_methods(node.body))
        begun = {name for method in methods for name in _begun(method)}
        takes = {it.name for it in methods if begun & {*_popped(it)}}
        gives = {it.name for it in methods if begun & {*_pushed(it)}}
        if takes and gives and not _kept(methods):
            found[node.name] = frozenset(takes | gives | {"__init__"})
    return found


def _begun(method: Method) -> Iterator[str]:
    """Containers that a method sets to many objects that it makes: `deque(Thing() for ...)`."""
    for node in walk(method):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Attribute):
            continue
        each = [
            part.elt
            for part in walk(node.value)
            if isinstance(part, ast.ListComp | ast.GeneratorExp)
        ]
        if any(isinstance(call, ast.Call) and makes(call) for it in each for call in walk(it)):
            yield _named(node.targets[0])


def giving_back(tree: ast.Module) -> frozenset[str]:
    """Names of the methods and functions that put into a pool what they are given.

    Not of those that take from it as well: a `with` of such a one takes first.
    """
    groups = [list(_methods(tree.body))]
    groups += [list(_methods(node.body)) for node in walk(tree) if isinstance(node, ast.ClassDef)]
    found = set()
    for group in groups:
        kept = _kept(group)
        for method in group if kept else ():
            if kept & {*_pushed(method)} and not kept & {*_popped(method)}:
                found.add(method.name)
    return frozenset(found)


def taking_methods(owner: ast.ClassDef) -> frozenset[str]:
    """Names of the methods that give their caller what they take out of a container."""
    return frozenset(method.name for method in _methods(owner.body) if _popped(method))


def giving_methods(owner: ast.ClassDef) -> frozenset[str]:
    """Names of the methods that put what they are given into a container."""
    return frozenset(method.name for method in _methods(owner.body) if _pushed(method))


def hands_out(method: ast.AST) -> bool:
    """Whether a function may give its caller what it took: no number, text or part of it."""
    given: list[ast.expr | None] = []
    values: dict[str, list[ast.expr]] = {}
    for node in walk(method):
        if isinstance(node, ast.YieldFrom):
            return True
        if isinstance(node, ast.Return | ast.Yield):
            given.append(node.value)
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    return any(_may_be_taken(value, values) for value in given if value is not None)


def _may_be_taken(value: ast.expr, values: dict[str, list[ast.expr]]) -> bool:
    if isinstance(value, ast.IfExp):
        return _may_be_taken(value.body, values) or _may_be_taken(value.orelse, values)
    if isinstance(value, ast.Tuple):
        return any(_may_be_taken(item, values) for item in value.elts)
    if isinstance(value, ast.Name) and value.id in values:
        return any(_may_be_taken(item, {}) for item in values[value.id])
    if is_number(value):
        return False
    return isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Await | ast.BoolOp)


def _methods(body: Iterable[ast.stmt]) -> Iterator[Method]:
    return (item for item in body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef))


def _kept(methods: list[Method]) -> frozenset[str]:
    """The containers that are taken from by who makes what is missing, and that are put into."""
    filled: dict[str, bool] = {}
    for method in methods:
        for name, fresh in _pushed(method).items():
            filled[name] = filled.get(name, False) or fresh
    if not filled:
        return frozenset()
    return frozenset(
        name
        for method in methods
        for name, fresh in _popped(method).items()
        if name in filled and (fresh or filled[name])
    )


def _popped(method: Method) -> dict[str, bool]:
    """Containers whose items a method gives to its caller; whether it makes what is missing."""
    given: list[ast.expr] = []
    values: dict[str, list[ast.expr]] = {}
    for node in walk(method):
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            given.append(node.value)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                values.setdefault(target.id, []).append(node.value)
    for value in list(given):
        # `return it`, and `return it or Thing()`.
        parts = value.values if isinstance(value, ast.BoolOp) else [value]
        for part in parts:
            if isinstance(part, ast.Name):
                given += values.get(part.id, [])
    calls = [node for value in given for node in walk(value) if isinstance(node, ast.Call)]
    fresh = any(makes(call) for call in calls) or any(isinstance(it, _DISPLAYS) for it in given)
    lasting = _Lasting(method)
    names = {lasting.get(_container(call), "") for call in calls if method_name(call) in _POPS}
    return dict.fromkeys(names - {""}, fresh)


def _pushed(method: Method) -> dict[str, bool]:
    """Containers that a method puts names into, or what it makes on the spot."""
    found: dict[str, bool] = {}
    lasting = _Lasting(method)
    for node in walk(method):
        if not isinstance(node, ast.Call) or method_name(node) not in _PUSHES:
            continue
        name = lasting.get(_container(node), "")
        if name and len(node.args) == 1:
            item = node.args[0]
            fresh = isinstance(item, ast.Call) and makes(item)
            if fresh or isinstance(item, ast.Name):
                found[name] = found.get(name, False) or fresh
    return found


class _Lasting:
    """By the name that a function has for a container: the one that outlives its call, or ""."""

    def __init__(self, method: Method) -> None:
        self._values: dict[str, list[ast.expr]] = {}
        declared: set[str] = set()
        for node in walk(method):
            if isinstance(node, ast.Global | ast.Nonlocal):
                declared.update(node.names)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        self._values.setdefault(target.id, []).append(node.value)
        for name in declared:
            self._values.pop(name, None)

    def get(self, name: str, default: str) -> str:
        """`self.racks` of a local name that was given `self.racks[size]`; "" of what is local."""
        values = self._values.get(name)
        if values is None:
            return name
        return next(filter(None, map(_part_of, values)), default)


def _part_of(value: ast.expr) -> str:
    """The attribute that an expression is, or is an item of."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return _part_of(value.func.value) if value.func.attr in ("get", "setdefault") else ""
    if isinstance(value, ast.Subscript):
        return _part_of(value.value)
    name = _named(value)
    return name if "." in name else ""


def makes_within(statement: Statement) -> bool:
    """Whether a statement of a pool may make one of its objects."""
    keeping = keeps_others(statement)
    if any(makes(call) for call in statement.calls() if call not in keeping):
        return True
    return is_display(statement) and getattr(statement.node, "value", None) not in keeping


def is_display(statement: Statement) -> bool:
    """Whether a statement gives a name to a list, set or dictionary that it writes out.

    In an attribute that is what a pool keeps its objects in.
    """
    value = getattr(statement.node, "value", None)
    return isinstance(value, _DISPLAYS) and isinstance(statement.target, ast.Name)


def keeps_others(statement: Statement) -> list[ast.expr]:
    """Of a statement's values those that make what the pool keeps its objects in.

    The default of `self._free.setdefault(kind, deque())`; or what has a name that its function
    takes from or puts into, and does not give to its caller.
    """
    found = [
        call.args[1]
        for call in statement.calls()
        if method_name(call) == "setdefault" and len(call.args) == 2
    ]
    if isinstance(statement.node, ast.Assign):
        names = {item.id for item in statement.node.targets if isinstance(item, ast.Name)}
        if names and _only_keeps(statement.scope, names):
            found.append(statement.node.value)
    return found


def _only_keeps(scope: ast.AST, names: Set[str]) -> bool:
    keeps = False
    for node in walk(scope):
        if isinstance(node, ast.Return | ast.Yield):
            given = node.value
            if isinstance(given, ast.Name) and given.id in names:
                return False
        elif isinstance(node, ast.Call) and method_name(node) in _POPS | _PUSHES:
            if any(isinstance(item, ast.Name) and item.id in names for item in node.args):
                return False
            keeps = keeps or _container(node) in names
    return keeps


def _container(call: ast.Call) -> str:
    """`self._free` of `self._free.pop()` or `self._free[kind].pop()`; or a name of a container."""
    function = call.func
    owner = function.value if isinstance(function, ast.Attribute) else None
    if isinstance(owner, ast.Call) and method_name(owner) in ("get", "setdefault"):
        owner = owner.func.value if isinstance(owner.func, ast.Attribute) else None
    if isinstance(owner, ast.Subscript):
        owner = owner.value
    return "" if owner is None else _named(owner)


def _named(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}" if node.value.id in ("self", "cls") else ""
    return node.id if isinstance(node, ast.Name) else ""


def takes_from(call: ast.Call) -> bool:
    """Whether a call takes something out of a container of the pool's."""
    return method_name(call) in _POPS and bool(_container(call))


def makes(call: ast.Call) -> bool:
    """Whether a call makes an object for a pool to keep, by its name."""
    name = method_name(call).lstrip("_")
    if name in _MEANS:
        return False
    return (
        (name[:1].isupper() and not name.isupper())
        or name.lower().startswith(_MAKERS)
        or called_name(call) in _BUILT_IN
    )
