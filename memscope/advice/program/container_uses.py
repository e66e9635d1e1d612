"""What a file does with a container: whether it is emptied, read, gone through, called."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from memscope.advice.program.containers import STORES, root_of
from memscope.advice.program.expressions import is_name, is_number, method_name, text_of
from memscope.advice.program.statements import COMPREHENSIONS, Statement
from memscope.advice.program.uses import CONSUMERS, functions_named, parameter_at
from memscope.advice.program.walking import walk
from memscope.plain import dataclass

_REMOVALS = {"pop", "popleft", "popitem", "clear", "remove", "discard", "get_nowait", "truncate"}
_HEAP_REMOVALS = {"heappop", "heappushpop", "heapreplace"}
_READS = {"get", "items", "values", "keys", "copy", "join"}
# Calls that go through all of what they are given.
_GO_THROUGH = CONSUMERS | {"extendleft", "list", "reversed", "sorted", "tuple"}
# Methods that give the container within a container: `shelves.setdefault(key, []).append(book)`.
_GIVE_WITHIN = {"get", "setdefault"}


@dataclass(frozen=True, slots=True)
class Uses:
    """What a file does with a container."""

    removes: bool
    reads: bool


def uses_of(tree: ast.AST, container: ast.expr, storing: Statement) -> Uses:
    """Whether a container is emptied somewhere in its file, and whether it is read.

    `storing` is the statement that fills it: looking there is no reading.
    """
    name, inside = _name_of(container), set(map(id, walk(storing.node)))
    found = [_uses_in(tree, name, inside)]
    found += [_uses_in(function, given, inside) for function, given in _handed_to(tree, name)]
    return Uses(any(it.removes for it in found), any(it.reads for it in found))


def _uses_in(scope: ast.AST, name: str, inside: Set[int]) -> Uses:
    nodes = walk(scope)
    return Uses(
        removes=any(_removes(node, name) for node in nodes),
        reads=any(
            _reads(node, name)
            or (id(node) not in inside and (_looks_up(node, name) or _hands_all(node, name)))
            for node in nodes
        ),
    )


def _handed_to(tree: ast.AST, name: str) -> Iterator[tuple[ast.FunctionDef, str]]:
    """The file's functions that are called with the container, and what they call it."""
    for call in walk(tree):
        if not isinstance(call, ast.Call):
            continue
        for place, given in enumerate(call.args):
            if _is_called(given, name):
                for function, _ in functions_named(method_name(call), [tree]):
                    yield function, parameter_at(function, call, place)


def _name_of(container: ast.expr) -> str:
    """What a container is called by in its file, whoever has it; the outer of nested ones."""
    while (outer := _outer(container)) is not None:
        container = outer
    return container.attr if isinstance(container, ast.Attribute) else text_of(root_of(container))


def _outer(container: ast.expr) -> ast.expr | None:
    """The container that another one is taken from."""
    if isinstance(container, ast.Subscript):
        return container.value
    if not isinstance(container, ast.Call) or not isinstance(container.func, ast.Attribute):
        return None
    return container.func.value if container.func.attr in _GIVE_WITHIN else None


def _removes(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Delete):
        targets = (it.value if isinstance(it, ast.Subscript) else it for it in node.targets)
        return any(_is_called(target, name) for target in targets)
    if isinstance(node, ast.Call) and method_name(node) in _HEAP_REMOVALS:
        return bool(node.args) and _is_called(node.args[0], name)
    return _is_method_of(node, name, _REMOVALS)


def _reads(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.For | ast.comprehension):
        return any(_is_called(part, name) for part in walk(node.iter))
    if isinstance(node, ast.Return) and node.value is not None:
        return any(_is_called(part, name) for part in _given_on(node.value))
    return _is_method_of(node, name, _READS)


def _looks_up(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and _is_called(node.value, name)
    )


def _hands_all(node: ast.AST, name: str) -> bool:
    """Whether a call is given the container to go through."""
    if not isinstance(node, ast.Call) or method_name(node) not in _GO_THROUGH:
        return False
    given = (item.value if isinstance(item, ast.Starred) else item for item in node.args)
    return any(_is_called(_whole_of(item), name) for item in given)


def _whole_of(given: ast.expr) -> ast.expr:
    """`table` of `table.items()`."""
    owner = given.func if isinstance(given, ast.Call) else None
    if isinstance(owner, ast.Attribute) and owner.attr in ("items", "values", "keys"):
        return owner.value
    return given


