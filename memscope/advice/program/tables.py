"""Calls of table libraries: what reads a file whole, what makes a table of its own, what sums it.

All of it is read from the source: a call counts only where its name is imported from the library.
"""

from __future__ import annotations

import ast

from memscope.advice.program.expressions import method_name
from memscope.advice.program.scopes import is_declared, uses_in
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement, value_given
from memscope.advice.program.uses import loads, parents_in
from memscope.advice.program.walking import walk

# What reads in pieces when it is told to, and how that is said.
_IN_PIECES = {
    "pandas.read_csv": "chunksize=10_000",
    "pandas.read_table": "chunksize=10_000",
    "pandas.read_json": "chunksize=10_000",
}
_BOUNDED = {"chunksize", "iterator", "nrows"}
# The same of all pieces makes that of the whole.
_SUMS = {"sum", "min", "max", "count"}
# What they make shares no memory with what they are given.
_OWN_MEMORY = {
    *(f"pandas.read_{kind}" for kind in ("csv", "table", "json", "parquet", "excel", "fwf")),
    *("pandas.concat", "pandas.merge"),
    *(f"numpy.{name}" for name in ("arange", "zeros", "ones", "full", "linspace", "loadtxt")),
    *(f"numpy.{name}" for name in ("genfromtxt", "concatenate", "stack", "vstack", "hstack")),
}  # fmt: skip


def in_pieces(call: ast.expr, source: SourceFile) -> str:
    """The argument with which a call that reads a whole file gives pieces; "" if there is none."""
    if not isinstance(call, ast.Call) or any(word.arg is None for word in call.keywords):
        return ""
    given = {word.arg: word.value for word in call.keywords}
    name = source.full_name(call)
    lines = given.get("lines")
    if name == "pandas.read_json" and not (isinstance(lines, ast.Constant) and lines.value is True):
        return ""
    return "" if _BOUNDED & given.keys() else _IN_PIECES.get(name, "")


def makes_its_own(call: ast.expr, source: SourceFile) -> bool:
    """Whether what a call makes shares memory with nothing that was there before."""
    if not isinstance(call, ast.Call):
        return False
    name = source.full_name(call)
    of_columns = bool(call.args) and isinstance(call.args[0], ast.Dict) and not call.keywords
    return name in _OWN_MEMORY or (name == "pandas.DataFrame" and of_columns)


def only_summed(statement: Statement, name: str) -> list[ast.expr]:
    """What sums a table up where that is all its scope does with it; empty if it is not."""
    if _bindings(statement.scope, name) != 1:
        return []
    parents = parents_in(statement.scope)
    found = [_sum_of(node, parents) for node in loads(statement.scope, name)]
    return [] if None in found else [each for each in found if each is not None]


def only_copied(statement: Statement) -> str:
    """The name that `other = name.copy()` copies, where nothing else is done with it; else ""."""
    node = statement.node
    call = node.value if isinstance(node, ast.Assign) else None
    if (
        not isinstance(call, ast.Call)
        or not isinstance(statement.target, ast.Name)
        or call.args
        or call.keywords
        or not isinstance(call.func, ast.Attribute)
        or call.func.attr != "copy"
        or not isinstance(call.func.value, ast.Name)
        or statement.loop is not None
    ):
        return ""
    name, scope = call.func.value.id, statement.scope
    only = len(loads(scope, name)) == 1 and _bindings(scope, name) == 1
    return name if only and not is_declared(scope, name) else ""


def maker_of(statement: Statement, name: str) -> ast.Assign | None:
    """The statement that gives the name its one value, where that is an assignment before."""
    for node in walk(statement.scope):
        if isinstance(node, ast.Assign) and value_given(node, name) is not None:
            return node if node.lineno < statement.node.lineno else None
    return None


def _bindings(scope: ast.AST, name: str) -> int:
    """How often a scope, and what is in it, gives the name a value."""
    given = sum(isinstance(node, ast.arg) and node.arg == name for node in walk(scope))
    return given + sum(not isinstance(node.ctx, ast.Load) for node in uses_in(scope, name))


def _sum_of(node: ast.expr, parents: dict[ast.AST, ast.AST]) -> ast.expr | None:
    """The expression that makes a number of a table: `len(t)`, `t["a"].sum()`; None: another."""
    above = parents.get(node)
    if isinstance(above, ast.Call) and above.args == [node]:
        return above if method_name(above) == "len" else None
    if not isinstance(above, ast.Subscript) or not isinstance(above.slice, ast.Constant):
        return None
    attribute = parents.get(above)
    call = parents.get(attribute) if isinstance(attribute, ast.Attribute) else None
    if not isinstance(call, ast.Call) or call.args or call.keywords:
        return None
    assert isinstance(attribute, ast.Attribute)
    return call if attribute.attr in _SUMS else None
