"""Whether a list is only read, and only in ways that a text of the same characters can be read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from memscope.advice.program.expressions import method_name
from memscope.advice.program.walking import walk

_READING_METHODS = {"index", "count"}
_READING_CALLS = {
    "len", "list", "tuple", "set", "frozenset", "sorted", "enumerate", "zip", "iter", "reversed",
    "any", "all", "min", "max", "map", "filter", "join", "Counter",
}  # fmt: skip
# A list is equal to no text.
_COMPARING = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def reads_items_only(
    trees: Iterable[ast.AST], holder: ast.Name | ast.Attribute, *, or_replaces: bool
) -> bool:
    """Whether code does nothing with what is called so but to read items, slices and its length.

    Whoever has it: an attribute of that name may be of any object. What is passed on, returned or
    given another name may be changed there: then the answer is no. `or_replaces`: slices may also
    be replaced, which copies a list as it would a text.
    """
    return all(
        _is_reading(node, parent) or (or_replaces and _is_replacing(node, parent))
        for node, parent in _uses(trees, holder)
    )


def _uses(
    trees: Iterable[ast.AST], holder: ast.Name | ast.Attribute
) -> Iterator[tuple[ast.expr, ast.AST]]:
    name = holder.id if isinstance(holder, ast.Name) else holder.attr
    for tree in trees:
        for parent in walk(tree):
            for child in ast.iter_child_nodes(parent):
                found = child.attr if isinstance(child, ast.Attribute) else None
                found = child.id if isinstance(child, ast.Name) else found
                is_same = isinstance(child, type(holder)) and found == name
                if is_same and isinstance(child, ast.Name | ast.Attribute):
                    if isinstance(child.ctx, ast.Load):
                        yield child, parent
                    elif not isinstance(parent, ast.Assign | ast.AnnAssign):
                        yield child, parent  # deleted, added to


def _is_replacing(node: ast.expr, parent: ast.AST) -> bool:
    """Whether another slice is put in place of one: `glyphs[at : at + count] = text`."""
    if not isinstance(parent, ast.Subscript) or parent.value is not node:
        return False
    return isinstance(parent.slice, ast.Slice) and parent.slice.step is None


def _is_reading(node: ast.expr, parent: ast.AST) -> bool:
    if isinstance(parent, ast.Attribute):
        return parent.attr in _READING_METHODS
    if isinstance(parent, ast.Subscript):
        return parent.value is node and isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Call):
        return parent.func is not node and method_name(parent) in _READING_CALLS
    if isinstance(parent, ast.For | ast.comprehension):
        return parent.iter is node
    if isinstance(parent, ast.Compare):
        return not any(isinstance(op, _COMPARING) for op in parent.ops)
    return False
