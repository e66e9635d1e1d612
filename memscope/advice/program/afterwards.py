"""What a program does when it is done with collecting: whether it then goes through all of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from memscope.advice.program.container_uses import is_named, walks_named
from memscope.advice.program.expressions import method_name
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import FUNCTIONS, LOOPS, Statement
from memscope.advice.program.walking import walk

_MOST_CALLS_DEEP = 3


def gone_through_afterwards(
    path: Sequence[Statement], container: ast.expr, sources: Iterable[SourceFile]
) -> bool:
    """Whether code that runs once collecting is over goes through all of a container.

    `path` has the statements that led to the one which stores, outermost first. Collecting goes on
    until the outermost loop among them ends.
    """
    sources = list(sources)
    for statement in path:
        after, in_loop = _later(statement)
        if any(_walks(node, container, sources, _MOST_CALLS_DEEP) for node in after):
            return True
        if in_loop:
            break
    return any(
        _walks(node, container, sources, _MOST_CALLS_DEEP)
        for awaiting in _awaiting(path, sources)
        for node in _later(awaiting)[0]
    )


def _awaiting(path: Sequence[Statement], sources: Sequence[SourceFile]) -> Iterator[Statement]:
    """The statements that wait for a task: who began it is not on its stack."""
    names = {it.function.name for it in path if isinstance(it.function, ast.AsyncFunctionDef)}
    for source in sources if names else ():
        for node in walk(source.tree):
            if not isinstance(node, ast.Await):
                continue
            statement = source.statement(node.lineno)
            if statement is not None and _reaches(statement.node, names, sources, _MOST_CALLS_DEEP):
                yield statement


def _reaches(node: ast.AST, names: set[str], sources: Sequence[SourceFile], deep: int) -> bool:
    """Whether code calls one of these functions, itself or by others."""
    if any(isinstance(call, ast.Call) and method_name(call) in names for call in walk(node)):
        return True
    return deep > 0 and any(
        _reaches(function, names, sources, deep - 1) for function in _called(node, sources)
    )


def _later(statement: Statement) -> tuple[list[ast.stmt], bool]:
    """What follows a statement, or the outermost loop around it, in its function; and if in one."""
    around: list[ast.AST] = []
    for parent in reversed(statement.parents):
        around.append(parent)
        if isinstance(parent, (*FUNCTIONS, ast.ClassDef)):
            break
    loops = [node for node in around if isinstance(node, LOOPS)]
    last: ast.stmt = loops[-1] if loops else statement.node
    end = last.end_lineno or last.lineno
    found = [
        node
        for parent in around
        for name in ("body", "orelse", "finalbody")
        for node in getattr(parent, name, ())
        if isinstance(node, ast.stmt) and node.lineno > end
    ]
    return found, bool(loops)


def _walks(node: ast.AST, container: ast.expr, sources: Sequence[SourceFile], deep: int) -> bool:
    if walks_named(node, container):
        return True
    if deep == 0:
        return False
    return any(
        _walks(function, container, sources, deep - 1) for function in _called(node, sources)
    ) or any(
        _walks(function, ast.Name(parameter), sources, deep - 1)
        for function, parameter in _given(node, container, sources)
    )


def _given(
    node: ast.AST, container: ast.expr, sources: Sequence[SourceFile]
) -> Iterator[tuple[ast.AST, str]]:
    """The own functions that are given the container, and the parameter that has it there."""
    for call in walk(node):
        if not isinstance(call, ast.Call):
            continue
        places = [place for place, item in enumerate(call.args) if is_named(item, container)]
        for source in sources if places else ():
            function = source.functions.get(method_name(call))
            names = [] if function is None else [item.arg for item in function.args.args]
            names = names[1:] if names[:1] in (["self"], ["cls"]) else names
            for place in places:
                if function is not None and place < len(names):
                    yield function, names[place]


def _called(node: ast.AST, sources: Sequence[SourceFile]) -> Iterator[ast.AST]:
    """The own functions that code calls, by their names."""
    names = {method_name(call) for call in walk(node) if isinstance(call, ast.Call)}
    for source in sources:
        for name in names & source.functions.keys():
            yield source.functions[name]
