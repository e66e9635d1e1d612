"""How an attribute with text, or a list of its lines, is read: whether a reader keeps any of it.

Only what is known to go through it without keeping it counts: in doubt somebody has it.
"""

from __future__ import annotations

import ast

from memscope.advice.source import COMPREHENSIONS, FUNCTIONS, method_name
from memscope.advice.uses import loads, names_in

# Calls that make one block without items of its own, and those that make a list of text.
_MAKES_FLAT = {"read", "read_text", "read_bytes", "decode", "encode", "join", "getvalue",
               "bytearray", "tobytes"}  # fmt: skip
_MAKES_LINES = {"split", "splitlines", "readlines"}

_ANSWERS = {"len", "any", "all", "bool", "int", "float", "hash", "ord", "isinstance", "print",
            "repr", "crc32", "adler32", "md5", "sha1", "sha256", "unpack_from", "loads",
            "findall"}  # fmt: skip
_OWN_ANSWERS = {"count", "find", "rfind", "index", "rindex", "startswith", "endswith", "isdigit",
                "isspace", "isalpha", "isalnum", "isupper", "islower", "lower", "upper",
                "casefold", "split", "rsplit", "splitlines", "decode", "encode", "hex", "group",
                "groups", "groupdict", "start", "end", "span", "partition",
                "rpartition"}  # fmt: skip
_IN_ORDER = {"enumerate", "zip", "reversed", "reader", "DictReader"}
_MATCHES = {"match", "search", "fullmatch"}


def made_of(value: ast.expr) -> str:
    """What an expression makes: "flat" (text, bytes), "lines" (a list of text), "" if unknown."""
    if not isinstance(value, ast.Call):
        return ""
    called = method_name(value)
    if called in _MAKES_LINES:
        return "lines"
    return "flat" if called in _MAKES_FLAT else ""


def keeps(load: ast.expr, made: str, parents: dict[ast.AST, ast.AST], scope: ast.AST) -> bool:
    """Whether a function may keep what it loads, or an item of it, longer than it runs."""
    parent = parents.get(load)
    if _only_asks(load, parent):
        return False
    if isinstance(parent, ast.Subscript) and parent.value is load:
        # A part of text is a copy, an item of a list is not.
        whole = isinstance(parent.slice, ast.Slice) and not (
            parent.slice.lower or parent.slice.upper
        )
        if made == "flat":
            return whole or not isinstance(parent.ctx, ast.Load)
        return isinstance(parent.slice, ast.Slice) or _passed_on(parent, parents, scope, set())
    node: ast.AST = load
    if isinstance(parent, ast.Call) and load in parent.args:
        called = method_name(parent)
        if called == "finditer":
            made = "lines"  # each match has the text
        elif called not in _IN_ORDER:
            return True
        node, parent = parent, parents.get(parent)
    if not isinstance(parent, ast.For | ast.comprehension) or parent.iter is not node:
        return True
    if isinstance(parents.get(parent), ast.GeneratorExp):
        return True
    if made == "flat" or _called(node) in ("reader", "DictReader"):
        return False
    return any(_kept_name(name, parents, scope, set()) for name in names_in(parent.target))


def _only_asks(node: ast.expr, parent: ast.AST | None) -> bool:
    """Whether the expression around makes an answer of it, that has nothing of it."""
    if isinstance(
        parent, ast.Compare | ast.JoinedStr | ast.FormattedValue | ast.Assert | ast.Raise
    ):
        return True
    if isinstance(parent, ast.If | ast.While | ast.IfExp) and parent.test is node:
        return True
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return True
    if isinstance(parent, ast.Call) and node in parent.args:
        return method_name(parent) in _ANSWERS
    return isinstance(parent, ast.Attribute) and parent.attr in _OWN_ANSWERS


def _called(node: ast.AST) -> str:
    return method_name(node) if isinstance(node, ast.Call) else ""


def _kept_name(name: str, parents: dict[ast.AST, ast.AST], scope: ast.AST, seen: set[str]) -> bool:
    """Whether a function may keep what one of its names has, which is text or a match of it."""
    if name in seen:
        return False
    seen.add(name)
    for node in ast.walk(scope):
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return True
        if isinstance(node, FUNCTIONS) and node is not scope:
            return True
    return any(_passed_on(node, parents, scope, seen) for node in loads(scope, name))


def _passed_on(
    node: ast.AST, parents: dict[ast.AST, ast.AST], scope: ast.AST, seen: set[str]
) -> bool:
    """Whether the value of an expression, which is text or a match, may be kept."""
    parent = parents.get(node)
    if not isinstance(node, ast.expr) or parent is None:
        return True
    if _only_asks(node, parent) or isinstance(parent, ast.Expr):
        return False
    if isinstance(parent, ast.comprehension):
        return node not in parent.ifs
    if isinstance(parent, ast.Subscript):
        # A part of text, or a group of a match, is a copy; as a key it is looked up.
        return not isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Call) and node in parent.args:
        if _is_raised(parent, parents):
            return False
        return method_name(parent) not in _MATCHES or _passed_on(parent, parents, scope, seen)
    if isinstance(parent, ast.BoolOp):
        return _passed_on(parent, parents, scope, seen)
    if isinstance(parent, ast.NamedExpr):
        names = names_in(parent.target)
        return any(_kept_name(name, parents, scope, seen) for name in names) or _passed_on(
            parent, parents, scope, seen
        )
    if isinstance(parent, ast.Assign) and all(isinstance(i, ast.Name) for i in parent.targets):
        return any(
            _kept_name(name, parents, scope, seen)
            for target in parent.targets
            for name in names_in(target)
        )
    # `text.strip()` may be the text itself.
    call = parents.get(parent)
    if isinstance(parent, ast.Attribute) and isinstance(call, ast.Call) and call.func is parent:
        return parent.attr not in ("strip", "rstrip", "lstrip") or _passed_on(
            call, parents, scope, seen
        )
    return True


def _is_raised(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    return isinstance(parents.get(node), ast.Raise)


def enclosing(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.FunctionDef | None:
    """The function whose own statements have a node; None if it is one that may run later."""
    above = parents.get(node)
    while above is not None:
        if isinstance(above, ast.FunctionDef):
            return above
        if isinstance(above, (*FUNCTIONS, ast.GeneratorExp, ast.ClassDef)):
            return None
        if isinstance(above, COMPREHENSIONS) and node not in ast.walk(above.generators[0].iter):
            return None
        above = parents.get(above)
    return None
