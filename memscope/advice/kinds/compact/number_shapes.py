"""Numbers by the ten thousand, each an object: in lists, in tuples, and in keys."""

from __future__ import annotations

import ast

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import measured, read
from memscope.advice.kinds.compact.shapes import SLOT_BYTES, Shape, quoted, rounded
from memscope.advice.kinds.compact.tuple_keys import made_tuple, tuple_keys
from memscope.advice.kinds.compact.tuple_rows import NUMBERS, number_rows, tuple_rows
from memscope.advice.model import Fix
from memscope.advice.policy import Compact
from memscope.advice.program.expressions import code_of, method_name, text_of
from memscope.advice.program.statements import Statement
from memscope.advice.program.uses import calls_with, is_assigned, list_filled_by
from memscope.advice.program.walking import walk
from memscope.capture.columns import gathered, sums_by, total
from memscope.capture.model import CodeFrame

_FLOAT_BYTES, _INT_BYTES = 24, 32


def numbers(context: Context, line: UserLine, statement: Statement | None) -> Shape | str | None:
    """Floats or integers by the ten thousand, each an object, in one list."""
    blocks, sizes = context.capture.totals.peak_blocks, context.capture.totals.peak_bytes
    chosen = [row for row in number_rows(context, line) if blocks[row] >= Compact.least_numbers]
    if statement is None or not chosen:
        return None
    count = sum(blocks[row] for row in chosen)
    each = sum(sizes[row] for row in chosen) / count
    is_float = each == _FLOAT_BYTES
    if not is_float and not 28 <= each <= _INT_BYTES:
        return None
    collecting = _collecting(context, line, count)
    if collecting is None:
        return None
    place, collects = collecting
    if (why := _why_a_list(collects)) is not None:
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
            f"from array import array\n{_list_of(collects)} = array('{code}')"
            "  # new, used like a list",
            place=place,
        ),
        confidence=0.7,
        cost="each access makes a number object; only numbers of the one type fit",
        facts=(
            measured("number_bytes", "of each number, on average", each, "bytes", decides=True),
            read("collected", "what collects them", text_of(collects.node)),
        ),
        site=place,
    )


def _collecting(
    context: Context, line: UserLine, count: float
) -> tuple[CodeFrame, Statement] | None:
    """The line that collects in lists what this one makes, for itself or for others."""
    given_on = False
    for node, frame in context.stacks.own(context.heaviest_at_peak(line)):
        statement = context.statement(frame)
        if statement is None or (frame != line.frame and not given_on):
            break
        given_on = _gives(statement)
        if _collects(statement):
            rows = context.rows_of_line(context.measures.stacks.line_keys[node])
            sizes = context.capture.totals.peak_bytes
            tables = context.rows.large((*rows, *context.objects.items), Compact.least_numbers)
            # Who gets the list may need one.
            given = isinstance(statement.node, ast.Return)
            found = any(_is_room_for(count, sizes[row]) for row in tables)
            return (frame, statement) if found and not given else None
    return _only_lists(context, count)


def _is_room_for(count: float, size: float) -> bool:
    """Whether tables of lists are of as many numbers."""
    return count * SLOT_BYTES <= size <= Compact.most_table_ratio * count * SLOT_BYTES


def _only_lists(context: Context, count: float) -> tuple[CodeFrame, Statement] | None:
    """The line whose lists have room for as many, where nothing but numbers is there as often.

    Then they hold the numbers, whichever way these came there.
    """
    blocks, sizes = context.capture.totals.peak_blocks, context.capture.totals.peak_bytes
    types, of_row = context.capture.tables.types, context.capture.tables.rows.type
    by_type = list(zip(types, sums_by(of_row, blocks, len(types)), strict=True))
    least = (1 - Compact.same_count_share) * count
    if any(of.name not in NUMBERS and found >= least for of, found in by_type):
        return None
    if any(of.name == "array" and found for of, found in by_type):
        return None  # it may be what has the room
    for line in context.lines:
        tables = context.rows.large(line.rows, Compact.least_numbers)
        statement = context.statement(line.frame)
        if (
            _is_room_for(count, total(gathered(sizes, tables)))
            and statement is not None
            and _collects(statement)
            and not isinstance(statement.node, ast.Return)
        ):
            return line.frame, statement
    return None


