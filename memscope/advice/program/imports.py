"""What a file does with what it imports."""

from __future__ import annotations

import ast

from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import FUNCTIONS, Statement
from memscope.advice.program.walking import walk
from memscope.plain import dataclass

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
    at_top: bool = False
    shapes: bool = False


def use_of_import(source: SourceFile, statement: Statement) -> ImportUse | None:
    """Who reads what a module's import binds; None where that is not known, or it may be meant."""
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
    readers = _readers(source.tree, names)
    if isinstance(node, ast.Import):
        modules = tuple(item.name for item in node.names)
    elif node.level:
        return None
    else:
        modules = (node.module or "",)
    functions = tuple(it for it in readers if isinstance(it, FUNCTIONS))
    shapes = any(isinstance(it, ast.ClassDef) for it in readers)
    return ImportUse(modules, tuple(sorted(names)), functions, None in readers, shapes)


def packages_of(tree: ast.AST, without: ast.stmt) -> set[str]:
    """The packages that a file's other statements import, anywhere."""
    return {name for node in walk(tree) if node is not without for name in packages_in(node)}


def packages_in(node: ast.AST) -> list[str]:
    """The packages that a statement imports by their names."""
    if isinstance(node, ast.Import):
        return [item.name.partition(".")[0] for item in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [(node.module or "").partition(".")[0]]
    return []


def imports_of(source: SourceFile, package: str) -> bool:
    """Whether a file imports a package, or something of it, anywhere."""
    return any(package in packages_in(node) for node in walk(source.tree))


def _exports(source: SourceFile) -> bool:
    """Whether others may read the file's names: it lists them, or looks them up."""
    return any(name in source.text for name in ("__all__", "globals()", "__getattr__", "exec("))


_Reader = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None


def _readers(tree: ast.Module, names: set[str]) -> list[_Reader]:
    """The functions whose bodies read the names; None of the module's own code.

    A class of what is read where a class or a function is made: its decorators, bases and
    annotations, and what stands in a class's body.
    """
    found: list[_Reader] = []
    pending: list[tuple[ast.AST, _Reader]] = [(tree, None)]
    while pending:
        node, reader = pending.pop()
        reads = isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
        if reads and reader not in found:
            found.append(reader)
        for child in ast.iter_child_nodes(node):
            pending.append((child, _reader_within(node, child, reader)))
    return found


# Stands for whatever is made with a name.
_SHAPE = next(node for node in ast.parse("class it: ...").body if isinstance(node, ast.ClassDef))


def _reader_within(node: ast.AST, child: ast.AST, reader: _Reader) -> _Reader:
    """Who reads what stands in a part of a node that another reads."""
    if isinstance(reader, ast.FunctionDef | ast.AsyncFunctionDef):
        return reader
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        # Decorators, defaults and annotations are read where the function is defined.
        return node if child in node.body else _SHAPE
    return _SHAPE if isinstance(node, ast.ClassDef) else reader
