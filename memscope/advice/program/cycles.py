"""Attributes by which objects refer to those that refer to them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from memscope.advice.program.scopes import parameters
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import is_self
from memscope.advice.program.walking import walk

_ADDING = {"append", "add", "appendleft", "insert"}


def way_back(name: str, sources: Iterable[SourceFile]) -> str:
    """The attribute that closes a cycle: `child.parent` where a class has `child.parent = self`.

    Or `self.parent` where it keeps what it is given, and adds itself to that.
    """
    for source in sources:
        made = source.classes.get(name)
        back = made and (
            _given_to_child(made) or _kept_by_child(made) or _made_with_self(made, source.classes)
        )
        if back:
            return back
    return ""


def _given_to_child(made: ast.ClassDef) -> str:
    for node in walk(made):
        if not isinstance(node, ast.Assign) or not is_self(node.value):
            continue
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                return ast.unparse(target)
    return ""


def _made_with_self(made: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> str:
    """`self.child` of `self.child = Child(self)`, if a child keeps what it is given."""
    for node in walk(made):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        target, call = node.targets[0], node.value
        child = classes.get(call.func.id) if isinstance(call.func, ast.Name) else None
        kept = isinstance(target, ast.Attribute) and is_self(target.value)
        if child is not None and kept and any(map(is_self, call.args)) and _keeps_given(child):
            return ast.unparse(target)
    return ""


def _keeps_given(made: ast.ClassDef) -> bool:
    """Whether a constructor puts one of its parameters, as it is, into an attribute."""
    return any(
        isinstance(method, ast.FunctionDef)
        and method.name == "__init__"
        and any(
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Name)
            and node.value.id in parameters(method) - {"self"}
            and isinstance(node.targets[0], ast.Attribute)
            for node in walk(method)
        )
        for method in made.body
    )


def _kept_by_child(made: ast.ClassDef) -> str:
    """`self.parent` of `self.parent = parent` beside `parent.children.append(self)`."""
    for method in made.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        given, nodes = parameters(method) - {"self"}, list(walk(method))
        joined = set(filter(None, map(_joined_by_self, nodes)))
        for node in nodes:
            if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Name):
                continue
            target = node.targets[0]
            kept = isinstance(target, ast.Attribute) and is_self(target.value)
            if kept and node.value.id in given & joined:
                return ast.unparse(target)
    return ""


def _joined_by_self(node: ast.AST) -> str:
    """`parent` of `parent.children.append(self)` and of `parent.children[name] = self`."""
    held: ast.AST | None = None
    if isinstance(node, ast.Call) and any(map(is_self, node.args)):
        adds = isinstance(node.func, ast.Attribute) and node.func.attr in _ADDING
        held = node.func.value if adds and isinstance(node.func, ast.Attribute) else None
    elif isinstance(node, ast.Assign) and is_self(node.value):
        target = node.targets[0]
        held = target.value if isinstance(target, ast.Subscript) else None
    owner = held.value if isinstance(held, ast.Attribute) else None
    return owner.id if isinstance(owner, ast.Name) else ""
