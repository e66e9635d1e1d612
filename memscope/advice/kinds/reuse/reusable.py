"""Whether an object can be used again when its user is done with it: a thread cannot."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Set

from memscope.advice.context import Context
from memscope.advice.program.expressions import code_of, method_name
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk

# By the last part of their names: classes of the standard library whose objects serve once.
_ONCE = {
    "Thread": "a thread can be started once",
    "Timer": "a thread can be started once",
    "Process": "a process can be started once",
    "Popen": "a process is started when it is made",
    "ProcessPoolExecutor": "its processes end with it",
    "ThreadPoolExecutor": "its threads end with it",
    "Pool": "its processes end with it",
    "Future": "a future is done once",
    "Task": "a task runs once",
    "Runner": "an event loop that was closed cannot run again",
    "TaskGroup": "a group of tasks can be entered once",
    "ZipFile": "a file that was closed cannot be read again",
    "TarFile": "a file that was closed cannot be read again",
    "TextIOWrapper": "a file that was closed cannot be read again",
    "FileIO": "a file that was closed cannot be read again",
    "NamedTemporaryFile": "it is gone when it is closed",
    "SpooledTemporaryFile": "it is gone when it is closed",
    "TemporaryFile": "it is gone when it is closed",
    "TemporaryDirectory": "it is gone when it is closed",
    "XMLParser": "a parser that was closed cannot be fed again",
    "XMLPullParser": "a parser that was closed cannot be fed again",
    "DictReader": "it is for one file, and used up",
    "DictWriter": "it is for one file",
}  # fmt: skip
# Resources that serve as long as they are left open.
_KEPT_OPEN = {"connect", "Session", "ThreadPoolExecutor"}
_CLOSING = {"close", "aclose", "shutdown", "terminate", "kill", "cancel", "detach", "cleanup",
            "server_close"}  # fmt: skip
_USING_UP = {"start", "join", "finish"}  # of classes whose source is not there to say more
_MOST_BASES = 8


def why_used_once(statement: Statement, call: ast.Call, full_name: str, context: Context) -> str:
    """Why what a call makes cannot be handed out again; "" if nothing speaks against it."""
    if any(isinstance(node, ast.Raise) for node in (statement.node, *statement.parents[-1:])):
        return "an exception is for one failure"
    name = method_name(call)
    for line in context.lines:  # a class may be of another file
        context.sources.of(line.frame.file)
    kept_open = name in _KEPT_OPEN and bool(full_name)
    for source in context.sources.loaded():
        for base in _lineage(name, source):
            if base in _ONCE and not (kept_open and base == name):
                return _ONCE[base]
            if isinstance(kind := getattr(builtins, base, None), type) and issubclass(
                kind, BaseException
            ):
                return "an exception is for one failure"
    own = any(name in source.classes for source in context.sources.loaded())
    if not kept_open and is_closed(statement, call, _CLOSING if own else _CLOSING | _USING_UP):
        return "it is closed or started where it is used, and cannot be handed out again"
    return ""


def is_closed(statement: Statement, call: ast.Call, by: Set[str] = _CLOSING) -> bool:
    """Whether the function that makes an object enters it, or calls a method that ends its use."""
    node = statement.node
    if isinstance(node, ast.With | ast.AsyncWith) and any(
        call in walk(item.context_expr) for item in node.items
    ):
        return True
    target = statement.target
    name = code_of(target) if isinstance(target, ast.Name | ast.Attribute) else ""
    if not name:
        # `Thread(target=f).start()`
        return any(
            isinstance(part, ast.Attribute) and part.value is call and part.attr in by
            for part in statement.walk()
        )
    for part in walk(statement.scope):
        if isinstance(part, ast.With | ast.AsyncWith):
            if any(name in _names_in(item.context_expr) for item in part.items):
                return True
        elif (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr in by
            and code_of(part.func.value) == name
        ):
            return True
    return False


def _names_in(node: ast.expr) -> set[str]:
    """What is entered: the expression itself, or what `closing` and the like are given."""
    parts = [node, *(node.args if isinstance(node, ast.Call) else [])]
    return {code_of(part) for part in parts}


def _lineage(name: str, source: SourceFile) -> list[str]:
    """A class's name and those of its bases, as far as the file has them."""
    found: list[str] = []
    pending = [name]
    while pending and len(found) < _MOST_BASES:
        current = pending.pop()
        found.append(current)
        made = source.classes.get(current)
        if made is not None:
            bases = [base for base in made.bases if not isinstance(base, ast.Subscript)]
            pending.extend(code_of(base).rpartition(".")[2] for base in bases)
    return found
