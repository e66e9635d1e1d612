"""Tuples of numbers that are collected in a list: rows, mostly of a series or a table.

That a statement collects them is read from the source. That there are numbers in them is measured:
no other objects of Python are as small, and as many are live as there are tuples at least.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from memscope.advice.evidence import Case, Line
from memscope.advice.source import Statement, method_name, text_of
from memscope.advice.tuple_keys import kept_tuples
from memscope.capture.format import DOMAINS

LEAST_ROWS = 50_000
MOST_FIELDS = 8
_LEAST_NUMBERS = 0.8  # a row
_LEAST_SOURCE = 0.1  # of a line's numbers, a row
_NUMBER_CLASS = 2  # 17 to 32 bytes
_OBJ = DOMAINS.index("obj")
_ORDERING = ("sorted", "nsmallest", "nlargest", "set", "frozenset", "dict", "Counter")


@dataclass(frozen=True, slots=True)
class TupleRows:
    """How many tuples there are at the peak, of how many fields, and the numbers in them."""

    count: float
    fields: int
    number_bytes: float  # of them together
    names: tuple[str, ...]  # of the fields, where the tuple is made of names alone
    made: tuple[Line, ...]  # where the numbers come from


def tuple_rows(case: Case, line: Line, statement: Statement | None) -> TupleRows | None:
    """The rows that this line makes, if it makes any."""
    if statement is None:
        return None
    made = _collected(statement)
    if made is None or _is_ordered(statement):
        return None
    fields = len(made.elts)
    count = kept_tuples(case, line, fields)
    if count < LEAST_ROWS:
        return None
    sources = [(other, *_numbers(case, other)) for other in case.lines]
    numbers = sum(found for _, found, _ in sources)
    if numbers < _LEAST_NUMBERS * count:
        return None
    number_bytes = sum(held for *_, held in sources) * min(count * fields / numbers, 1.0)
    names = tuple(item.id for item in made.elts if isinstance(item, ast.Name))
    return TupleRows(
        count,
        fields,
        number_bytes,
        names if len(names) == fields else (),
        tuple(
            other
            for other, found, _ in sources
            if found >= _LEAST_SOURCE * count and other.key != line.key
        ),
    )


def _collected(statement: Statement) -> ast.Tuple | None:
    """The tuple that the statement adds to a list, or makes a list of."""
    for node in statement.walk():
        made: ast.expr | None = None
        if isinstance(node, ast.ListComp):
            made = node.elt
        elif isinstance(node, ast.Call) and node.args:
            first = node.args[0]
            if method_name(node) == "append":
                made = first
            elif method_name(node) in ("extend", "list") and isinstance(first, ast.GeneratorExp):
                made = first.elt
        if (
            isinstance(made, ast.Tuple)
            and 2 <= len(made.elts) <= MOST_FIELDS
            and not any(isinstance(item, ast.Tuple | ast.Starred | ast.List) for item in made.elts)
        ):
            return made
    return None


def _is_ordered(statement: Statement) -> bool:
    """Whether the list is sorted by its rows, kept as a heap, or made a table of them."""
    held = statement.target
    for call in statement.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "extend"):
            held = call.func.value
    if isinstance(held, ast.Subscript):
        held = held.value
    if not isinstance(held, ast.Attribute | ast.Name):
        return False
    # An attribute may be used by any method.
    scope = statement.scope if isinstance(held, ast.Name) else statement.parents[0]
    name = text_of(held)
    for node in ast.walk(scope):
        if not isinstance(node, ast.Call):
            continue
        called = method_name(node)
        owner = node.func.value if isinstance(node.func, ast.Attribute) else node
        if called == "sort" and text_of(owner) == name:
            return True
        of_it = bool(node.args) and text_of(node.args[0]) == name
        if of_it and (called in _ORDERING or called.startswith("heap")):
            return True
    return False


def _numbers(case: Case, line: Line) -> tuple[float, float]:
    """How many numbers that the line made are live at the peak, each an object, and their bytes."""
    totals, rows = case.capture.totals, case.capture.tables.rows
    chosen = [
        row
        for row in line.rows
        if rows.size_class[row] == _NUMBER_CLASS and rows.domain[row] == _OBJ
    ]
    count = sum(map(totals.peak_blocks.__getitem__, chosen))
    return count, sum(map(totals.peak_bytes.__getitem__, chosen))
