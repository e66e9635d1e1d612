"""Statements as data: what one assigns, calls and stands in."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from memscope.advice.program.expressions import is_name
from memscope.advice.program.walking import walk
from memscope.plain import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Loop = ast.For | ast.AsyncFor | ast.While
LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MAKE_OBJECTS = (
    *COMPREHENSIONS, *FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom, ast.AugAssign, ast.Call,
    ast.BinOp, ast.JoinedStr, ast.Subscript, ast.List, ast.Tuple, ast.Set, ast.Dict,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """The innermost simple statement (or compound one's head) that covers a line."""

    node: ast.stmt
    parents: tuple[ast.AST, ...]  # from the module down

    @property
    def function(self) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        for parent in reversed(self.parents):
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
                return parent
        return None

    @property
    def makes_objects(self) -> bool:
        """Whether it may make objects; one that only moves values about makes none."""
        return isinstance(self.node, _MAKE_OBJECTS) or any(
            isinstance(node, _MAKE_OBJECTS) for node in self.walk()
        )

    @property
    def gives_back(self) -> bool:
        """Whether its function, or one within, returns or yields a value; a module does not."""
        return self.function is not None and any(
            isinstance(node, ast.Yield | ast.YieldFrom)
            or (isinstance(node, ast.Return) and node.value is not None)
            for node in walk(self.function)
        )

    @property
    def loop(self) -> Loop | None:
        """The innermost loop around it within its function."""
        for parent in reversed(self.parents):
            if isinstance(parent, (*FUNCTIONS, ast.ClassDef)):
                return None
            if isinstance(parent, LOOPS):
                return parent
        return None

    @property
    def enclosing_class(self) -> ast.ClassDef | None:
        for parent in reversed(self.parents):
            if isinstance(parent, ast.ClassDef):
                return parent
        return None

    @property
    def scope(self) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Module:
        module = self.parents[0]
        assert isinstance(module, ast.Module)
        return self.function or module

    @property
    def target(self) -> ast.expr | None:
        """What the statement assigns to, where that is one thing."""
        node = self.node
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            return node.targets[0]
        if isinstance(node, ast.AnnAssign | ast.AugAssign):
            return node.target
        if isinstance(node, ast.With | ast.AsyncWith) and len(node.items) == 1:
            return node.items[0].optional_vars
        return None

    @property
    def expressions(self) -> list[ast.expr]:
        """The expressions of the statement itself, not those of its body."""
        found: list[ast.expr] = []
        for name, value in ast.iter_fields(self.node):
            if name in ("body", "orelse", "finalbody", "handlers"):
                continue
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, ast.expr):
                    found.append(item)
                elif isinstance(item, ast.withitem):
                    found.append(item.context_expr)
        return found

    def walk(self) -> Iterator[ast.AST]:
        for expression in self.expressions:
            yield from walk(expression)

    def calls(self) -> list[ast.Call]:
        return [node for node in self.walk() if isinstance(node, ast.Call)]


def is_self(node: ast.AST) -> bool:
    return is_name(node, "self")


def value_given(node: ast.AST, name: str) -> ast.expr | None:
    """The value of `name = value`; None of any other statement."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and is_name(node.targets[0], name):
        return node.value
    return None


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, but for those of functions and classes within."""
    pending = list(ast.iter_child_nodes(scope))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


def pauses(scope: ast.AST) -> bool:
    """Whether it is a generator or a coroutine, which is left without having ended."""
    return isinstance(scope, ast.AsyncFunctionDef) or any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(scope)
    )
