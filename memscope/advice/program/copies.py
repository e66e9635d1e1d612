"""Expressions that copy values whole into a new one, as the source says it.

`{**old, key: value}`, `old | new`, `[*old, item]`, `old + [item]`, `dict(old, key=value)`,
`sum(lists, [])`, a copy that is added to: each makes anew what was there already. Whether that is
done again and again is measured, not read here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from memscope.advice.program.expressions import is_name, is_number, method_name
from memscope.advice.program.statements import Statement
from memscope.advice.program.uses import is_rest
from memscope.advice.program.walking import walk
from memscope.plain import dataclass

CONCATENATIONS = {
    "concatenate", "append", "vstack", "hstack", "concat", "r_", "column_stack", "row_stack",
}  # fmt: skip
# What these are given is all in what they make.
_MAKERS = {"list": "list", "tuple": "tuple", "set": "set", "frozenset": "set", "dict": "dict",
           "OrderedDict": "dict", "sorted": "list", "bytes": "", "bytearray": "", "str": "",
           "chain": "", "copy": ""}  # fmt: skip
# Methods whose value holds all that they are called on.
_OF_THEMSELVES = {"union": "set", "copy": "", "strip": "", "rstrip": "", "lstrip": ""}
_ADDING_FUNCTIONS = {"add": "", "concat": "", "or_": "dict", "__add__": "", "__or__": "dict"}
_ADDING_METHODS = {"append", "add", "update", "extend", "insert", "setdefault", "appendleft"}
_DISPLAYS = {ast.List: "list", ast.ListComp: "list", ast.Tuple: "tuple", ast.Set: "set",
             ast.SetComp: "set", ast.Dict: "dict", ast.DictComp: "dict"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Merge:
    """A value made of others: of `copied` it has all, and `added` beside."""

    node: ast.expr
    container: str  # "list", "tuple", "set" or "dict"; "": text, bytes, or not known
    copied: tuple[ast.expr, ...]
    added: tuple[ast.expr, ...]


def merges(statement: Statement) -> Iterator[Merge]:
    """What the statement makes by copying and adding to the copy, outermost first."""
    for node in statement.walk():
        found = _merge(node) if isinstance(node, ast.expr) else None
        if found is not None and found.copied and len(found.copied) + len(found.added) > 1:
            yield found
    grown = _copied_then_grown(statement)
    if grown is not None:
        yield grown


def may_grow(statement: Statement) -> bool:
    """Whether the statement concatenates at all: a helper's `return buffer + part`."""
    return (
        isinstance(statement.node, ast.AugAssign)
        or any(
            (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Add | ast.BitOr)
                and not _turns_round(node)
            )
            or isinstance(node, ast.JoinedStr | ast.Starred)
            for node in statement.walk()
        )
        or any(True for _ in merges(statement))
    )


def cut_at(statement: Statement) -> ast.expr | None:
    """Where it cuts the front off what it names: `end` of `pending = pending[end:]`."""
    value = getattr(statement.node, "value", None)
    if statement.target is None or not isinstance(value, ast.Subscript) or not is_rest(value):
        return None
    same = ast.unparse(value.value) == ast.unparse(statement.target)
    return value.slice.lower if same and isinstance(value.slice, ast.Slice) else None


def _turns_round(node: ast.BinOp) -> bool:
    """`line[place:] + line[:place]`: as long as `line` is."""
    left, right = node.left, node.right
    if not isinstance(left, ast.Subscript) or not isinstance(right, ast.Subscript):
        return False
    rest, start = left.slice, right.slice
    if not isinstance(rest, ast.Slice) or not isinstance(start, ast.Slice):
        return False
    whole = rest.upper is rest.step is start.lower is start.step is None
    meet = rest.lower is not None and start.upper is not None
    return (
        whole
        and meet
        and ast.dump(left.value) == ast.dump(right.value)
        and ast.dump(rest.lower) == ast.dump(start.upper)  # type: ignore[arg-type]
    )


