"""What a file does with what it imports."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import FUNCTIONS, Statement
from memscope.advice.program.walking import walk

# Marks by which people say that an import is there for what it does.
_MEANT = ("noqa", "noinspection", "pylint:", "isort:", "pyright:")


@dataclass(frozen=True, slots=True)
class ImportUse:
    """`modules` that a statement imports, and the functions that alone read its `names`.

    No functions: nothing in the file reads them.
    """

    modules: tuple[str, ...]
    names: tuple[str, ...]
    functions: tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]


def use_of_import(source: SourceFile, statement: Statement) -> ImportUse | None:
    """How little a module's import is used; None if it is used in full, or may be meant."""
    node = statement.node
    # What stands within a function, a class, `try` or `if` is as it is for a reason.
    if len(statement.parents) != 1 or not isinstance(node, ast.Import | ast.ImportFrom):
        return None
    lines = source.lines[node.lineno - 1 : node.end_lineno or node.lineno]
    if any(mark in line for line in lines for mark in _MEANT) or _exports(source):
        return None
    if any(item.name == "*" for item in node.names):
        return None
    names = {item.asname or item.name.partition(".")[0] for item in node.names}
    functions = _readers(source.tree, names)
    if functions is None:
        return None
    if isinstance(node, ast.Import):
        modules = tuple(item.name for item in node.names)
    elif node.level:
        return None
    else:
        modules = (node.module or "",)
    return ImportUse(modules, tuple(sorted(names)), tuple(functions))


def imports_of(source: SourceFile, package: str) -> bool:
    """Whether a file imports a package, or something of it, anywhere."""
    return any(
        (
            isinstance(node, ast.Import)
            and any(item.name.partition(".")[0] == package for item in node.names)
        )
        or (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and (node.module or "").partition(".")[0] == package
        )
        for node in walk(source.tree)
    )


def _exports(source: SourceFile) -> bool:
    """Whether others may read the file's names: it lists them, or looks them up."""
    return any(name in source.text for name in ("__all__", "globals()", "__getattr__", "exec("))


def _readers(
    tree: ast.Module, names: set[str]
) -> list[ast.FunctionDef | ast.AsyncFunctionDef] | None:
    """The functions whose bodies alone read the names; None if the module's own code does."""
    found: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
    pending: list[tuple[ast.AST, ast.FunctionDef | ast.AsyncFunctionDef | None]] = [(tree, None)]
    while pending:
        node, function = pending.pop()
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
            if function is None:
                return None
            if function not in found:
                found.append(function)
        for child in ast.iter_child_nodes(node):
            inside = function
            if isinstance(node, FUNCTIONS) and not isinstance(node, ast.Lambda):
                # Decorators, defaults and annotations are read where the function is defined.
                inside = (function or node) if child in node.body else function
            pending.append((child, inside))
    return found
