"""Very many small objects of one shape: rows of dictionaries, instances, tuples or numbers.

Measured on CPython 3.11 to 3.13, in bytes a row of four fields with its list slot and one integer:
dictionary 225, instance 145, list 129, tuple 113, slots 105, a list per column 67, an array per
column 32.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from memscope.advice.classes import (
    attributes,
    field_names,
    is_dataclass,
    made_classes,
    named_attributes,
    without_slots,
)
from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.source import Statement, method_name, text_of
from memscope.advice.tuple_keys import tuple_keys
from memscope.advice.tuple_rows import tuple_rows
from memscope.capture.format import DOMAINS, size_range
from memscope.capture.model import CodeFrame

KIND = "compact"

LEAST_ROWS = 10_000
LEAST_PEAK_SHARE = 0.05
_OBJ = DOMAINS.index("obj")
_MEM = DOMAINS.index("mem")
# An instance without its attributes, with the collector's header.
_OBJECT_BYTES, _OBJECT_BYTES_312 = 56, 48
_DICT_CLASS = 4  # a dictionary's own 48 bytes and the collector's 16
_SMALLER_PAIRS_UNTIL = ("3.11", "3.12", "3.13")  # then tuples keep their hash as well
_KEYS_BYTES = (97, 1200)  # a table of keys: 8 slots up to some 40
_FLOAT_BYTES, _INT_BYTES = 24, 32
_NUMBER_CLASS = 2
_SLOT_BYTES = 8
_SAME_COUNT = 0.25


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the rows are: `now_bytes` each, `then_bytes` with slots, `least_bytes` as columns."""

    what: str
    rows: float
    now_bytes: float
    then_bytes: float
    least_bytes: float
    fix: Fix
    confidence: float
    cost: str
    counted: str = "without their values"  # what the bytes each are
    site: CodeFrame | None = None  # where that is to be changed, if not where they are made
    beside: tuple[Line, ...] = ()  # what columns would take the place of as well
    beside_counts: bool = False  # whether `then_bytes` are without it


