"""What holds a line's blocks: the container that they are stored in, read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from memscope.advice.evidence import Case, Line
from memscope.advice.source import FUNCTIONS, Statement, called_name, is_self, method_name, text_of
from memscope.advice.uses import surely_holds
from memscope.capture.model import CodeFrame

_STORES = {"append", "appendleft", "add", "setdefault", "extend", "insert", "put", "put_nowait",
           "update", "register", "subscribe", "connect", "push", "heappush", "add_listener",
           "on", "add_done_callback", "addHandler", "remember", "store", "record", "track",
           "setitem", "insort", "submit"}  # fmt: skip
_REMOVALS = {"pop", "popleft", "popitem", "clear", "remove", "discard", "get_nowait", "truncate"}
# What the standard library keeps for good of what it gives or is given, and what to do instead.
KEPT_BY_LIBRARY = {
    "logging's table of loggers": (
        "ask for one of a fixed name, and say what differs with a LoggerAdapter, or extra=",
        'logging.LoggerAdapter(LOG, {"job": name})',
    ),
    "atexit's list of functions": (
        "register one function once, or take each away when it is no longer needed",
        "atexit.unregister(function)",
    ),
}
_LIBRARY_CALLS = {
    "logging.getLogger": "logging's table of loggers",
    "getLogger": "logging's table of loggers",
    "atexit.register": "atexit's list of functions",
}
_REGISTER = re.compile(
    r"cache|memo|listen|handler|callback|subscri|observ|receiver|hook|watcher|pending|waiting"
    r"|regist|session|connection|client|in_?flight|active|alive|undo|recent",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Where what grows is stored."""

    frame: CodeFrame
    statement: Statement | None
    container: str  # as code; "" if unknown
    scope: str  # "global", "attribute", "cache", "library", "local", "module" or "" if unknown
    removes: bool
    reads: bool
    listens: bool = False  # whether it has the methods of objects, which it calls
    walked: bool = False  # whether something goes through all of it
    otherwise: Holder | None = None  # the local name that holds it if this does not

    @property
    def is_register(self) -> bool:
        """Whether it is, by its name, for what comes and goes: reading it is no sign of a load."""
        return self.listens or bool(_REGISTER.search(self.container))

    @property
    def lasting(self) -> bool:
        """Whether it outlives the function that stores."""
        return self.scope not in ("", "local", "module")

    @property
    def has_table(self) -> bool:
        """Whether its own table is made where it is filled, by own code, and grows there."""
        return self.lasting and self.scope not in ("cache", "library")


def holder_of(case: Case, line: Line) -> Holder:
    """The innermost own frame on the way that stores something, and where."""
    rows = [row for row in line.rows if case.measures.live_bytes[row]] or list(line.rows)
    by = case.measures.live_bytes
    if not any(by[row] for row in rows):
        by = case.capture.totals.peak_bytes
    node = case.measures.row_stacks[max(rows, key=by.__getitem__)]
    frames = case.own_frames(node)
    found = _holder_above(case, line, frames)
    root = None if found.statement is None else stored_in(found.statement)
    if found.scope != "local" or found.statement is None or not isinstance(root, ast.Name):
        return found
    # What a function collects and returns may be stored by a caller.
    above = [place for place, (_, frame) in enumerate(frames) if _same_function(frame, found.frame)]
    if not above or not _returned_itself(found.statement, root.id):
        return found
    stored = _holder_above(case, line, frames[above[0] + 1 :])
    return replace(stored, otherwise=found) if stored.lasting else found


def _same_function(frame: CodeFrame, other: CodeFrame) -> bool:
    return (frame.file, frame.function) == (other.file, other.function)


def _holder_above(case: Case, line: Line, frames: list[tuple[int, CodeFrame]]) -> Holder:
    for _, frame in frames:
        statement = case.statement(frame)
        if statement is None:
            break
        cached = _cached_function(statement)
        if cached is not None:
            place = CodeFrame(frame.function, frame.file, cached.lineno)
            return Holder(place, statement, f"the cache of {cached.name}()", "cache", False, True)
        container = stored_in(statement)
        if container is not None:
            return describe(case, frame, statement, container)
        library = _kept_by_library(statement)
        if library:
            return Holder(frame, statement, library, "library", False, False)
        if isinstance(statement.target, ast.Name):
            later = _stored_later(statement)
            if later is not None:
                stored, where = later
                place = CodeFrame(frame.function, frame.file, stored.node.lineno)
                return describe(case, place, stored, where)
            if not _returned(statement, statement.target.id):
                return _unknown(frame, statement)
        elif not isinstance(statement.target, ast.Attribute) and not _hands_over(statement.node):
            return _unknown(line.frame, statement)
    return _unknown(line.frame, case.statement(line.frame))


