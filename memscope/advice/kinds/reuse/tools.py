"""What an object that is made anew is asked for, the same each time, and that then does the work.

`env = Environment()` and `env.get_template("page").render(order=order)`: to make the environment
takes little, and the template is made of constants as well; it is used for what changes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from memscope.advice.context import Context
from memscope.advice.program.expressions import is_name
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk
from memscope.capture.columns import flags, gathered, members, nearest, places_of
from memscope.capture.model import CodeFrame


def rows_of_tools(
    context: Context,
    frame: CodeFrame,
    statement: Statement,
    differing: Callable[[ast.Call], list[str]],
) -> list[int]:
    """The rows of what is asked of the object that a statement names, for its function's work.

    `differing` says which names a call is given that have other values each time.
    """
    target, function = statement.target, statement.function
    if function is None or not isinstance(target, ast.Name):
        return []
    asked = {
        (call.lineno, call.func.attr)
        for call in _tools_of(function, target.id)
        if isinstance(call.func, ast.Attribute) and not differing(call)
    }
    return list(_rows_within(context, frame, asked)) if asked else []


def _tools_of(function: ast.AST, name: str) -> Iterator[ast.Call]:
    """The calls of an object's methods whose results are then called with something."""
    named: dict[str, ast.Call] = {}
    for node in walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            named |= {it.id: node.value for it in node.targets if isinstance(it, ast.Name)}
    for node in walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        tool: ast.expr | None = node.func.value
        if isinstance(tool, ast.Name):
            tool = named.get(tool.id)
        if not isinstance(tool, ast.Call) or not (node.args or node.keywords):
            continue
        owner = tool.func.value if isinstance(tool.func, ast.Attribute) else None
        if is_name(owner, name) and tool.args:
            yield tool


def _rows_within(context: Context, frame: CodeFrame, asked: set[tuple[int, str]]) -> Sequence[int]:
    """The rows of what these methods had allocated, called by these lines of a function."""
    stacks = context.measures.stacks
    nodes, codes = stacks.tables.nodes, stacks.tables.codes
    names = {name for _, name in asked}
    methods = flags(name.rpartition(".")[2] in names for name in codes.function)
    called = bytearray(len(nodes.parent))
    for node in members(b"\0\1", gathered(methods, nodes.code)):
        at, name = stacks.frame(nodes.parent[node]), codes.function[nodes.code[node]]
        called[node] = (at.file, at.function) == (frame.file, frame.function) and (
            (at.line, name.rpartition(".")[2]) in asked
        )
    within = gathered(nearest(nodes.parent, called), context.measures.row_stacks)
    return places_of(within)