def _gives(statement: Statement) -> bool:
    """Whether the function gives its caller what the statement makes, as it is."""
    if isinstance(statement.node, ast.Return):
        return True
    target = statement.target
    return target is not None and any(
        isinstance(node, ast.Return) and node.value is not None and code_of(node.value) == name
        for name in [code_of(target)]
        for node in walk(statement.scope)
    )


def _collects(statement: Statement) -> bool:
    """Whether a statement makes a list of what it gets one by one, or adds to one."""
    items = [
        node.elt if isinstance(node, ast.ListComp) else node.args[0]
        for node in statement.walk()
        if isinstance(node, ast.ListComp)
        or (isinstance(node, ast.Call) and method_name(node) in ("append", "list") and node.args)
    ]
    return bool(items) and not any(
        isinstance(item, ast.Tuple | ast.List | ast.Dict | ast.Set) for item in items
    )


def keys_of_places(context: Context, line: UserLine, statement: Statement | None) -> Shape | None:
    """Tuples of whole numbers as keys: one number can stand for them."""
    keys = tuple_keys(context, line, statement)
    if keys is None:
        return None
    made = None if statement is None else made_tuple(statement)
    return Shape(
        what=f"tuples of {keys.numbers} whole numbers, keys of one table,",
        rows=keys.count,
        now_bytes=rounded(40 + keys.numbers * SLOT_BYTES),
        then_bytes=_INT_BYTES,
        least_bytes=0,
        fix=Fix(
            "number the places, and take the number as the key; or, if most of the places are"
            " taken, keep an array and take the number as the index",
            _number_of(made),
            place=line.frame,
        ),
        confidence=0.7,
        cost="the numbers have to be bounded, and have to be told from the key when they are asked",
        facts=(read("whole", "whether all parts of the keys are whole numbers", "yes"),),
        site=keys.stored,
        beside=(*keys.made, *(() if keys.table.key == line.key else (keys.table,))),
    )


def _number_of(made: ast.Tuple | None) -> str:
    """One number in place of a tuple of them, as code; "" where these are no simple names."""
    if made is None or len(made.elts) != 2:
        return ""
    first, second = map(code_of, made.elts)
    return (
        "size = ...  # new, more than the second number can be\n"
        f"place = ({first}) * size + ({second})  # new, instead of {code_of(made)}"
        if not (first.isidentifier() and second.isidentifier())
        else "size = ...  # new, more than the second number can be\n"
        f"place = {first} * size + {second}  # new, instead of {code_of(made)}"
    )


def _list_of(statement: Statement) -> str:
    """What the statement fills, where that is a name or an attribute."""
    held = list_filled_by(statement, ("append",))
    given = any(
        isinstance(node, ast.ListComp) and not is_assigned(statement, node)
        for node in statement.walk()
    )
    if given or not isinstance(held, ast.Name | ast.Attribute):
        return "numbers"
    return code_of(held)


def rows_of_numbers(context: Context, line: UserLine, statement: Statement | None) -> Shape | None:
    """Tuples of numbers in a list: columns need neither the tuples nor number objects."""
    rows = tuple_rows(context, line, statement)
    if rows is None:
        return None
    made = rounded(40 + rows.fields * SLOT_BYTES) + SLOT_BYTES
    numbers = rows.number_bytes / rows.count
    names = rows.names or tuple(f"field {number + 1}" for number in range(rows.fields))
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
            f"columns = {{name: array('d') for name in ({quoted(names)})}}  # new\n"
            "# index i is row i in each of them; 'q' for whole numbers",
        ),
        confidence=0.7,
        cost="a row has to be put together where it is needed whole; only numbers of one type fit",
        facts=(
            read("fields", "of each tuple", rows.fields, "fields"),
            measured("number_bytes", "of the numbers in each", numbers, "bytes", decides=True),
        ),
        beside=rows.made,
        beside_counts=True,
    )


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
