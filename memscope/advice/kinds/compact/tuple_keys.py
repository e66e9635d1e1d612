"""Tuples of whole numbers that are the keys of a dictionary or set: places of a grid, mostly.

That the numbers are whole is read from the source: they come from `range`, or are counted up and
down. That they are kept is measured: as many tuples of one length are live as a table has room for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.rows import OBJ_DOMAIN
from memscope.advice.policy import Compact
from memscope.advice.program.expressions import is_name, method_name
from memscope.advice.program.statements import FUNCTIONS, Statement
from memscope.advice.program.walking import walk
from memscope.capture.format import size_class
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

_BARE_TUPLE_BYTES = 40  # with the collector's header
_BARE_TUPLE_BYTES_UNTIL = ("3.11", "3.12", "3.13")  # then it keeps its hash as well
_POINTER_BYTES = 8
_NUMBER_BYTES = 33  # on average: 24 to 32 each, and hardly anything else
# What a key takes in a table: 24 bytes of a dictionary's, which is two thirds full at most, with
# its index; 16 of a set's, of which it has up to seven free for each.
_KEY_IN_TABLE_BYTES = (24, 120)
_WHOLE_CALLS = {"int", "len", "ord", "randrange", "randint", "floor", "index", "count"}
_STEPS = (ast.Add, ast.Sub, ast.FloorDiv, ast.LShift, ast.RShift)


@dataclass(frozen=True, slots=True)
class TupleKeys:
    """Where tuples are made that are kept as keys, and where they are stored."""

    stored: CodeFrame
    table: UserLine
    made: tuple[UserLine, ...]  # where numbers in them that are objects of their own come from
    count: float
    numbers: int  # in each


def tuple_keys(context: Context, line: UserLine, statement: Statement | None) -> TupleKeys | None:
    """The keys that this line makes, if it makes any and they are kept."""
    if statement is None:
        return None
    made = made_tuple(statement)
    if made is None or not all(_is_whole(item, statement.scope) for item in made.elts):
        return None
    count = kept_tuples(context, line, len(made.elts))
    if count < Compact.least_keys:
        return None
    stored = _stored(context, line, statement, made)
    if stored is None:
        return None
    for table in context.lines:
        if (table.frame.file, table.frame.line) == (stored.file, stored.line):
            keys = TupleKeys(stored, table, _numbers_made(context, line), count, len(made.elts))
            return _fitting(context, keys)
    return None


def _numbers_made(context: Context, line: UserLine) -> tuple[UserLine, ...]:
    """Other lines of its function that have next to nothing but numbers at the peak."""
    return tuple(
        other
        for other in context.lines
        if (other.frame.file, other.frame.function) == (line.frame.file, line.frame.function)
        and other.key != line.key
        and other.blocks.peak_blocks
        and other.blocks.peak_bytes <= _NUMBER_BYTES * other.blocks.peak_blocks
    )


def made_tuple(statement: Statement) -> ast.Tuple | None:
    """The tuple of a few values that the statement makes, if it makes one."""
    found = [
        node
        for node in statement.walk()
        if isinstance(node, ast.Tuple)
        and isinstance(node.ctx, ast.Load)
        and 2 <= len(node.elts) <= Compact.most_numbers_in_key
        and not any(isinstance(item, ast.Tuple | ast.Starred) for item in node.elts)
    ]
    target = statement.target
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Tuple):
        found.append(target.slice)
    return found[0] if len(found) == 1 else None


def kept_tuples(context: Context, line: UserLine, numbers: int) -> float:
    """How many tuples of this length are live at the peak: all of their size, to the byte."""
    each = _BARE_TUPLE_BYTES + numbers * _POINTER_BYTES
    if not context.capture.meta.python.startswith(_BARE_TUPLE_BYTES_UNTIL):
        each += _POINTER_BYTES
    totals, domains = context.capture.totals, context.capture.tables.rows.domain
    rows = [
        row
        for row in context.rows.sizes(line.rows).get(size_class(each), ())
        if domains[row] == OBJ_DOMAIN
    ]
    count = sum(totals.peak_blocks[row] for row in rows)
    held = sum(totals.peak_bytes[row] for row in rows)
    return count if held == count * each else 0.0


def _fitting(context: Context, keys: TupleKeys) -> TupleKeys | None:
    """The keys, if the line that stores them has a table that is large enough for them."""
    peak_bytes = context.capture.totals.peak_bytes
    largest = max((peak_bytes[row] for row in keys.table.rows), default=0.0)
    low, high = _KEY_IN_TABLE_BYTES
    return keys if keys.count * low <= largest <= keys.count * high else None


def _stored(
    context: Context, line: UserLine, made_by: Statement, made: ast.Tuple
) -> CodeFrame | None:
    """The line that stores the tuple as a key: this one, or one of a caller it is given to."""
    if _is_key(made_by, made):
        return line.frame
    frames = context.stacks.own_at_peak(line)
    if isinstance(made_by.target, ast.Name):
        return _storing(frames[0], made_by.scope, made_by.target.id)
    if _given(made_by.node) is not made or len(frames) < 2:
        return None
    caller = context.statement(frames[1])
    if caller is None:
        return None
    target = caller.node.target if isinstance(caller.node, ast.For) else caller.target
    return _storing(frames[1], caller.scope, target.id) if isinstance(target, ast.Name) else None


def _given(node: ast.stmt) -> ast.expr | None:
    """What a statement gives its caller."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield):
        return node.value.value
    return node.value if isinstance(node, ast.Return) else None


