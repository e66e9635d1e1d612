"""What to do about a container that only grows, in words and code that fit what it is."""

from __future__ import annotations

import ast
import copy
import math
from typing import Literal

from memscope.advice.changes.bounding import bounded_cache
from memscope.advice.changes.editing import editor_of
from memscope.advice.context import Context
from memscope.advice.kinds.retention.retainers import Retainer
from memscope.advice.model import NOT_LOCAL, Change, Fix
from memscope.advice.program.containers import stored_in
from memscope.advice.program.expressions import code_of, is_name, method_name, text_of
from memscope.advice.program.libraries import KEPT_BY_LIBRARY
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk
from memscope.plain import replace

Made = Literal["list", "deque", "dict", "set", ""]

KEPT = 1000  # of a cache, in the example
LEAST_KEPT = 10
BYTES_OF_ENTRY = {"list": 8, "deque": 8, "dict": 100}  # in their tables
_MADE_BY: dict[str, Made] = {
    "list": "list", "deque": "deque", "dict": "dict", "defaultdict": "dict", "OrderedDict": "dict",
    "set": "set",
}  # fmt: skip


NOBODY_KNOWS = "what may go is for those who know the program to say"


def fix_of(context: Context, retainer: Retainer) -> Fix:
    """The change that ends the growth; as code only where the source says what the container is."""
    fix = _fix_of(context, retainer)
    return replace(fix, change=NOBODY_KNOWS) if fix.change is NOT_LOCAL else fix


def _fix_of(context: Context, retainer: Retainer) -> Fix:
    statement = retainer.statement
    if retainer.scope == "library":
        text = KEPT_BY_LIBRARY[retainer.container]
        return Fix(f"{retainer.container} keeps each for good: {text}")
    if statement is None or not retainer.container:
        return Fix(
            "find who holds it: gc.get_referrers() says that in a run that still has it; where"
            " nobody does, an extension module has kept a reference",
        )
    if retainer.scope == "cache":
        return replace(_bounded_cache(statement), change=_bound(context, retainer, statement))
    if retainer.scope == "default":
        return _made_in_function(statement)
    caught = _caught(statement)
    if caught:
        return Fix(
            "keep the exception without its traceback, or only what it says: a traceback keeps the"
            " frames that it came through, with all their local names",
            f"{caught} = {caught}.with_traceback(None)  # before it is kept",
        )
    return _bounded_container(context, retainer, statement)


def _bound(context: Context, retainer: Retainer, statement: Statement) -> Change:
    editor = editor_of(context.sources, retainer.frame.file)
    node = statement.node
    function = (
        node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else statement.function
    )
    if editor is None or function is None:
        return NOT_LOCAL
    return bounded_cache(editor, function, KEPT)


def _bounded_container(context: Context, retainer: Retainer, statement: Statement) -> Fix:
    name, container = retainer.container, stored_in(statement)
    source = context.sources.of(retainer.frame.file)
    if container is None or source is None or retainer.is_register:
        return Fix(f"take out of {name} what is no longer needed, when its user is done with it")
    code, made = code_of(container), made_as(source, container)
    kept = _how_many(context, retainer, made)
    if made == "dict" and isinstance(statement.node, ast.Assign):
        return Fix(
            f"bound {name}: drop the oldest entry when there are enough (or let values go with"
            " their users: weakref.WeakValueDictionary)",
            f"if len({code}) >= {kept}:\n    {code}.pop(next(iter({code})))  # the oldest",
        )
    latest = f"let go of what {name} no longer needs, or keep only the latest"
    if made == "list":
        return Fix(latest, f"del {code}[:-{kept}]  # after each that is added")
    if made == "deque":
        return Fix(
            latest, f"while len({code}) > {kept}:\n    {code}.popleft()  # after each that is added"
        )
    return Fix(f"let go of what {name} no longer needs")


def _how_many(context: Context, retainer: Retainer, made: Made) -> int:
    """A bound that would have held: a round number, a tenth of what was kept or less."""
    totals = context.capture.totals
    tables = [
        totals.peak_bytes[row] / totals.peak_blocks[row]
        for line in context.lines
        if (line.frame.file, line.frame.line) == (retainer.frame.file, retainer.frame.line)
        for row in line.rows
        if totals.peak_blocks[row]
    ]
    entries = max(tables, default=0.0) / BYTES_OF_ENTRY.get(made, 8)
    return max(LEAST_KEPT, int(10 ** (int(math.log10(max(entries, 100))) - 1)))


def made_as(source: SourceFile, container: ast.expr) -> Made:
    """What a container is, where all that its name is ever given in the file says the same."""
    if not isinstance(container, ast.Name | ast.Attribute):
        return ""
    values = []
    for node in walk(source.tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(_same_name(target, container) for target in targets):
            values.append(_made(node.value))
    return values[0] if values and len(set(values)) == 1 else ""


def _same_name(target: ast.expr, container: ast.expr) -> bool:
    if isinstance(container, ast.Name):
        return is_name(target, container.id)
    assert isinstance(container, ast.Attribute)
    # In a class's body an attribute is a name.
    of_object = isinstance(target, ast.Attribute) and target.attr == container.attr
    return of_object or is_name(target, container.attr)


def _made(value: ast.expr) -> Made:
    if isinstance(value, ast.List | ast.ListComp):
        return "list"
    if isinstance(value, ast.Dict | ast.DictComp):
        return "dict"
    if isinstance(value, ast.Set | ast.SetComp):
        return "set"
    if isinstance(value, ast.Call):
        return _MADE_BY.get(method_name(value), "")
    return ""


def _caught(statement: Statement) -> str:
    """The exception that a statement of an `except` clause stores; "" if it stores none."""
    handler = next(
        (node for node in reversed(statement.parents) if isinstance(node, ast.ExceptHandler)), None
    )
    if handler is None or handler.name is None:
        return ""
    stored = [item for call in statement.calls() for item in call.args]
    value = getattr(statement.node, "value", None)
    stored += [value] if isinstance(value, ast.expr) else []
    parts = [part for item in stored for part in getattr(item, "elts", [item])]
    held = any(is_name(part, handler.name) for part in parts)
    return handler.name if held else ""


def _bounded_cache(statement: Statement) -> Fix:
    text = "bound the cache"
    function = statement.node if _is_function(statement.node) else statement.function
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return Fix(text)
    word = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    for item in function.decorator_list:
        decorator = text_of(item.func if isinstance(item, ast.Call) else item)
        owner, _, name = decorator.rpartition(".")
        if name not in ("cache", "lru_cache"):
            continue
        head = f"@{owner + '.' if owner else ''}lru_cache(maxsize={KEPT})"
        if name == "cache" and not owner:
            head = f"from functools import lru_cache\n{head}"
        return Fix(text, f"{head}\n{word} {function.name}({ast.unparse(function.args)}):\n    ...")
    return Fix(text)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _made_in_function(statement: Statement) -> Fix:
    """A default value that each call makes for itself."""
    text = "a default value is made once and shared by all calls: make it in the function"
    function, container = statement.function, stored_in(statement)
    if function is None or not isinstance(container, ast.Name):
        return Fix(text)
    arguments = copy.deepcopy(function.args)
    names = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
    if container.id not in names:
        return Fix(text)
    place = names.index(container.id) - len(names) + len(arguments.defaults)
    made = arguments.defaults[place]
    arguments.defaults[place] = ast.Constant(None)
    name = container.id
    return Fix(
        text,
        f"def {function.name}({ast.unparse(arguments)}):\n"
        f"    {name} = {code_of(made)} if {name} is None else {name}",
    )
