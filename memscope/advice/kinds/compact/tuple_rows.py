"""Tuples of numbers that are collected in a list: rows, mostly of a series or a table.

That a statement collects them is read from the source. That there are numbers in them is measured:
no other objects of Python are as small, and as many are live as there are tuples at least.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.kinds.compact.tuple_keys import kept_tuples
from memscope.advice.policy import Compact
from memscope.advice.program.expressions import method_name
from memscope.advice.program.statements import Statement
from memscope.advice.program.uses import calls_with, list_filled_by
from memscope.capture.columns import gathered, total
from memscope.plain import dataclass

NUMBERS = ("float", "int")
_ORDERING = ("sorted", "nsmallest", "nlargest", "set", "frozenset", "dict", "Counter")


@dataclass(frozen=True, slots=True)
class TupleRows:
    """How many tuples there are at the peak, of how many fields, and the numbers in them."""

    count: float
    fields: int
    number_bytes: float  # of them together
    names: tuple[str, ...]  # of the fields, where the tuple is made of names alone
    made: tuple[UserLine, ...]  # where the numbers come from


def tuple_rows(context: Context, line: UserLine, statement: Statement | None) -> TupleRows | None:
    """The rows that this line makes, if it makes any."""
    if statement is None:
        return None
    made = _collected(statement)
    if made is None or _is_ordered(statement):
        return None
    fields = len(made.elts)
    count = kept_tuples(context, line, fields)
    if count < Compact.least_tuples:
        return None
    sources = context.once("numbers at the peak", lambda: _numbers_at_peak(context))
    numbers = sum(found for _, found, _ in sources)
    if numbers < Compact.least_numbers_in_row * count:
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
            if found >= Compact.least_source_share * count and other.key != line.key
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
            and 2 <= len(made.elts) <= Compact.most_fields
            and not any(isinstance(item, ast.Tuple | ast.Starred | ast.List) for item in made.elts)
        ):
            return made
    return None


def _is_ordered(statement: Statement) -> bool:
    """Whether the list is sorted by its rows, kept as a heap, or made a table of them."""
    held = list_filled_by(statement, ("append", "extend"))
    if isinstance(held, ast.Subscript):
        held = held.value
    if not isinstance(held, ast.Attribute | ast.Name):
        return False
    return any(
        called == "sort" if of_its_own else called in _ORDERING or called.startswith("heap")
        for called, of_its_own in calls_with(statement, held)
    )


def number_rows(context: Context, line: UserLine) -> Sequence[int]:
    """The rows of a line that are numbers', each an object."""
    return context.objects.of_types(line.rows, lambda of: of.name in NUMBERS)


def _numbers_at_peak(context: Context) -> list[tuple[UserLine, float, float]]:
    """For each line how many numbers of its are live at the peak, and their bytes."""
    blocks, held = context.capture.totals.peak_blocks, context.capture.totals.peak_bytes
    found = []
    for line in context.lines:
        rows = number_rows(context, line)
        found.append((line, total(gathered(blocks, rows)), total(gathered(held, rows))))
    return found
