"""Adding in place to what was copied each time."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from memscope.advice.changes.editing import (
    Editor,
    around,
    block_of,
    free_name,
    is_within,
    looks_inside,
    nested_uses,
    uses_of,
)
from memscope.advice.model import Change
from memscope.advice.program.expressions import code_of, is_name, method_name
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import LOOPS, Statement, value_given
from memscope.advice.program.uses import parents_in
from memscope.advice.program.walking import walk

# What looks at a container and keeps nothing of it but its items.
_LOOKS = {"len", "sum", "min", "max", "any", "all", "sorted", "list", "tuple", "set", "dict",
          "enumerate", "reversed", "print", "str", "repr", "join", "zip", "bool"}  # fmt: skip
_SHARED = "others may hold what it was before, and would see what is added"
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+=", ast.BitOr: "|="}


def added_in_place(
    editor: Editor, statement: Statement, container: str, sources: Sequence[SourceFile]
) -> Change:
    """An addition in place to a list, dictionary or set that nobody else holds."""
    node, target = statement.node, statement.target
    if not isinstance(node, ast.Assign) or target is None or container not in _KINDS:
        return "what it is added to is not known"
    if not isinstance(target, ast.Name | ast.Attribute):
        return _SHARED
    code = _in_place(editor, target, node.value)
    if not code:
        return "the parts cannot be told apart"
    scopes = [source.tree for source in sources] if isinstance(target, ast.Attribute) else None
    if not _is_alone(target, statement, scopes or [statement.scope], container):
        return _SHARED
    return (editor.replaced(node, code),)


_KINDS = {"list": (ast.List, "list"), "dict": (ast.Dict, "dict"), "set": (ast.Set, "set")}


def _in_place(editor: Editor, target: ast.expr, value: ast.expr) -> str:
    """The same addition as a statement that changes the target."""
    name = code_of(target)
    if isinstance(value, ast.BinOp) and code_of(value.left) == name:
        operator, added = _OPERATORS.get(type(value.op), ""), editor.code(value.right)
        mentions = any(code_of(part) == name for part in walk(value.right))
        return f"{name} {operator} {added}" if operator and added and not mentions else ""
    if isinstance(value, ast.List) and _starts_with(value.elts, name):
        items = [code_of(item) for item in value.elts[1:]]
        return f"{name} += [{', '.join(items)}]" if all(items) else ""
    if isinstance(value, ast.Dict) and len(value.keys) > 1 and value.keys[0] is None:
        if code_of(value.values[0]) != name:
            return ""
        rest = code_of(ast.Dict(value.keys[1:], value.values[1:]))
        return f"{name} |= {rest}" if rest else ""
    return ""


def _starts_with(items: Sequence[ast.expr], name: str) -> bool:
    first = items[0] if items else None
    rest = items[1:]
    return (
        isinstance(first, ast.Starred)
        and code_of(first.value) == name
        and bool(rest)
        and not any(code_of(part) == name for item in rest for part in walk(item))
    )


def _is_alone(
    target: ast.expr, statement: Statement, scopes: Iterable[ast.AST], container: str
) -> bool:
    """Whether all uses of what is added to look at it, and it began as a new container."""
    made, maker = _KINDS[container]
    begun = False
    for scope in scopes:
        parents = parents_in(scope)
        for node in walk(scope):
            if not _is_same(node, target) or is_within(node, statement.node):
                continue
            parent = parents.get(node)
            if isinstance(getattr(node, "ctx", None), ast.Store):
                value = getattr(parent, "value", None)
                fresh = isinstance(value, made) or (
                    isinstance(value, ast.Call) and method_name(value) == maker and not value.args
                )
                if not fresh or not isinstance(parent, ast.Assign | ast.AnnAssign):
                    return False
                begun = True
            elif not _only_looks(node, parent):
                return False
    return begun


def _is_same(node: ast.AST, target: ast.expr) -> bool:
    if isinstance(target, ast.Attribute):
        return isinstance(node, ast.Attribute) and node.attr == target.attr
    return isinstance(target, ast.Name) and is_name(node, target.id)


def _only_looks(node: ast.AST, parent: ast.AST | None) -> bool:
    if isinstance(parent, ast.Call):
        return node in parent.args and method_name(parent) in _LOOKS
    if isinstance(parent, ast.Subscript):
        return parent.value is node and not isinstance(parent.slice, ast.Slice)
    if isinstance(parent, ast.For | ast.comprehension):
        return parent.iter is node
    return isinstance(parent, ast.Compare | ast.FormattedValue)


def joined_once(editor: Editor, statement: Statement) -> Change:
    """Parts of a text in a list, joined after the loop that adds to a local name."""
    target, scope = statement.target, statement.scope
    if not isinstance(target, ast.Name):
        return "the text is an attribute or item: others may read it at any time"
    name = target.id
    if looks_inside(scope) or nested_uses(scope, name):
        return "the function's names are also used in another way"
    loop = outermost_loop(statement)
    begun = None if loop is None else _beginning(loop, name)
    if loop is None or begun is None:
        return "where the text begins is not in sight"
    if _in_try(loop):
        return "an exception may leave the loop, and find no text"
    additions = _additions(loop.node, name)
    outside = [
        node
        for node in uses_of(scope, name)
        if not any(is_within(node, item) for item in (*additions, begun))
    ]
    last = loop.node.end_lineno or loop.node.lineno
    early = any(node.lineno <= last or isinstance(node.ctx, ast.Store) for node in outside)
    if not additions or early or _leaves_early(loop.node):
        return "the text is read or left while it grows"
    parts, empty = free_name(scope, f"{name}_parts"), editor.code(begun.value)
    edits = [
        editor.replaced(begun, f"{parts} = []"),
        editor.after(loop.node, [f"{name} = {empty}.join({parts})"]),
    ]
    for node, added in additions.items():
        code = editor.code(added)
        edits.append(editor.replaced(node, f"{parts}.append({code})") if code else None)
    made = tuple(edit for edit in edits if edit is not None)
    return made if len(made) == len(edits) else "it has no line of its own"


def outermost_loop(statement: Statement) -> Statement | None:
    """The loop of its function that a statement is in, and that is in no other."""
    found, place = None, around(statement)
    while place is not None:
        if isinstance(place.node, LOOPS):
            found = place
        place = around(place)
    return found


def _in_try(loop: Statement) -> bool:
    place = around(loop)
    while place is not None:
        if isinstance(place.node, ast.Try):
            return True
        place = around(place)
    return False


def _beginning(loop: Statement, name: str) -> ast.Assign | None:
    """`text = ""`, before the loop."""
    for item in block_of(loop):
        if item is loop.node:
            return None
        value = value_given(item, name)
        if isinstance(item, ast.Assign) and value is not None:
            is_empty = isinstance(value, ast.Constant) and value.value in ("", b"")
            return item if is_empty else None
    return None


def _additions(loop: ast.stmt, name: str) -> dict[ast.stmt, ast.expr]:
    """The statements of a loop that add to a name, and what each adds."""
    found: dict[ast.stmt, ast.expr] = {}
    for node in walk(loop):
        value = value_given(node, name)
        if isinstance(node, ast.AugAssign) and is_name(node.target, name):
            if isinstance(node.op, ast.Add):
                found[node] = node.value
        elif (
            isinstance(node, ast.Assign)
            and isinstance(value, ast.BinOp)
            and isinstance(value.op, ast.Add)
            and is_name(value.left, name)
        ):
            found[node] = value.right
    if any(uses_of(added, name) for added in found.values()):
        return {}
    return found


def _leaves_early(loop: ast.AST) -> bool:
    """Whether the loop does not end where the line after it begins."""
    return bool(getattr(loop, "orelse", None)) or any(
        isinstance(node, ast.Yield | ast.YieldFrom | ast.Await | ast.Return) for node in walk(loop)
    )