def _hands_over(node: ast.stmt) -> bool:
    """Whether a statement gives its caller what it makes: `return` and `yield`."""
    return isinstance(node, ast.Return) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom)
    )


def _unknown(frame: CodeFrame, statement: Statement | None) -> Holder:
    """What the module's own code holds it holds for good; of anything else nothing is known."""
    scope = "module" if statement is not None and statement.function is None else ""
    return Holder(frame, statement, "", scope, False, False)


def _returned(statement: Statement, name: str) -> bool:
    """Whether the function returns the name, alone or in something."""
    return any(
        isinstance(node, ast.Return)
        and node.value is not None
        and any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node.value))
        for node in ast.walk(statement.scope)
    )


def _returned_itself(statement: Statement, name: str) -> bool:
    """Whether the function returns what the name holds, and not something made of it."""
    return any(
        isinstance(node, ast.Return) and node.value is not None and surely_holds(node.value, name)
        for node in ast.walk(statement.scope)
    )


def describe(case: Case, frame: CodeFrame, statement: Statement, container: ast.expr) -> Holder:
    name = text_of(container, 40)
    scope = _scope_of(statement, container)
    source = case.sources.of(frame.file)
    removes = reads = listens = walked = False
    if source is not None:
        removes, reads = _uses(source.tree, container, statement)
        listens = _calls_what_it_has(source.tree, container) and _stores_methods(case, statement)
        walked = _goes_through(source.tree, container)
    return Holder(frame, statement, name, scope, removes, reads, listens, walked)


def remembers(statement: Statement, container: ast.expr) -> bool:
    """Whether the function looks in the container for what it is asked, and gives what is there."""
    function, node = statement.function, statement.node
    if function is None or not isinstance(node, ast.Assign):
        return False
    name = text_of(container)
    names = {item.id for item in node.targets if isinstance(item, ast.Name)}
    names |= {node.value.id} if isinstance(node.value, ast.Name) else set()
    found = given = False
    for part in ast.walk(function):
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Load):
            found |= text_of(part.value) == name
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            found |= part.func.attr == "get" and text_of(part.func.value) == name
        if isinstance(part, ast.Return) and part.value is not None:
            given |= isinstance(part.value, ast.Name) and part.value.id in names
            given |= isinstance(part.value, ast.Subscript) and text_of(part.value.value) == name
    return found and given


def _goes_through(tree: ast.AST, container: ast.expr) -> bool:
    """Whether a loop or a comprehension goes through what has the container's very name."""
    name = text_of(container)
    return any(
        isinstance(part, type(container)) and text_of(part) == name
        for node in ast.walk(tree)
        if isinstance(node, ast.For | ast.comprehension)
        for part in ast.walk(node.iter)
    )


def _calls_what_it_has(tree: ast.AST, container: ast.expr) -> bool:
    """Whether a loop over the container calls each: `for each in self.listeners: each(event)`."""
    base = _base(container)
    name = base.attr if isinstance(base, ast.Attribute) else text_of(_root(base))
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == loop.target.id
        for loop in ast.walk(tree)
        if isinstance(loop, ast.For)
        and isinstance(loop.target, ast.Name)
        and any(_names(part, name) for part in ast.walk(loop.iter))
        for call in ast.walk(loop)
    )


def _stores_methods(case: Case, statement: Statement) -> bool:
    """Whether objects give the function of a statement a method of their own, and it stores it."""
    function = statement.function
    if function is None:
        return False
    arguments = {item.arg for item in (*function.args.posonlyargs, *function.args.args)}
    stored = {
        part.id for call in statement.calls() for part in call.args if isinstance(part, ast.Name)
    }
    if not stored & arguments:
        return False
    return any(
        isinstance(call, ast.Call)
        and method_name(call) == function.name
        and any(_is_own_method(part, source.functions) for part in call.args)
        for source in case.sources.loaded()
        for call in ast.walk(source.tree)
    )


def _is_own_method(node: ast.expr, functions: Mapping[str, object]) -> bool:
    return isinstance(node, ast.Attribute) and is_self(node.value) and node.attr in functions


def _cached_function(statement: Statement) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
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


def _kept_by_library(statement: Statement) -> str:
    """What of the standard library keeps what a statement asks it for, each time another."""
    if statement.function is None:
        return ""
    for call in statement.calls():
        kept_by = _LIBRARY_CALLS.get(called_name(call), "")
        if kept_by and call.args and not isinstance(call.args[0], ast.Constant):
            return kept_by
    return ""


