"""Working in pieces on what was made whole."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from memscope.advice.changes.editing import (
    Editor,
    block_of,
    free_name,
    is_within,
    loads_of,
    nested_uses,
    uses_of,
)
from memscope.advice.model import Change
from memscope.advice.program.expressions import called_name, method_name
from memscope.advice.program.statements import COMPREHENSIONS, Statement
from memscope.advice.program.walking import walk

# What takes one item after another of what it is given, and keeps none; `join` makes a list of it.
_IN_TURN = {"sum", "fsum", "min", "max", "any", "all", "set", "frozenset", "Counter", "dict"}
# What makes an item without being seen at it, and gives the same whenever it is asked.
_PURE = {"len", "int", "float", "str", "abs", "round", "ord", "chr", "tuple", "bytes", "hex", "bin",
         "min", "max", "sum", "strip", "lstrip", "rstrip", "split", "lower", "upper", "range",
         "zip", "enumerate", "sqrt", "repr", "format", "startswith", "endswith", "get", "items",
         "values", "keys", "count", "encode", "decode", "replace", "rsplit",
         "partition"}  # fmt: skip
OTHER_ORDER = "its items would be made while they are gone through, in another order than now"
UNKNOWN = "how the pieces are to be parted is not known"


def comprehension_in_pieces(editor: Editor, statement: Statement, made: ast.ListComp) -> Change:
    """A generator in place of a list that is gone through once, right after."""
    call = _taker(statement.walk(), made)
    if call is not None:
        if method_name(call) not in _IN_TURN:
            return f"{called_name(call)} makes a list of what it is given anyhow"
        alone = len(call.args) == 1 and not call.keywords
        return editor.parted(made, *(("", "") if alone else ("(", ")")))
    target = statement.target
    if not isinstance(target, ast.Name) or getattr(statement.node, "value", None) is not made:
        return UNKNOWN
    uses = [item for item in uses_of(statement.scope, target.id) if item is not target]
    following = _following(statement)
    if len(uses) != 1 or nested_uses(statement.scope, target.id) or following is None:
        return OTHER_ORDER
    if not _goes_through(Statement(following, statement.parents), uses[0], made):
        return OTHER_ORDER
    return editor.parted(made, "(", ")")


def _goes_through(head: Statement, use: ast.Name, made: ast.ListComp) -> bool:
    """Whether a statement takes all items at once, or cannot tell when they are made."""
    taker = _taker(head.walk(), use)
    if taker is not None and method_name(taker) in _IN_TURN:
        return not _in_loop(head, taker)
    if not isinstance(head.node, ast.For) or head.node.iter is not use or not _is_pure(made):
        return False
    own = {name for part in made.generators for name in _names(part.target)}
    body = {name for item in (head.node.target, *head.node.body) for name in _names(item)}
    return not body & (_names(made) - own - set(dir(builtins)))


def _names(node: ast.AST) -> set[str]:
    return {item.id for item in walk(node) if isinstance(item, ast.Name)}


def _in_loop(head: Statement, taker: ast.Call) -> bool:
    """Whether a call is made more than once where it stands."""
    return any(
        isinstance(item, (*COMPREHENSIONS, ast.Lambda)) and is_within(taker, item)
        for item in head.walk()
    ) or isinstance(head.node, ast.While)


def _is_pure(made: ast.ListComp) -> bool:
    """Whether making an item has no effect, and rests on nothing that the loop may change."""
    for node in walk(made):
        if isinstance(node, ast.Call) and method_name(node) not in _PURE:
            return False
        if isinstance(node, ast.Await | ast.Yield | ast.NamedExpr | ast.Subscript):
            return False
        if isinstance(node, ast.Attribute) and node.attr not in _PURE:
            return False
    return True


def _taker(nodes: Iterable[ast.AST], given: ast.expr) -> ast.Call | None:
    """The call that is given a value first."""
    for node in nodes:
        if isinstance(node, ast.Call) and node.args and node.args[0] is given:
            return node
    return None


def _following(statement: Statement) -> ast.stmt | None:
    block = block_of(statement)
    place = next((n for n, item in enumerate(block) if item is statement.node), len(block))
    return block[place + 1] if place + 1 < len(block) else None


def lines_in_pieces(editor: Editor, statement: Statement, call: ast.Call) -> Change:
    """What gives lines or rows one by one, in place of the call that makes a list of them all."""
    node = statement.node
    if not isinstance(node, ast.For) or node.iter is not call or call.args or call.keywords:
        return UNKNOWN
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    code = editor.code(owner) if isinstance(owner, ast.Name | ast.Attribute) else ""
    if owner is None or not code:
        return UNKNOWN
    root = code.partition(".")[0]
    rest = [*node.body, *node.orelse]
    if loads_of(rest, root) or any(_executes(item) for item in rest):
        return "the loop uses what the rows come from for something else"
    return (editor.replaced(call, code),)


def _executes(node: ast.AST) -> bool:
    """Whether a database may be asked something else meanwhile."""
    return any(
        isinstance(item, ast.Attribute)
        and item.attr in ("execute", "executemany", "executescript", "commit", "rollback", "close")
        for item in walk(node)
    )


def read_in_pieces(editor: Editor, statement: Statement, read: ast.Call) -> Change:
    """Checksums of a file, 64 KiB at a time."""
    node, owner = statement.node, read.func.value if isinstance(read.func, ast.Attribute) else None
    if method_name(read) != "read" or read.args or not isinstance(owner, ast.Name | ast.Attribute):
        return UNKNOWN
    file, scope = editor.code(owner), statement.scope
    piece = free_name(scope, "piece")
    loop = f"while {piece} := {file}.read(65536):"
    call = getattr(node, "value", None)
    if not file or editor.indent(node) is None or not isinstance(call, ast.Call):
        return UNKNOWN
    indent = editor.indent(node)
    if (
        isinstance(node, ast.Expr)
        and method_name(call) == "update"
        and isinstance(call.func, ast.Attribute)
        and call.args == [read]
        and not call.keywords
    ):
        kept = editor.code(call.func.value)
        if kept:
            return (editor.replaced(node, f"{loop}\n{indent}    {kept}.update({piece})"),)
    hashed = _hash_of(editor, statement, read)
    if hashed is None:
        return UNKNOWN
    digest, made = free_name(scope, "digest"), editor.code(hashed.func)
    edit = editor.before(
        node, [f"{digest} = {made}()", loop, f"    {digest}.update({piece})"]
    )  # fmt: skip
    return UNKNOWN if edit is None or not made else (edit, editor.replaced(hashed, digest))


def _hash_of(editor: Editor, statement: Statement, read: ast.Call) -> ast.Call | None:
    """`hashlib.sha256(file.read())`, where nothing else of the statement comes before it."""
    found = _taker(statement.walk(), read)
    if found is None or len(found.args) != 1 or found.keywords:
        return None
    full_name = editor.source.full_name(found)
    simple = isinstance(statement.node, ast.Assign | ast.Return | ast.Expr)
    return found if simple and full_name.startswith("hashlib.") else None