def find(case: Case) -> Findings:
    """Lines whose rows would take less in another shape."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    for line in case.lines:
        if line.blocks.peak_blocks < LEAST_ROWS:
            continue
        shape = _shape(case, line)
        if not isinstance(shape, _Shape):
            if line.blocks.peak_bytes >= 2 * case.least_peak_bytes:
                why = shape or "not of a shape known to have a smaller one"
                rejected.append(
                    Rejected(
                        KIND,
                        line.frame,
                        f"{line.blocks.peak_blocks:,.0f} small blocks are live at the peak, but"
                        f" {why}",
                        min(line.blocks.peak_bytes / case.whole.peak_bytes, 1.0) * 0.3,
                    )
                )
            continue
        found = _judge(case, line, shape)
        if isinstance(found, Advice):
            advice.append(found)
        else:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _judge(case: Case, line: Line, shape: _Shape) -> Advice | Rejected:
    likely = shape.rows * (shape.now_bytes - shape.then_bytes)
    most = shape.rows * (shape.now_bytes - shape.least_bytes)
    low = case.peak_saving([line], 0.85 * likely)
    together = [line, *shape.beside]
    value = case.peak_saving(together if shape.beside_counts else [line], likely)
    if not shape.beside_counts:
        most += sum(other.blocks.peak_bytes for other in shape.beside)
    high = case.peak_saving(together, most)
    saving = Interval(low.low, max(value.value, low.low), max(high.high, value.value))
    if not case.pays({"peak_bytes": saving}) or saving.low < (
        LEAST_PEAK_SHARE * case.whole.peak_bytes
    ):
        return Rejected(
            KIND,
            line.frame,
            f"{shape.rows:,.0f} {shape.what}: another shape would lower the peak by"
            f" {max(saving.low, 0) / 1e6:.1f} MB at least, below what is worth a change",
            min(saving.value / max(case.whole.peak_bytes, 1) * 2, 0.5),
        )
    predicted: dict[Measure, Interval] = {"peak_bytes": saving}
    return Advice(
        kind=KIND,
        site=shape.site or line.frame,
        stack=case.heaviest_stack(line.rows, case.capture.totals.peak_bytes),
        summary=(
            f"{shape.rows:,.0f} {shape.what} are live at the peak, {shape.now_bytes:.0f} bytes"
            f" each {shape.counted}"
            if shape.least_bytes or shape.then_bytes > 8
            else f"{shape.rows:,.0f} {shape.what} are live at the peak"
        ),
        evidence={
            "rows": round(shape.rows),
            "bytes_each": shape.now_bytes,
            "bytes_each_after": shape.then_bytes,
            "bytes_each_least": shape.least_bytes,
            "peak_bytes": round(line.blocks.peak_bytes),
        },
        predicted=predicted,
        modelled="blocks and bytes at the peak are measured; bytes after the change are CPython's",
        cost=shape.cost,
        confidence=shape.confidence,
        fix=shape.fix,
        covers=tuple(other.frame for other in together),
    )


def _shape(case: Case, line: Line) -> _Shape | str | None:
    """What the rows are, or why they have to stay as they are; None: not known."""
    statement = case.statement(line.frame)
    return (
        _filled_by_name(case, line, statement)
        or _dictionaries(case, line, statement)
        or _instances(case, line, statement)
        or _numbers(case, line, statement)
        or _keys_of_places(case, line, statement)
        or _rows_of_numbers(case, line, statement)
    )


def _near(count: float, other: float) -> bool:
    return abs(count - other) <= _SAME_COUNT * max(count, other)


def _dictionaries(case: Case, line: Line, statement: Statement | None) -> _Shape | None:
    """As many tables of keys as dictionaries: that is measured, whatever made them."""
    leaves: dict[int, list[int]] = {}
    stacks = case.measures.stacks
    for row in line.rows:
        leaves.setdefault(stacks.line_keys[case.measures.row_stacks[row]], []).append(row)
    shapes = [_dictionaries_of(case, rows, statement) for rows in leaves.values()]
    found = [shape for shape in shapes if shape is not None]
    return max(found, key=lambda shape: shape.rows, default=None)


def _dictionaries_of(case: Case, members: list[int], statement: Statement | None) -> _Shape | None:
    keys = _keys(statement)
    headers = [
        row
        for row in case.sizes(members).get(_DICT_CLASS, ())
        if case.capture.tables.rows.domain[row] == _OBJ
    ]
    totals = case.capture.totals
    count = sum(totals.peak_blocks[row] for row in headers)
    if count < LEAST_ROWS and not keys:
        return None
    mean = sum(totals.peak_bytes[row] for row in headers) / max(count, 1)
    tables = table_bytes = 0.0
    for size_class, rows in case.sizes(members).items():
        if _KEYS_BYTES[0] <= size_range(size_class).from_bytes <= _KEYS_BYTES[1]:
            blocks = sum(totals.peak_blocks[row] for row in rows)
            if blocks > tables:
                tables = blocks
                table_bytes = sum(totals.peak_bytes[row] for row in rows)
    if tables < LEAST_ROWS:
        return None
    if count < LEAST_ROWS:
        # Their own blocks came from the free list: of dictionaries that another line made.
        count = tables
    # Short strings share the headers' class: without the source only pure headers will do.
    if not keys and (mean < 63 or not _near(tables, count) or _are_pairs(case, members, statement)):
        return None
    if keys and tables > count * (1 + _SAME_COUNT):
        return None
    fields = len(keys) if keys else 5
    now = 64 + table_bytes / tables
    slots = _rounded(32 + _SLOT_BYTES * fields)
    names = ", ".join(keys[:6]) if keys else "first, second"
    quoted = ", ".join(f'"{name}"' for name in (keys[:6] or ["first", "second"]))
    seen = statement is not None and bool(keys)
    return _Shape(
        what="dictionaries of one shape" if seen else "dictionaries",
        rows=min(count, tables),
        now_bytes=now,
        then_bytes=min(slots, now),
        least_bytes=_SLOT_BYTES * fields,
        fix=Fix(
            "make each row an object with slots; or, if rows are gone through by field, keep a"
            " list (of numbers: an array) for each field",
            f"@dataclass(slots=True)\nclass Row:  # {names}\n    ...\n"
            f"# or: columns = {{name: [] for name in ({quoted})}}",
        ),
        confidence=0.9 if seen else 0.65,
        cost="rows with slots take 1.2 to 2.2 times as long to make, and half as long to read",
    )


def _are_pairs(case: Case, members: list[int], statement: Statement | None) -> bool:
    """Whether what is as large as headers may be tuples of two: from 3.14 on they are.

    Of those that the statement itself makes, and no library for it.
    """
    if statement is None or case.capture.meta.python.startswith(_SMALLER_PAIRS_UNTIL):
        return False
    node = case.measures.row_stacks[members[0]]
    if case.measures.stacks.own[node] != node:
        return False
    made = list(statement.walk())
    if any(
        isinstance(item, ast.Dict | ast.DictComp)
        or (isinstance(item, ast.Call) and method_name(item) in ("dict", "copy"))
        for item in made
    ):
        return False
    return any(
        isinstance(item, ast.Tuple) and isinstance(item.ctx, ast.Load) and len(item.elts) == 2
        for item in made
    )


def _keys(statement: Statement | None) -> list[str]:
    """The keys of a dictionary that the statement makes."""
    if statement is None:
        return []
    for node in statement.walk():
        if isinstance(node, ast.Dict):
            names = [
                key.value
                for key in node.keys
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
            if names:
                return names
        if isinstance(node, ast.Call) and method_name(node) == "dict" and node.keywords:
            return [item.arg for item in node.keywords if item.arg]
    return []


def _instances(case: Case, line: Line, statement: Statement | None) -> _Shape | None:
    """Instances of an own class without slots; what is made is read from the source."""
    if statement is None:
        return None
    source = case.sources.of(line.frame.file)
    if source is None:
        return None
    unslotted = [
        (made, call)
        for made, call in made_classes(statement, source, case)
        if without_slots(made, source) is not None
    ]
    if not unslotted:
        return None
    made, call = unslotted[0]
    definition = without_slots(made, source) or made
    named = named_attributes(made, call)
    inherited, fields = attributes(made, source)
    fields = max(fields, len(named))
    rows = case.small(line.rows)
    body = _body(case, rows, inherited) or (_body_by_name(case, rows) if named else None)
    if body is None:
        return None
    count, now = body
    slots = _rounded(32 + _SLOT_BYTES * fields)
    if now <= slots:
        return None
    name = definition.name
    code = (
        f"@dataclass(slots=True)\nclass {name}:"
        if is_dataclass(definition)
        else f"class {name}:\n    __slots__ = ({_quoted(named or field_names(definition))})"
    )
    return _Shape(
        what=f"instances of {' and '.join(made.name for made, _ in unslotted[:3])}",
        rows=count,
        now_bytes=now,
        then_bytes=slots,
        least_bytes=_SLOT_BYTES * fields,
        fix=Fix(
            f"give {name} slots; or, if there are only numbers in it, keep an array for each field",
            code,
        ),
        confidence=0.85,
        cost="attributes that are not named in the class can no longer be set",
    )


def _filled_by_name(case: Case, line: Line, statement: Statement | None) -> _Shape | None:
    """Instances whose dictionary is made where they are filled: it is a call that made them."""
    source = case.sources.of(line.frame.file)
    definition = statement.enclosing_class if statement is not None else None
    if statement is None or definition is None or source is None or not _fills(statement):
        return None
    frames = [frame for frame in case.own_at_peak(line) if not frame.function.endswith("__init__")]
    rows = _dictionaries(case, line, None)
    caller = case.statement(frames[0]) if frames else None
    if rows is None or caller is None:
        return None
    call = next((item for item in caller.calls() if method_name(item) == definition.name), None)
    named = named_attributes(definition, call) if call is not None else []
    fields = max(attributes(definition, source)[1], len(named))
    return replace(
        rows,
        what=f"instances of {definition.name} with a dictionary each",
        now_bytes=rows.now_bytes + _rounded(_OBJECT_BYTES),
        then_bytes=_rounded(32 + _SLOT_BYTES * fields),
        least_bytes=_SLOT_BYTES * fields,
        fix=Fix(
            f"give {definition.name} slots, and set each attribute by its name",
            f"class {definition.name}:\n"
            f"    __slots__ = ({_quoted(named or field_names(definition))})",
        ),
        confidence=0.8,
        cost="attributes that are not named in the class can no longer be set",
        site=frames[0],
    )


def _fills(statement: Statement) -> bool:
    """Whether all that a statement can make a dictionary for is the attributes of `self`.

    A plain `self.x = x` does so from 3.13 on, where a base has slots.
    """
    if statement.function is None or statement.function.name != "__init__":
        return False
    if any(word in text_of(statement.node, 200) for word in ("self.__dict__", "vars(self)")):
        return True
    target = statement.target
    return (
        isinstance(target, ast.Attribute)
        and text_of(target.value) == "self"
        and not any(
            isinstance(part, ast.Call | ast.Dict | ast.DictComp) for part in statement.walk()
        )
    )


def _body_by_name(case: Case, rows: list[int]) -> tuple[float, float] | None:
    """The same of instances that took a dictionary over: the tables that it has for each."""
    totals, table = case.capture.totals, case.capture.tables.rows
    tables = [
        row
        for row in rows
        if totals.peak_blocks[row] >= LEAST_ROWS
        and _KEYS_BYTES[0] <= size_range(table.size_class[row]).from_bytes <= _KEYS_BYTES[1]
    ]
    if not tables:
        return None
    row = max(tables, key=totals.peak_blocks.__getitem__)
    each = totals.peak_bytes[row] / totals.peak_blocks[row]
    return totals.peak_blocks[row], _rounded(_OBJECT_BYTES) + 64 + each


def _body(case: Case, rows: list[int], slots: int) -> tuple[float, float] | None:
    """How many instances there are at the peak, and the bytes of each without its values.

    `slots`: how many they inherit, which lie in the object itself. Up to 3.12 an instance is an
    object of 56 bytes (3.12: 48) and a block for its attributes, which nothing else of a line is
    likely to have; from 3.13 on it is one block.
    """
    totals, table = case.capture.totals, case.capture.tables.rows
    many = [row for row in rows if totals.peak_blocks[row] >= LEAST_ROWS]
    sizes = {row: size_range(table.size_class[row]).to_bytes for row in many}
    version = case.capture.meta.python
    if version.startswith(("3.11", "3.12")):
        # With all attributes in slots, which one class in the line foils, there are no values.
        least = 16 if slots else 32
        values = [row for row in many if table.domain[row] == _MEM and sizes[row] >= least]
        bare = _OBJECT_BYTES_312 if version.startswith("3.12") else _OBJECT_BYTES
        whole = _rounded(bare + slots * _SLOT_BYTES)
        objects = sum(
            totals.peak_blocks[row]
            for row in many
            if table.domain[row] == _OBJ and sizes[row] == whole
        )
        if not values:
            return None
        row = max(values, key=totals.peak_blocks.__getitem__)
        count = totals.peak_blocks[row]
        return (count, whole + sizes[row]) if objects >= count * 0.9 else None
    bodies = [row for row in many if table.domain[row] == _OBJ and sizes[row] >= _OBJECT_BYTES]
    if not bodies:
        return None
    row = max(bodies, key=sizes.__getitem__)
    return totals.peak_blocks[row], sizes[row]


def _quoted(names: list[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:8])
    return shown + ("," if len(names) == 1 else ", ..." if len(names) > 8 else "")


def _numbers(case: Case, line: Line, statement: Statement | None) -> _Shape | str | None:
    """Floats or integers by the ten thousand, each an object, in one list."""
    if statement is None or not _collects_numbers(statement):
        return None
    totals, rows = case.capture.totals, case.capture.tables.rows
    chosen = [
        row
        for row in line.rows
        if rows.size_class[row] == _NUMBER_CLASS
        and rows.domain[row] == _OBJ
        and totals.peak_blocks[row] >= 5 * LEAST_ROWS
    ]
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
    return _Shape(
        what="floats" if is_float else "integers",
        rows=count,
        now_bytes=_INT_BYTES + _SLOT_BYTES,
        then_bytes=_SLOT_BYTES + _SLOT_BYTES / 4,
        least_bytes=_SLOT_BYTES,
        fix=Fix(
            "keep them in an array: 8 bytes each instead of an object and a list slot",
            f"from array import array\nnumbers = array('{code}')  # used like a list",
        ),
        confidence=0.7,
        cost="each access makes a number object; only numbers of the one type fit",
    )


def _keys_of_places(case: Case, line: Line, statement: Statement | None) -> _Shape | None:
    """Tuples of whole numbers as keys: one number can stand for them."""
    keys = tuple_keys(case, line, statement)
    if keys is None:
        return None
    place = ("y * size + x", "(z * size + y) * size + x")[keys.numbers > 2]
    return _Shape(
        what=f"tuples of {keys.numbers} whole numbers, keys of one table,",
        rows=keys.count,
        now_bytes=_rounded(40 + keys.numbers * _SLOT_BYTES),
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


def _rows_of_numbers(case: Case, line: Line, statement: Statement | None) -> _Shape | None:
    """Tuples of numbers in a list: columns need neither the tuples nor number objects."""
    rows = tuple_rows(case, line, statement)
    if rows is None:
        return None
    made = _rounded(40 + rows.fields * _SLOT_BYTES) + _SLOT_BYTES
    numbers = rows.number_bytes / rows.count
    names = rows.names or tuple(f"field_{number + 1}" for number in range(min(rows.fields, 3)))
    return _Shape(
        what=f"tuples of {rows.fields}",
        counted="with the numbers in them",
        rows=rows.count,
        now_bytes=made + numbers,
        then_bytes=_SLOT_BYTES * rows.fields + _SLOT_BYTES / 4,
        least_bytes=_SLOT_BYTES * rows.fields,
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
    held = statement.target
    for call in statement.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "append":
            held = call.func.value
    if not isinstance(held, ast.Attribute | ast.Name):
        return None
    # An attribute may be used by any method.
    scope = statement.scope if isinstance(held, ast.Name) else statement.parents[0]
    name = text_of(held)
    for node in ast.walk(scope):
        if not isinstance(node, ast.Call):
            continue
        called = method_name(node)
        owner = node.func.value if isinstance(node.func, ast.Attribute) else node
        first = node.args[0] if node.args else node
        if called == "sort" and text_of(owner) == name:
            return "an array cannot be sorted in place"
        if called.startswith("heap") and text_of(first) == name:
            return "an array cannot be made a heap"
        if called in ("choice", "choices", "sample") and text_of(first) == name:
            return "the numbers are handed on: of an array's each that is kept would be a new one"
    return None


def _rounded(size: float) -> float:
    return -(-size // 16) * 16
