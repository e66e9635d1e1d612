"""Containers in the source: what a statement stores in, and how the file uses that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from memscope.advice.program.expressions import is_name, is_number, method_name, text_of
from memscope.advice.program.scopes import names_of, parameters
from memscope.advice.program.statements import Function, Statement
from memscope.advice.program.uses import may_hold, surely_holds
from memscope.advice.program.walking import walk

STORES = {"append", "appendleft", "add", "setdefault", "extend", "insert", "put", "put_nowait",
          "update", "register", "subscribe", "connect", "push", "heappush", "add_listener",
          "on", "add_done_callback", "addHandler", "remember", "store", "record", "track",
          "setitem", "insort", "submit"}  # fmt: skip


def hands_over(node: ast.stmt) -> bool:
    """Whether a statement gives its caller what it makes: `return` and `yield`."""
    return isinstance(node, ast.Return) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom)
    )


def may_return(statement: Statement, name: str) -> bool:
    """Whether the function may return what the name holds, alone or in something."""
    return any(
        isinstance(node, ast.Return) and node.value is not None and may_hold(node.value, name)
        for node in walk(statement.scope)
    )


def surely_returns(statement: Statement, name: str) -> bool:
    """Whether the function returns what the name holds, and not something made of it."""
    return any(
        isinstance(node, ast.Return) and node.value is not None and surely_holds(node.value, name)
        for node in walk(statement.scope)
    )


def cached_function(statement: Statement) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function of a statement, if it remembers its answers without a bound."""
    function = statement.function
    if function is None:
        return None
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = text_of(call.func if call else decorator).rpartition(".")[2]
        if name == "cache":
            return function
        if name == "lru_cache" and call is not None:
            given = [*call.args, *(k.value for k in call.keywords if k.arg == "maxsize")]
            if given and isinstance(given[0], ast.Constant) and given[0].value is None:
                return function
    return None


def stored_in(statement: Statement) -> ast.expr | None:
    """The container that the statement stores something in; None if it can only hold so many."""
    container = _container_of(statement)
    if isinstance(container, ast.Name | ast.Attribute):
        name = container.id if isinstance(container, ast.Name) else f".{container.attr}"
        if name in _bounded(statement.parents[0]):
            return None
    # `pages.setdefault(name, deque(maxlen=5)).append(page)`
    given = container.args[1:] if isinstance(container, ast.Call) else []
    return None if any(map(_is_bounded, given)) else container


@lru_cache(maxsize=64)  # each line that stores asks
def _modules(tree: ast.AST) -> frozenset[str]:
    """Names of the modules that a file imports: what they have is theirs to keep."""
    return frozenset(
        item.asname or item.name.partition(".")[0]
        for node in walk(tree)
        if isinstance(node, ast.Import)
        for item in node.names
    )


@lru_cache(maxsize=64)
def _bounded(tree: ast.AST) -> frozenset[str]:
    """Names and attributes (`.name`) of a file that only ever are deques of a greatest length."""
    bounded: set[str] = set()
    others: set[str] = set()
    limited: set[int] = set()  # the targets that are given one
    declared: set[int] = set()
    for node in walk(tree):
        if isinstance(node, ast.AnnAssign) and node.value is None:
            declared.add(id(node.target))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_bounded(node.value):
            limited.update(map(id, node.targets if isinstance(node, ast.Assign) else [node.target]))
        elif isinstance(node, ast.arg):
            others.add(node.arg)
    for node in walk(tree):
        if id(node) in declared or not isinstance(getattr(node, "ctx", None), ast.Store):
            continue
        kind = bounded if id(node) in limited else others
        if isinstance(node, ast.Attribute):
            kind.add(f".{node.attr}")
        elif isinstance(node, ast.Name):
            kind.update((node.id, f".{node.id}"))  # in a class's body it is an attribute
    return frozenset(bounded - others)