def stored_in(statement: Statement) -> ast.expr | None:
    """The container that the statement stores something in; None if it can only hold so many."""
    container = _container_of(statement)
    if isinstance(container, ast.Name | ast.Attribute):
        name = container.id if isinstance(container, ast.Name) else f".{container.attr}"
        if name in _bounded(statement.parents[0]):
            return None
    return container


@lru_cache(maxsize=64)  # each line that stores asks
def _bounded(tree: ast.AST) -> frozenset[str]:
    """Names and attributes (`.name`) of a file that only ever are deques of a greatest length."""
    bounded: set[str] = set()
    others: set[str] = set()
    limited: set[int] = set()  # the targets that are given one
    declared: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and node.value is None:
            declared.add(id(node.target))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_bounded(node.value):
            limited.update(map(id, node.targets if isinstance(node, ast.Assign) else [node.target]))
        elif isinstance(node, ast.arg):
            others.add(node.arg)
    for node in ast.walk(tree):
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
            return target
    for call in statement.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in _STORES:
            return call.func.value
        if method_name(call) in ("heappush", "insort") and call.args:
            return call.args[0]
    return None


def _stored_later(statement: Statement) -> tuple[Statement, ast.expr] | None:
    """The statement of the same function that stores the name that this one assigns."""
    name = statement.target.id if isinstance(statement.target, ast.Name) else ""
    if statement.function is None:
        return None
    for node in ast.walk(statement.function):
        if not isinstance(node, ast.stmt) or node.lineno <= statement.node.lineno:
            continue
        if not isinstance(node, ast.Assign | ast.Expr | ast.AugAssign | ast.AnnAssign):
            continue
        other = Statement(node, statement.parents)
        container = stored_in(other)
        if container is None:
            continue
        value = getattr(node, "value", None)
        named = [
            item
            for item in (ast.walk(value) if value is not None else ())
            if isinstance(item, ast.Name) and item.id == name
        ]
        root = _root(container)
        if named and not (isinstance(root, ast.Name) and root.id == name):
            return other, container
    return None


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _scope_of(statement: Statement, container: ast.expr) -> str:
    root = _root(container)
    function = statement.function
    if not isinstance(root, ast.Name):
        return ""
    if function is None:
        return "module"
    if root.id in ("self", "cls"):
        return "attribute"
    declared_global = any(
        isinstance(node, ast.Global | ast.Nonlocal) and root.id in node.names
        for node in ast.walk(function)
    )
    arguments = function.args
    defaults = dict(
        zip(
            [item.arg for item in [*arguments.posonlyargs, *arguments.args]][::-1],
            arguments.defaults[::-1],
            strict=False,
        )
    )
    if root.id in defaults and isinstance(defaults[root.id], ast.List | ast.Dict | ast.Set):
        return "default"
    names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    if root.id in {item.arg for item in names}:
        return "argument"
    stored = any(
        isinstance(node, ast.Name) and node.id == root.id and isinstance(node.ctx, ast.Store)
        for node in ast.walk(function)
    )
    if stored and not declared_global:
        return "attribute" if isinstance(container, ast.Attribute) else "local"
    return "global"


def _uses(tree: ast.AST, container: ast.expr, storing: Statement) -> tuple[bool, bool]:
    """Whether the container is emptied somewhere in the file, and whether it is read."""
    name = container.attr if isinstance(container, ast.Attribute) else text_of(_root(container))
    removes = reads = False
    inside = set(map(id, ast.walk(storing.node)))
    first = True
    for function in ast.walk(tree):
        starts = isinstance(function, FUNCTIONS) and getattr(function, "name", "") in (
            "__init__", "clear", "reset", "close",
        )  # fmt: skip
        for node in ast.iter_child_nodes(function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _REMOVALS
                and _names(node.func.value, name)
            ):
                removes = True
            if isinstance(node, ast.Delete) and any(
                _names(_base(target), name) for target in node.targets
            ):
                removes = True
            if isinstance(node, ast.For | ast.comprehension) and any(
                _names(part, name) for part in ast.walk(node.iter)
            ):
                reads = True
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                reads = reads or (_names(node.value, name) and id(node) not in inside)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "items", "values", "keys", "copy", "join")
                and _names(node.func.value, name)
            ):
                reads = True
            if isinstance(node, ast.Return) and node.value is not None:
                reads = reads or any(_names(part, name) for part in _direct(node.value))
        first = first and not starts
    return removes, reads


def _direct(value: ast.expr) -> list[ast.expr]:
    """What a statement gives on: itself, the parts of a tuple, what a call is given."""
    if isinstance(value, ast.Tuple):
        return [part for item in value.elts for part in _direct(item)]
    if isinstance(value, ast.Call) and method_name(value) != "len":
        return [value, *value.args]
    return [value]


def _base(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _names(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == name
    return isinstance(node, ast.Name) and node.id == name
