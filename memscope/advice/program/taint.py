"""What of a constructor depends on what it is given: one that was kept would do that part again."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Set

from memscope.advice.program.statements import is_self
from memscope.advice.program.walking import walk

# Methods of plain data, which say the same each time.
_LOOKING = {"get", "items", "keys", "values", "copy", "index", "count", "split", "rsplit", "strip",
            "splitlines", "lower", "upper", "encode", "decode", "startswith", "endswith", "join",
            "format", "replace", "hex", "tobytes", "union"}  # fmt: skip


def depending_lines(
    start: ast.FunctionDef | ast.AsyncFunctionDef, given: Iterable[str], owner: ast.ClassDef | None
) -> frozenset[int]:
    """Lines of a constructor that work with these of its parameters, or with what comes of them."""
    reader = _Reader(set(given), owner)
    # What a loop learns in its last line, its first line uses the next time around.
    for _ in range(2):
        reader.read(start.body, depends=False)
    return frozenset(reader.lines)


def parameters_given(
    start: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call, names: set[str]
) -> set[str]:
    """The parameters for which a call has expressions with one of these names (`self.row` too)."""
    arguments = start.args
    places = [item.arg for item in (*arguments.posonlyargs, *arguments.args)][1:]
    found = set()
    for place, value in enumerate(call.args):
        if _has_name(value, names):
            if isinstance(value, ast.Starred) or place >= len(places):
                found |= {*places[place:], arguments.vararg.arg if arguments.vararg else ""}
            else:
                found.add(places[place])
    for keyword in call.keywords:
        if _has_name(keyword.value, names):
            more = {*places, *(item.arg for item in arguments.kwonlyargs)}
            named = keyword.arg is not None and keyword.arg in more
            caught = {arguments.kwarg.arg} if arguments.kwarg else more
            found |= {keyword.arg or ""} if named else caught
    return found - {""}


def names_asked(value: ast.expr, modules: Iterable[str]) -> set[str]:
    """Names of an argument whose value is asked for at each call: `rng.random()`, `next_size()`."""
    known = {*modules}
    found: set[str] = set()
    for node in walk(value):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name):
            is_same = hasattr(builtins, function.id) or function.id[:1].isupper()
            found |= set() if is_same and function.id != "next" else {function.id}
        elif not _is_of_module(function, known):
            found |= {name_of(part) for part in walk(function)}
    return found - {"", "self"}


def _is_of_module(function: ast.expr, modules: Set[str]) -> bool:
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and (
        (function.id in modules and function.id != "random") or function.id[:1].isupper()
    )


def asked_parameters(start: ast.FunctionDef) -> set[str]:
    """Parameters of which a constructor calls methods that may give something else each time."""
    given = start.args
    names = {item.arg for item in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    return {
        owner.id
        for node in walk(start)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr not in _LOOKING and isinstance(owner := node.func.value, ast.Name)
        if owner.id in names and not is_self(owner)
    }


class _Reader:
    """Goes through statements in order, and notes what depends on what was given."""

    def __init__(self, names: set[str], owner: ast.ClassDef | None) -> None:
        self.names = names
        self.attributes: set[str] = set()  # of the object that is made
        self.lines: set[int] = set()
        self._methods = {
            item.name: item
            for item in (owner.body if owner is not None else ())
            if isinstance(item, ast.FunctionDef)
        }

    def read(self, body: Iterable[ast.stmt], *, depends: bool) -> None:
        for statement in body:
            inner = [
                block
                for name in ("body", "orelse", "finalbody")
                if isinstance(block := getattr(statement, name, None), list)
            ]
            inner += [handler.body for handler in getattr(statement, "handlers", ())]
            inner += [case.body for case in getattr(statement, "cases", ())]
            head = [
                child
                for child in ast.iter_child_nodes(statement)
                if isinstance(child, ast.expr | ast.withitem)
            ]
            here = depends or any(self._depends(child) for child in head)
            if here:
                last = statement.end_lineno or statement.lineno
                if inner and inner[0]:
                    last = max(statement.lineno, inner[0][0].lineno - 1)
                self.lines.update(range(statement.lineno, last + 1))
                self._bind(head)
            # Whether and how often the body runs is part of what a new object would have.
            for block in inner:
                self.read(block, depends=here and not isinstance(statement, ast.Try))

    def _bind(self, head: Iterable[ast.AST]) -> None:
        for node in (part for child in head for part in walk(child)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self._note(node)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                self._note(node.value)
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and any(self._depends(value) for value in node.args)
            ):
                self._note(node.func.value)  # self.parts.append(given)

    def _note(self, node: ast.expr) -> None:
        if isinstance(node, ast.Attribute) and is_self(node.value):
            self.attributes.add(node.attr)
        elif isinstance(node, ast.Name) and not is_self(node):
            self.names.add(node.id)

    def _depends(self, tree: ast.AST) -> bool:
        for node in walk(tree):
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load) and node.id in self.names:
                    return True
            elif isinstance(node, ast.Attribute) and is_self(node.value):
                if isinstance(node.ctx, ast.Load) and node.attr in self.attributes:
                    return True
                if node.attr in self._methods and self._touches(node.attr, set()):
                    return True
        return False

    def _touches(self, name: str, seen: set[str]) -> bool:
        """Whether a method reads what depends on what was given, itself or by another."""
        seen.add(name)
        used = {
            part.attr
            for part in walk(self._methods[name])
            if isinstance(part, ast.Attribute) and is_self(part.value)
        }
        return bool(used & self.attributes) or any(
            self._touches(other, seen) for other in (used & self._methods.keys()) - seen
        )


def _has_name(tree: ast.AST, names: set[str]) -> bool:
    return any(name_of(node) in names for node in walk(tree))


def name_of(node: ast.AST) -> str:
    """`row` of a name, `self.row` of an attribute of one's own; else ""."""
    if isinstance(node, ast.Attribute) and is_self(node.value):
        return f"self.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