def _is_bounded(value: ast.expr | None) -> bool:
    if not isinstance(value, ast.Call):
        return False
    if method_name(value) == "field":
        made_by = [item.value for item in value.keywords if item.arg == "default_factory"]
        return any(isinstance(item, ast.Lambda) and _is_bounded(item.body) for item in made_by)
    most = [*value.args[1:], *(item.value for item in value.keywords if item.arg == "maxlen")]
    unlimited = not most or (isinstance(most[0], ast.Constant) and most[0].value is None)
    return method_name(value) == "deque" and not unlimited


def _container_of(statement: Statement) -> ast.expr | None:
    node = statement.node
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    for target in targets:
        if isinstance(target, ast.Subscript):
            return target.value
        if isinstance(node, ast.AugAssign):
            return None if _adds_numbers(statement, node) else target
    for call in statement.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in STORES:
            owner = call.func.value
            if not (isinstance(owner, ast.Name) and owner.id in _modules(statement.parents[0])):
                return owner
        if method_name(call) in ("heappush", "insort") and call.args:
            return call.args[0]
    return None


def _adds_numbers(statement: Statement, node: ast.AugAssign) -> bool:
    """Whether a number is counted up: it began as one, or one is added. A number holds nothing."""
    if not isinstance(node.op, ast.Add | ast.BitOr | ast.Mult) or is_number(node.value):
        return True
    name = text_of(node.target)
    scope = statement.scope if isinstance(node.target, ast.Name) else statement.parents[0]
    began = [
        item.value
        for item in walk(scope)
        if isinstance(item, ast.Assign | ast.AnnAssign)
        and item.value is not None
        and any(
            text_of(target) == name
            for target in (item.targets if isinstance(item, ast.Assign) else [item.target])
        )
    ]
    return any(map(is_number, began))


def fills_new_object(statement: Statement, container: ast.expr) -> bool:
    """Whether what is filled is part of an object that the function itself makes of a class."""
    root = root_of(container)
    if statement.function is None or root is container or not isinstance(root, ast.Name):
        return False
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and method_name(node.value).lstrip("_")[:1].isupper()
        and any(is_name(item, root.id) for item in node.targets)
        for node in walk(statement.function)
    )


def stores_of(statement: Statement, name: str) -> Iterator[tuple[Statement, ast.expr]]:
    """Later statements of the same function that store what a name holds, and where."""
    if statement.function is None:
        return
    for node in walk(statement.function):
        if not isinstance(node, ast.stmt) or node.lineno <= statement.node.lineno:
            continue
        if not isinstance(node, ast.Assign | ast.Expr | ast.AugAssign | ast.AnnAssign):
            continue
        other = Statement(node, statement.parents)
        container = stored_in(other)
        if container is None:
            continue
        value = getattr(node, "value", None)
        named = value is not None and any(is_name(item, name) for item in walk(value))
        if named and not is_name(root_of(container), name):
            yield other, container


def root_of(node: ast.expr) -> ast.expr:
    """`self` of `self.shelves[3].items()`: what an expression starts from."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def scope_of(statement: Statement, container: ast.expr) -> str:
    """Where a container lies that a statement stores in; "" if that is not known."""
    root, function = root_of(container), statement.function
    if not isinstance(root, ast.Name):
        return ""
    if function is None:
        return "module"
    if root.id in ("self", "cls"):
        return "attribute"
    return _scope_in(function, root.id, of_attribute=isinstance(container, ast.Attribute))


def _scope_in(function: Function, name: str, *, of_attribute: bool) -> str:
    if isinstance(_defaults(function.args).get(name), ast.List | ast.Dict | ast.Set):
        return "default"
    if name in parameters(function):
        return "argument"
    if name not in names_of(function):
        return "global"
    return "attribute" if of_attribute else "local"


def _defaults(given: ast.arguments) -> dict[str, ast.expr]:
    """The default values of a function's parameters, but for those that are given by name alone."""
    names = [item.arg for item in (*given.posonlyargs, *given.args)]
    return dict(zip(reversed(names), reversed(given.defaults), strict=False))