def grown_by(statement: Statement) -> tuple[ast.expr, Merge | None] | None:
    """What the statement adds to what it assigns, and how; None if it does not."""
    node, target = statement.node, statement.target
    if isinstance(node, ast.AugAssign):
        return (node.value, None) if isinstance(node.op, ast.Add | ast.BitOr) else None
    value = getattr(node, "value", None)
    if target is None or not isinstance(value, ast.expr):
        return None
    name = ast.unparse(target)
    for merge in merges(statement):
        same = [part for part in merge.copied if ast.unparse(part) == name]
        if not same:
            continue
        others = [*merge.added, *(part for part in merge.copied if part not in same)]
        summed = isinstance(merge.node, ast.BinOp) and not isinstance(merge.node.op, ast.Mod)
        named = isinstance(merge.node, ast.Call) and method_name(merge.node) != "format"
        return (others[0] if others and (summed or named) else merge.node), merge
    return None


class _Parts:
    """What goes into a value: what is copied whole, and what is new."""

    def __init__(self) -> None:
        self._copied: list[ast.expr] = []
        self._added: list[ast.expr] = []

    def take(self, *parts: ast.expr) -> None:
        """Parts that go in whole; of those that merge in turn, what they are made of."""
        for part in parts:
            inner = _merge(part)
            if inner is not None and inner.copied:
                self._copied.extend(inner.copied)
                self._added.extend(inner.added)
            elif isinstance(part, ast.Name | ast.Attribute | ast.Subscript):
                self._copied.append(part)
            else:
                self._added.append(part)

    def add(self, part: ast.expr) -> None:
        """A part that goes in as one item."""
        self._added.append(part)

    def merge(self, node: ast.expr, container: str = "") -> Merge:
        return Merge(node, container, tuple(self._copied), tuple(self._added))


def _merge(node: ast.expr) -> Merge | None:
    """What a value is made of, where it holds all of some other value."""
    if isinstance(node, ast.BinOp):
        return _merging_operation(node)
    if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.JoinedStr):
        return _display(node)
    if isinstance(node, ast.Call):
        return _merging_call(node)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return Merge(node, "", (node.value,), ())
    return None


def _merging_operation(node: ast.BinOp) -> Merge | None:
    """`old + [item]`, `old | new`, `"%s, %s" % (old, new)`."""
    if _turns_round(node):
        return None
    made = _Parts()
    if isinstance(node.op, ast.Add | ast.BitOr):
        parts = _sum_parts(node)
        made.take(*parts)
        return made.merge(node, _of_sum(node, parts))
    if isinstance(node.op, ast.Mod) and _is_text(node.left):
        made.add(node.left)
        made.take(*(node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]))
        return made.merge(node)
    return None


def _display(node: ast.List | ast.Tuple | ast.Set | ast.Dict | ast.JoinedStr) -> Merge:
    """`[*old, item]`, `{**old, key: value}`, `f"{old}, {new}"`."""
    made = _Parts()
    for part, unpacked in _pieces(node):
        if unpacked:
            made.take(part)
        else:
            made.add(part)
    return made.merge(node, _DISPLAYS.get(type(node), ""))


def _pieces(
    node: ast.List | ast.Tuple | ast.Set | ast.Dict | ast.JoinedStr,
) -> Iterator[tuple[ast.expr, bool]]:
    """What a display or an f-string is made of, and whether all that is in it goes in."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield value, key is None
        return
    for part in node.values if isinstance(node, ast.JoinedStr) else node.elts:
        if isinstance(part, ast.Starred | ast.FormattedValue):
            yield part.value, True
        else:
            yield part, False


def _merging_call(node: ast.Call) -> Merge | None:
    """What a call copies: `sum(lists, [])`, `numpy.concatenate(parts)`, `dict(old, key=value)`."""
    name = method_name(node)
    folded = {"sum": _sum, "reduce": _reduction}.get(name)
    if folded is not None:
        return folded(node)
    if isinstance(node.func, ast.Attribute):
        merge = _merging_method(node, name, node.func.value)
        if merge is not None:
            return merge
    return _merging_maker(node, name) if name in _MAKERS else None


def _merging_method(node: ast.Call, name: str, owner: ast.expr) -> Merge | None:
    """What a method of something copies: of its owner, or of what it is given."""
    made, container = _Parts(), ""
    if name in CONCATENATIONS and (name != "append" or len(node.args) > 1):
        made.take(*(item for argument in node.args for item in _items(argument)))
    elif name == "join" and node.args:
        made.take(*_items(node.args[0]))
    elif name == "format" and _is_text(owner):
        made.add(owner)
        made.take(*node.args, *(item.value for item in node.keywords))
    elif name in _OF_THEMSELVES and (name != "copy" or not node.args):
        container = _OF_THEMSELVES[name]
        made.take(owner, *node.args)
    else:
        return None
    return made.merge(node, container)


def _merging_maker(node: ast.Call, name: str) -> Merge:
    """What a container's own name makes of others."""
    made = _Parts()
    made.take(*(part.value if isinstance(part, ast.Starred) else part for part in node.args))
    for keyword in node.keywords:
        if keyword.arg is None:
            made.take(keyword.value)
        elif name == "dict":
            made.add(keyword.value)
    return made.merge(node, _MAKERS[name])


