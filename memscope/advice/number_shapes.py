"""Numbers by the ten thousand, each an object: in lists, in tuples, and in keys."""

from __future__ import annotations

import ast

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Fix
from memscope.advice.shapes import LEAST_ROWS, SLOT_BYTES, Shape, rounded
from memscope.advice.source import Statement, method_name
from memscope.advice.tuple_keys import tuple_keys
from memscope.advice.tuple_rows import number_rows, tuple_rows
from memscope.advice.uses import calls_with, list_filled_by

_FLOAT_BYTES, _INT_BYTES = 24, 32


def numbers(case: Case, line: Line, statement: Statement | None) -> Shape | str | None:
    """Floats or integers by the ten thousand, each an object, in one list."""
    if statement is None or not _collects_numbers(statement):
        return None
    totals = case.capture.totals
    chosen = [row for row in number_rows(case, line) if totals.peak_blocks[row] >= 5 * LEAST_ROWS]
    if not chosen:
        return None
    count = sum(totals.peak_blocks[row] for row in chosen)
    each = sum(totals.peak_bytes[row] for row in chosen) / count
    is_float = each == _FLOAT_BYTES
    if not is_float and not 28 <= each <= _INT_BYTES:
        return None
    if (why := _why_a_list(statement)) is not None:
        return why
    code = "d" if is_float else "q"
    return Shape(
        what="floats" if is_float else "integers",
        rows=count,
        now_bytes=_INT_BYTES + SLOT_BYTES,
        then_bytes=SLOT_BYTES + SLOT_BYTES / 4,
        least_bytes=SLOT_BYTES,
        fix=Fix(
            "keep them in an array: 8 bytes each instead of an object and a list slot",
            f"from array import array\nnumbers = array('{code}')  # used like a list",
        ),
        confidence=0.7,
        cost="each access makes a number object; only numbers of the one type fit",
    )


def keys_of_places(case: Case, line: Line, statement: Statement | None) -> Shape | None:
    """Tuples of whole numbers as keys: one number can stand for them."""
    keys = tuple_keys(case, line, statement)
    if keys is None:
        return None
    place = ("y * size + x", "(z * size + y) * size + x")[keys.numbers > 2]
    return Shape(
        what=f"tuples of {keys.numbers} whole numbers, keys of one table,",
        rows=keys.count,
        now_bytes=rounded(40 + keys.numbers * SLOT_BYTES),
        then_bytes=_INT_BYTES,
        least_bytes=0,
        fix=Fix(
            "number the places, and take the number as the key; or, if most of the places are"
            " taken, keep an array and take the number as the index",
            f"place = {place}  # instead of {'(x, y)' if keys.numbers == 2 else '(x, y, z)'}",
        ),
        confidence=0.7,
        cost="the numbers have to be bounded, and have to be told from the key when they are asked",
        site=keys.stored,
        beside=(*keys.made, *(() if keys.table.key == line.key else (keys.table,))),
    )


def rows_of_numbers(case: Case, line: Line, statement: Statement | None) -> Shape | None:
    """Tuples of numbers in a list: columns need neither the tuples nor number objects."""
    rows = tuple_rows(case, line, statement)
    if rows is None:
        return None
    made = rounded(40 + rows.fields * SLOT_BYTES) + SLOT_BYTES
    numbers = rows.number_bytes / rows.count
    names = rows.names or tuple(f"field_{number + 1}" for number in range(min(rows.fields, 3)))
    return Shape(
        what=f"tuples of {rows.fields}",
        counted="with the numbers in them",
        rows=rows.count,
        now_bytes=made + numbers,
        then_bytes=SLOT_BYTES * rows.fields + SLOT_BYTES / 4,
        least_bytes=SLOT_BYTES * rows.fields,
        fix=Fix(
            "keep each field on its own: numbers in an array, 8 bytes each, instead of a tuple with"
            " an object for each number",
            "from array import array\n"
            + "\n".join(f"{name} = array('d')" for name in names)
            + "\n# index i is row i in each of them; 'q' for whole numbers",
        ),
        confidence=0.7,
        cost="a row has to be put together where it is needed whole; only numbers of one type fit",
        beside=rows.made,
        beside_counts=True,
    )


def _collects_numbers(statement: Statement) -> bool:
    for node in statement.walk():
        element = node.elt if isinstance(node, ast.ListComp) else None
        if isinstance(node, ast.Call) and method_name(node) == "append" and node.args:
            element = node.args[0]
        if isinstance(node, ast.Call) and method_name(node) == "list" and node.args:
            inner = node.args[0]
            if isinstance(inner, ast.Call) and method_name(inner) in ("range", "map"):
                return True
            element = inner.elt if isinstance(inner, ast.GeneratorExp) else None
        if element is None:
            continue
        if isinstance(element, ast.BinOp | ast.UnaryOp):
            return True
        if isinstance(element, ast.Call) and method_name(element) in (
            "float", "int", "random", "uniform", "gauss", "sqrt", "sin", "cos", "exp", "log",
            "randint", "randrange", "perf_counter", "time", "round", "abs",
        ):  # fmt: skip
            return True
    return False


def _why_a_list(statement: Statement) -> str | None:
    """Why the list that the numbers are collected in has to be one, as far as its uses say."""
    held = list_filled_by(statement, ("append",))
    if not isinstance(held, ast.Attribute | ast.Name):
        return None
    for called, of_its_own in calls_with(statement, held):
        if called == "sort" and of_its_own:
            return "an array cannot be sorted in place"
        if called.startswith("heap") and not of_its_own:
            return "an array cannot be made a heap"
        if called in ("choice", "choices", "sample") and not of_its_own:
            return "the numbers are handed on: of an array's each that is kept would be a new one"
    return None