def _is_method_of(node: ast.AST, name: str, methods: Set[str]) -> bool:
    """Whether it is a call of one of these methods of what has the name."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in methods
        and _is_called(node.func.value, name)
    )


def _is_called(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == name
    return is_name(node, name)


def _given_on(value: ast.expr) -> list[ast.expr]:
    """What a statement gives on: itself, the parts of a tuple, what a call is given."""
    if isinstance(value, ast.Tuple):
        return [part for item in value.elts for part in _given_on(item)]
    if isinstance(value, ast.Call) and method_name(value) != "len":
        return [value, *value.args]
    return [value]


def keeps_only_plain(statement: Statement) -> bool:
    """Whether what a statement stores is text, bytes or numbers: nothing else hangs on those."""
    node = statement.node
    stored: list[ast.expr] = []
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
        stored.append(node.value)
        target = statement.target
        stored += [target.slice] if isinstance(target, ast.Subscript) else []
    for call in statement.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in STORES:
            stored += [*call.args, *(item.value for item in call.keywords)]
    return bool(stored) and all(_is_plain(item, statement.scope) for item in stored)


def _is_plain(value: ast.expr, scope: ast.AST) -> bool:
    if isinstance(value, ast.Constant | ast.JoinedStr) or is_number(value):
        return True
    if isinstance(value, ast.Call):
        return method_name(value) in ("str", "repr", "hex", "round", "sum", "bytes", "bytearray")
    if not isinstance(value, ast.Name):
        return False
    bound = [
        node.iter
        for node in walk(scope)
        if isinstance(node, ast.For | ast.comprehension)
        and isinstance(node.target, ast.Name)
        and node.target.id == value.id
    ]
    return bool(bound) and all(
        isinstance(item, ast.Call) and method_name(item) == "range" for item in bound
    )


def remembers(statement: Statement, container: ast.expr) -> bool:
    """Whether the function looks in the container for what it is asked, and gives what is there."""
    function, node = statement.function, statement.node
    if function is None or not isinstance(node, ast.Assign):
        return False
    name = text_of(container)
    names = {item.id for item in node.targets if isinstance(item, ast.Name)}
    names |= {node.value.id} if isinstance(node.value, ast.Name) else set()
    found = given = False
    for part in walk(function):
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Load):
            found |= text_of(part.value) == name
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            found |= part.func.attr == "get" and text_of(part.func.value) == name
        if isinstance(part, ast.Return) and part.value is not None:
            given |= isinstance(part.value, ast.Name) and part.value.id in names
            given |= isinstance(part.value, ast.Subscript) and text_of(part.value.value) == name
    return found and given


def is_named(node: ast.expr, container: ast.expr) -> bool:
    """Whether an expression is called as the container is, whoever has it."""
    return _is_called(_whole_of(node), _name_of(container))


def walks_named(tree: ast.AST, container: ast.expr) -> bool:
    """Whether code goes through all of what is called as the container is, whoever has it."""
    name = _name_of(container)
    return any(
        _hands_all(node, name) or _goes_through_it(node, name) or _looks_at_each(node, name)
        for node in walk(tree)
    )


def _goes_through_it(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.For | ast.comprehension) and any(
        _is_called(part, name) for part in walk(node.iter)
    )


def _looks_at_each(node: ast.AST, name: str) -> bool:
    """Whether it goes through what has such containers: `max(len(p.parents) for p in known)`."""
    loops = node.generators if isinstance(node, COMPREHENSIONS) else [node]
    targets = {
        loop.target.id
        for loop in loops
        if isinstance(loop, ast.For | ast.comprehension) and isinstance(loop.target, ast.Name)
    }
    return bool(targets) and any(
        isinstance(part, ast.Attribute)
        and part.attr == name
        and isinstance(part.value, ast.Name)
        and part.value.id in targets
        for part in walk(node)
    )


def goes_through(tree: ast.AST, container: ast.expr) -> bool:
    """Whether a loop or a comprehension goes through what has the container's very name."""
    name = text_of(container)
    return any(
        isinstance(part, type(container)) and text_of(part) == name
        for node in walk(tree)
        if isinstance(node, ast.For | ast.comprehension)
        for part in walk(node.iter)
    )


def calls_its_items(tree: ast.AST, container: ast.expr) -> bool:
    """Whether a loop over the container calls each: `for each in self.listeners: each(event)`."""
    base = container.value if isinstance(container, ast.Subscript) else container
    name = _name_of(base)
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == loop.target.id
        for loop in walk(tree)
        if isinstance(loop, ast.For)
        and isinstance(loop.target, ast.Name)
        and any(_is_called(part, name) for part in walk(loop.iter))
        for call in walk(loop)
    )