def _storing(frame: CodeFrame, scope: ast.AST, name: str) -> CodeFrame | None:
    """Where in a function the tuple of this name becomes a key."""
    for node in walk(scope):
        if isinstance(node, ast.stmt) and not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            for key in _keys(node):
                if is_name(key, name):
                    return CodeFrame(frame.function, frame.file, node.lineno)
    return None


def _is_key(statement: Statement, made: ast.Tuple) -> bool:
    return any(key is made for key in _keys(statement.node)) or any(
        (isinstance(node, ast.DictComp) and node.key is made)
        or (isinstance(node, ast.SetComp) and node.elt is made)
        for node in statement.walk()
    )


def _keys(node: ast.stmt) -> Iterator[ast.expr]:
    """What a simple statement stores as a key."""
    if isinstance(node, ast.Assign):
        yield from (item.slice for item in node.targets if isinstance(item, ast.Subscript))
    if isinstance(node, ast.AugAssign | ast.AnnAssign) and isinstance(node.target, ast.Subscript):
        yield node.target.slice
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and method_name(call) in ("add", "setdefault") and call.args:
        yield call.args[0]


def _is_whole(node: ast.expr, scope: ast.AST) -> bool:
    """Whether a value is a whole number, by its form or by what is done with its name."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int)
    if isinstance(node, ast.Call):
        return method_name(node) in _WHOLE_CALLS
    if isinstance(node, ast.UnaryOp):
        return _is_whole(node.operand, scope)
    if isinstance(node, ast.BinOp):
        left = _is_whole(node.left, scope)
        if isinstance(node.op, ast.Mod):
            return left
        right = _is_whole(node.right, scope)
        return left or right if isinstance(node.op, _STEPS) else left and right
    return isinstance(node, ast.Name) and _counts(node.id, scope)


def _is_step(node: ast.AST) -> bool:
    """`x + 1`, `x // size`: only numbers can do that."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, _STEPS)
        and any(
            isinstance(part, ast.Constant) and type(part.value) is int
            for part in (node.left, node.right)
        )
    )


def _counts(name: str, scope: ast.AST) -> bool:
    """Whether a name of a function is of whole numbers."""
    for node in walk(scope):
        if _is_step(node) and any(is_name(part, name) for part in ast.iter_child_nodes(node)):
            return True
        if isinstance(node, ast.For | ast.comprehension) and _loops_over_whole(
            node.target, node.iter, name
        ):
            return True
    return False


def _loops_over_whole(target: ast.expr, items: ast.expr, name: str) -> bool:
    """Whether a loop gives the name whole numbers: of a range, or one place of written tuples."""
    if is_name(target, name):
        return isinstance(items, ast.Call) and method_name(items) == "range"
    if not isinstance(target, ast.Tuple):
        return False
    for place, part in enumerate(target.elts):
        if is_name(part, name):
            if isinstance(items, ast.Call) and method_name(items) == "enumerate":
                return place == 0
            if isinstance(items, ast.Tuple | ast.List):
                return any(
                    isinstance(item, ast.Tuple)
                    and place < len(item.elts)
                    and (_is_step(item.elts[place]) or _is_int(item.elts[place]))
                    for item in items.elts
                )
    return False


def _is_int(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int
