"""How an attribute with text, or a list of its lines, is read: whether a reader keeps any of it.

Only what is known to go through it without keeping it counts: in doubt somebody has it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from memscope.advice.program.expressions import method_name
from memscope.advice.program.statements import COMPREHENSIONS, FUNCTIONS
from memscope.advice.program.uses import loads, names_in
from memscope.advice.program.walking import walk
from memscope.plain import dataclass, field

# Calls that make one block without items of its own, and those that make a list of text.
_MAKES_FLAT = {"read", "read_text", "read_bytes", "decode", "encode", "join", "getvalue",
               "bytearray", "tobytes", "bytes", "array", "randbytes", "compress",
               "decompress"}  # fmt: skip
_MAKES_LINES = {"split", "splitlines", "readlines"}

_ANSWERS = {"len", "any", "all", "bool", "int", "float", "hash", "ord", "isinstance", "print",
            "repr", "crc32", "adler32", "md5", "sha1", "sha256", "unpack_from", "loads",
            "findall"}  # fmt: skip
_OWN_ANSWERS = {"count", "find", "rfind", "index", "rindex", "startswith", "endswith", "isdigit",
                "isspace", "isalpha", "isalnum", "isupper", "islower", "lower", "upper",
                "casefold", "split", "rsplit", "splitlines", "decode", "encode", "hex", "group",
                "groups", "groupdict", "start", "end", "span", "partition",
                "rpartition"}  # fmt: skip
# What these give of text, bytes or numbers is new: an item has nothing of the block.
_FLAT_ANSWERS = {"min", "max", "sum", "fsum", "sorted", "list", "tuple", "set", "frozenset",
                 "Counter", "mean", "fmean", "median", "stdev", "pstdev", "array"}  # fmt: skip
_IN_ORDER = {"enumerate", "zip", "reversed", "reader", "DictReader", "islice"}
_MATCHES = {"match", "search", "fullmatch"}


def made_of(value: ast.expr) -> str:
    """What an expression makes: "flat" (text, bytes), "lines" (a list of text), "" if unknown."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        sides = {made_of(value.left), made_of(value.right)}
        return "flat" if "flat" in sides else ""
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
        return made_of(value.value)  # a part of text is text, one of a list of lines a list
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
    if made == "flat" and _is_summed_up(load, parent):
        return False
    if isinstance(parent, ast.Subscript) and parent.value is load:
        return _keeps_part(parent, made, _Reader(parents, scope))
    return _keeps_items(load, made, _Reader(parents, scope))


@dataclass(frozen=True, slots=True)
class _Reader:
    """A function that reads, the parents of its nodes, and its names that were followed already."""

    parents: dict[ast.AST, ast.AST]
    scope: ast.AST
    seen: set[str] = field(default_factory=set)


def _keeps_part(part: ast.Subscript, made: str, reader: _Reader) -> bool:
    """Whether a part may be kept: one of text is a copy, an item of a list is not."""
    cut = part.slice if isinstance(part.slice, ast.Slice) else None
    if made == "flat":
        whole = cut is not None and not (cut.lower or cut.upper)
        return whole or not isinstance(part.ctx, ast.Load)
    return cut is not None or _passed_on(part, reader)


def _keeps_items(load: ast.expr, made: str, reader: _Reader) -> bool:
    """Whether what is gone through is kept, or an item of it; kept it is if not gone through."""
    node, parent, called = load, reader.parents.get(load), ""
    if isinstance(parent, ast.Call) and load in parent.args:
        called = method_name(parent)
        if called != "finditer" and called not in _IN_ORDER:
            return True
        node, parent = parent, reader.parents.get(parent)
    if not isinstance(parent, ast.For | ast.comprehension) or parent.iter is not node:
        return True
    around = reader.parents.get(parent)
    if isinstance(around, ast.GeneratorExp) and not _is_used_up(around, reader.parents):
        return True
    # Each match of `finditer` has the text.
    if called in ("reader", "DictReader") or (made == "flat" and called != "finditer"):
        return False
    return any(_kept_name(name, reader) for name in names_in(parent.target))


def _is_summed_up(load: ast.expr, parent: ast.AST | None) -> bool:
    return (
        isinstance(parent, ast.Call)
        and load in parent.args
        and method_name(parent) in _FLAT_ANSWERS
    )


def _is_used_up(node: ast.GeneratorExp, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether what is given a generator goes through all of it at once."""
    parent = parents.get(node)
    if not isinstance(parent, ast.Call) or node not in parent.args:
        return False
    return method_name(parent) in _FLAT_ANSWERS | _MAKES_FLAT | {"any", "all", "dict"}


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


def _kept_name(name: str, reader: _Reader) -> bool:
    """Whether a function may keep what one of its names has, which is text or a match of it."""
    if name in reader.seen:
        return False
    reader.seen.add(name)
    for node in walk(reader.scope):
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return True
        if isinstance(node, FUNCTIONS) and node is not reader.scope:
            return True
    return any(_passed_on(node, reader) for node in loads(reader.scope, name))


def _passed_on(node: ast.AST, reader: _Reader) -> bool:
    """Whether the value of an expression, which is text or a match, may be kept."""
    parent = reader.parents.get(node)
    if not isinstance(node, ast.expr) or parent is None:
        return True
    if _only_asks(node, parent) or isinstance(parent, ast.Expr):
        return False
    passed_on_by = _PASSED_ON_BY.get(type(parent))
    return passed_on_by is None or passed_on_by(parent, node, reader)


def _by_subscript(parent: ast.Subscript, node: ast.expr, reader: _Reader) -> bool:
    # A part of text, or a group of a match, is a copy; as a key it is looked up.
    return not isinstance(parent.ctx, ast.Load)


def _by_call(parent: ast.Call, node: ast.expr, reader: _Reader) -> bool:
    if node not in parent.args:
        return True
    if _is_raised(parent, reader.parents):
        return False
    return method_name(parent) not in _MATCHES or _passed_on(parent, reader)


def _by_assignment(parent: ast.Assign, node: ast.expr, reader: _Reader) -> bool:
    if not all(isinstance(target, ast.Name) for target in parent.targets):
        return True
    names = [name for target in parent.targets for name in names_in(target)]
    return any(_kept_name(name, reader) for name in names)


def _by_method(parent: ast.Attribute, node: ast.expr, reader: _Reader) -> bool:
    call = reader.parents.get(parent)
    if not isinstance(call, ast.Call) or call.func is not parent:
        return True
    # `text.strip()` may be the text itself.
    return parent.attr not in ("strip", "rstrip", "lstrip") or _passed_on(call, reader)


# By what is around an expression, whether that passes its value on; anything else does.
_PASSED_ON_BY: Mapping[type[ast.AST], Callable[[Any, ast.expr, _Reader], bool]] = {
    ast.Subscript: _by_subscript,
    ast.Call: _by_call,
    ast.Assign: _by_assignment,
    ast.Attribute: _by_method,
}


def _is_raised(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    return isinstance(parents.get(node), ast.Raise)


def enclosing(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.FunctionDef | None:
    """The function whose own statements have a node; None if it is one that may run later."""
    above = parents.get(node)
    while above is not None:
        if isinstance(above, ast.FunctionDef):
            return above
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            return None
        if isinstance(above, ast.GeneratorExp) and not _is_used_up(above, parents):
            return None
        if isinstance(above, COMPREHENSIONS) and node not in walk(above.generators[0].iter):
            return None
        above = parents.get(above)
    return None