def _items(argument: ast.expr) -> list[ast.expr]:
    """The parts that a concatenation is given in a list, or the one that it is given."""
    if isinstance(argument, ast.List | ast.Tuple):
        return [item.value if isinstance(item, ast.Starred) else item for item in argument.elts]
    return [argument]


def _sum_parts(node: ast.expr) -> list[ast.expr]:
    """The summands, the last first."""
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.BitOr):
        parts.append(node.right)
        node = node.left
    return [*parts, node]


def _of_sum(node: ast.BinOp, parts: list[ast.expr]) -> str:
    """Which container a sum makes, as far as one of its parts says."""
    for part in parts:
        inner = _merge(part)
        if inner is not None and inner.container:
            return inner.container
        if type(part) in _DISPLAYS:
            return _DISPLAYS[type(part)]
    return "dict" if isinstance(node.op, ast.BitOr) else ""


def _sum(node: ast.Call) -> Merge | None:
    """`sum(lists, [])`: each addend is put behind a copy of all before it."""
    started = [*node.args[1:], *(item.value for item in node.keywords)]
    # An array's own `sum(axis=0)` adds numbers.
    if isinstance(node.func, ast.Attribute) or not node.args or len(started) != 1:
        return None
    if is_number(started[0]):
        return None
    return Merge(node, _DISPLAYS.get(type(started[0]), ""), (node.args[0],), (started[0],))


def _reduction(node: ast.Call) -> Merge | None:
    """`reduce(operator.add, parts)`: the same, by whatever adds two."""
    if len(node.args) < 2:
        return None
    function = node.args[0]
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in _ADDING_FUNCTIONS and name != "union":
        return None
    container = "set" if name == "union" else _ADDING_FUNCTIONS[name]
    if len(node.args) > 2:
        container = _DISPLAYS.get(type(node.args[2]), container)
    return Merge(node, container, (node.args[1],), (function,))


def _copied_then_grown(statement: Statement) -> Merge | None:
    """`new = old.copy()`, where the statements after it add to `new`."""
    target, value = statement.target, getattr(statement.node, "value", None)
    if not isinstance(target, ast.Name) or not isinstance(value, ast.expr):
        return None
    plain = _merge(value)
    if plain is None or len(plain.copied) != 1 or plain.added:
        return None
    for node in _following(statement):
        if (added := _added_to(node, target.id)) is not None:
            container = plain.container or ("dict" if isinstance(node, ast.Assign) else "")
            return Merge(value, container, plain.copied, (added,))
    return None


def _following(statement: Statement) -> Iterator[ast.AST]:
    """What comes after the statement in its block."""
    parent = statement.parents[-1]
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement.node in block:
            for later in block[block.index(statement.node) + 1 :]:
                yield from walk(later)


def _added_to(node: ast.AST, name: str) -> ast.expr | None:
    """What a statement or call adds to the container of this name."""

    if isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Subscript) and is_name(target.value, name) for target in node.targets
    ):
        return node.value
    if isinstance(node, ast.AugAssign) and is_name(node.target, name):
        return node.value if isinstance(node.op, ast.Add | ast.BitOr) else None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    adds = node.func.attr in _ADDING_METHODS and is_name(node.func.value, name)
    return next(iter(node.args), node) if adds else None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
