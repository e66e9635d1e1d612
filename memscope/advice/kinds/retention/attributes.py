"""Blocks in an attribute that nobody reads any more, though its object is needed for others."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from memscope.advice.context import Context
from memscope.advice.kinds.retention.held import COMPREHENSION_FRAMES
from memscope.advice.kinds.retention.outliving import (
    Activation,
    Reached,
    activation_of,
    ended_by,
)
from memscope.advice.policy import ReleaseEarly
from memscope.advice.program.attribute_reads import enclosing, keeps, made_of
from memscope.advice.program.expressions import code_of, is_name, method_name
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement, is_self, pauses
from memscope.advice.program.uses import functions_named, parameter_at, parents_in
from memscope.advice.program.walking import walk
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

# What reads attributes without naming them.
_UNNAMED = {"getattr", "vars", "__dict__", "asdict", "astuple", "deepcopy", "pickle",
            "attrgetter", "__getstate__", "__getattribute__"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unread:
    """An attribute of one object, and the functions that read it, which had ended by the peak."""

    node: int
    frame: CodeFrame
    statement: Statement
    name: str
    items: bool  # whether what it has holds blocks of the same line in turn
    readers: tuple[str, ...]
    ended: tuple[tuple[Activation, int], ...]  # the callers that went on, and after which line


def unread_attribute(context: Context, node: int, reached: Reached) -> Unread | None:
    """The attribute that a block's line assigns, if all that read it have ended by the peak."""
    found = _attribute_above(context, node)
    if found is None:
        return None
    own_node, frame, statement, target, made = found
    sources = context.own_sources
    readers = _readers(sources, target, made)
    ended = []
    for file, function in readers:
        ends = _ends_of(context, file, function, list(sources.values()), reached)
        if not ends:
            return None
        ended += ends
    if not readers:
        return None
    names = tuple(dict.fromkeys(function.name for _, function in readers))
    name = f"self.{target.attr}"
    return Unread(own_node, frame, statement, name, made == "lines", names, tuple(ended))


def _attribute_above(
    context: Context, node: int
) -> tuple[int, CodeFrame, Statement, ast.Attribute, str] | None:
    """The attribute that a block's way up the stack ends in: text, numbers, or a list of lines.

    That of its own object which a statement sets once, to what it makes or is returned.
    """
    made, called = "", ""
    for number, (own_node, frame) in enumerate(context.stacks.own(node)):
        if frame.function.endswith(COMPREHENSION_FRAMES):
            continue
        statement = context.statement(frame)
        value = None if statement is None else getattr(statement.node, "value", None)
        if statement is None or not isinstance(value, ast.expr):
            return None
        returned = isinstance(value, ast.Call) and method_name(value) == called
        made = made if returned else "" if called else made_of(value)
        if not made:
            return None
        target = _set_once(statement)
        if target is not None:
            return own_node, frame, statement, target, made
        if not isinstance(statement.node, ast.Return) or number > ReleaseEarly.most_returns:
            return None
        called = frame.function.rpartition(".")[2]
    return None


def _set_once(statement: Statement) -> ast.Attribute | None:
    """The attribute of its own object that a statement sets once."""
    node, target = statement.node, statement.target
    once = statement.loop is None and statement.function is not None
    if not once or isinstance(node, ast.AugAssign):
        return None
    if not isinstance(target, ast.Attribute) or not is_self(target.value):
        return None
    return target if _is_plain(statement.enclosing_class) else None


def _is_plain(owner: ast.ClassDef | None) -> bool:
    """Whether no other class's code knows of a class's attributes."""
    decorated = owner is not None and any(code_of(it) != "dataclass" for it in owner.decorator_list)
    return owner is not None and not owner.bases and not decorated


def _readers(
    sources: dict[str, SourceFile], target: ast.Attribute, made: str
) -> list[tuple[str, ast.FunctionDef]]:
    """All functions that read an attribute of this name; none if one may keep what it reads."""
    found: dict[ast.FunctionDef, str] = {}
    for file, source in sources.items():
        parents: dict[ast.AST, ast.AST] = {}
        for node in walk(source.tree):
            if _reads_unnamed(node):
                return []
            if not isinstance(node, ast.Attribute) or node.attr != target.attr or node is target:
                continue
            parents = parents or parents_in(source.tree)
            if not isinstance(node.ctx, ast.Load):
                if _is_begun(node, parents, target):
                    continue
                return []  # it is replaced or let go already
            function = enclosing(node, parents)
            if function is None or pauses(function) or keeps(node, made, parents, function):
                return []
            found[function] = file
    return [(file, function) for function, file in found.items()]


def _is_begun(node: ast.Attribute, parents: dict[ast.AST, ast.AST], target: ast.Attribute) -> bool:
    """Whether a constructor sets an attribute to nothing yet: `self.table = None`."""
    statement, function = parents.get(node), enclosing(node, parents)
    value = getattr(statement, "value", None)
    return (
        isinstance(value, ast.Constant)
        and function is not None
        and function.name == "__init__"
        and is_self(node.value)
        and (target not in walk(function) or node.lineno < target.lineno)
    )


def _reads_unnamed(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in _UNNAMED
    # The module `copy`, or what it has: lists and dictionaries have a method of that name.
    return isinstance(node, ast.Name) and (node.id in _UNNAMED or node.id == "copy")


def _ends_of(
    context: Context,
    file: str,
    function: ast.FunctionDef,
    sources: Sequence[SourceFile],
    reached: Reached,
) -> list[tuple[Activation, int]]:
    """For each call of a function the caller that went on before the peak; none if in doubt."""
    tables = context.capture.tables
    first = min([function.lineno, *(item.lineno for item in function.decorator_list)])
    codes = {
        code
        for code, (place, line) in enumerate(
            zip(tables.codes.file, tables.codes.first_line, strict=True)
        )
        if place == file and first <= line <= function.lineno
    }
    calls: dict[Activation, int] = {}
    for node, code in enumerate(tables.nodes.code):
        if code in codes:
            calls[activation_of(context, node)] = node
    if len(calls) > ReleaseEarly.most_calls:
        return []
    ended = []
    for node in calls.values():
        end = ended_by(context, node, reached)
        if end is None or not _called_once(context, node, end[0], sources):
            return []
        ended.append(end)
    return ended


def _called_once(
    context: Context, node: int, caller: Activation, sources: Sequence[SourceFile]
) -> bool:
    """Whether the source has one call each of the functions below a caller: none can come again."""
    nodes = context.measures.stacks.tables.nodes
    while node and activation_of(context, node) != caller:
        owner, _, name = context.measures.stacks.frame(node).function.rpartition(".")
        made = owner.rpartition(".")[2] if name == "__init__" else ""
        if sum(_mentions(source, made or name, is_class=bool(made)) for source in sources) != 1:
            return False
        node = nodes.parent[node]
    return bool(node)


def _gives_too_much(source: SourceFile, call: ast.Call) -> bool:
    """Whether no function of the file that has the name can take what a call gives."""
    places = range(len(call.args))
    named = [it for it, _ in functions_named(method_name(call), [source.tree])]
    return bool(named) and not any(
        it.args.vararg or all(parameter_at(it, call, place) for place in places) for it in named
    )


def _mentions(source: SourceFile, name: str, *, is_class: bool) -> int:
    """How often a file calls a class, or has a function's name in any way that may be meant."""
    count = 0
    for node in walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            # `self.text.encode("ascii")` is no call of a method that takes nothing.
            count -= not is_class and node.func.attr == name and _gives_too_much(source, node)
        if is_class:
            count += isinstance(node, ast.Call) and method_name(node) == name
            # A class that is given away or built upon may be called by another name.
            bases = node.bases if isinstance(node, ast.ClassDef) else ()
            count += any(is_name(base, name) for base in bases)
        elif isinstance(node, ast.Attribute):
            of_module = isinstance(node.value, ast.Name) and node.value.id in source.imported
            count += node.attr == name and not of_module
        elif isinstance(node, ast.Name):
            count += node.id == name
    return count
