"""Records by the ten thousand: dictionaries of one shape, and instances without slots."""

from __future__ import annotations

import ast
from dataclasses import replace

from memscope.advice.classes import (
    attributes,
    field_names,
    is_dataclass,
    made_classes,
    named_attributes,
    without_slots,
)
from memscope.advice.evidence import OBJ_DOMAIN, Case, Line
from memscope.advice.model import Fix
from memscope.advice.shapes import LEAST_ROWS, SLOT_BYTES, Shape, rounded
from memscope.advice.source import Statement, is_self, method_name, text_of
from memscope.capture.format import DOMAINS, size_range

_MEM = DOMAINS.index("mem")
# An instance without its attributes, with the collector's header.
_OBJECT_BYTES, _OBJECT_BYTES_312 = 56, 48
_DICT_CLASS = 4  # a dictionary's own 48 bytes and the collector's 16
_SMALLER_PAIRS_UNTIL = ("3.11", "3.12", "3.13")  # then tuples keep their hash as well
_KEYS_BYTES = (97, 1200)  # a table of keys: 8 slots up to some 40
_SAME_COUNT = 0.25


def _near(count: float, other: float) -> bool:
    return abs(count - other) <= _SAME_COUNT * max(count, other)


def dictionaries(case: Case, line: Line, statement: Statement | None) -> Shape | None:
    """As many tables of keys as dictionaries: that is measured, whatever made them."""
    leaves: dict[int, list[int]] = {}
    stacks = case.measures.stacks
    for row in line.rows:
        leaves.setdefault(stacks.line_keys[case.measures.row_stacks[row]], []).append(row)
    shapes = [_dictionaries_of(case, rows, statement) for rows in leaves.values()]
    found = [shape for shape in shapes if shape is not None]
    return max(found, key=lambda shape: shape.rows, default=None)


def _dictionaries_of(case: Case, members: list[int], statement: Statement | None) -> Shape | None:
    keys = _keys(statement)
    headers = [
        row
        for row in case.sizes(members).get(_DICT_CLASS, ())
        if case.capture.tables.rows.domain[row] == OBJ_DOMAIN
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
    slots = rounded(32 + SLOT_BYTES * fields)
    names = ", ".join(keys[:6]) if keys else "first, second"
    quoted = ", ".join(f'"{name}"' for name in (keys[:6] or ["first", "second"]))
    seen = statement is not None and bool(keys)
    return Shape(
        what="dictionaries of one shape" if seen else "dictionaries",
        rows=min(count, tables),
        now_bytes=now,
        then_bytes=min(slots, now),
        least_bytes=SLOT_BYTES * fields,
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


def instances(case: Case, line: Line, statement: Statement | None) -> Shape | None:
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
    slots = rounded(32 + SLOT_BYTES * fields)
    if now <= slots:
        return None
    name = definition.name
    code = (
        f"@dataclass(slots=True)\nclass {name}:"
        if is_dataclass(definition)
        else f"class {name}:\n    __slots__ = ({_quoted(named or field_names(definition))})"
    )
    return Shape(
        what=f"instances of {' and '.join(made.name for made, _ in unslotted[:3])}",
        rows=count,
        now_bytes=now,
        then_bytes=slots,
        least_bytes=SLOT_BYTES * fields,
        fix=Fix(
            f"give {name} slots; or, if there are only numbers in it, keep an array for each field",
            code,
        ),
        confidence=0.85,
        cost="attributes that are not named in the class can no longer be set",
    )


def filled_by_name(case: Case, line: Line, statement: Statement | None) -> Shape | None:
    """Instances whose dictionary is made where they are filled: it is a call that made them."""
    source = case.sources.of(line.frame.file)
    definition = statement.enclosing_class if statement is not None else None
    if statement is None or definition is None or source is None or not _fills(statement):
        return None
    frames = [frame for frame in case.own_at_peak(line) if not frame.function.endswith("__init__")]
    rows = dictionaries(case, line, None)
    caller = case.statement(frames[0]) if frames else None
    if rows is None or caller is None:
        return None
    call = next((item for item in caller.calls() if method_name(item) == definition.name), None)
    named = named_attributes(definition, call) if call is not None else []
    fields = max(attributes(definition, source)[1], len(named))
    return replace(
        rows,
        what=f"instances of {definition.name} with a dictionary each",
        now_bytes=rows.now_bytes + rounded(_OBJECT_BYTES),
        then_bytes=rounded(32 + SLOT_BYTES * fields),
        least_bytes=SLOT_BYTES * fields,
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
        and is_self(target.value)
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
    return totals.peak_blocks[row], rounded(_OBJECT_BYTES) + 64 + each


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
        whole = rounded(bare + slots * SLOT_BYTES)
        objects = sum(
            totals.peak_blocks[row]
            for row in many
            if table.domain[row] == OBJ_DOMAIN and sizes[row] == whole
        )
        if not values:
            return None
        row = max(values, key=totals.peak_blocks.__getitem__)
        count = totals.peak_blocks[row]
        return (count, whole + sizes[row]) if objects >= count * 0.9 else None
    bodies = [
        row for row in many if table.domain[row] == OBJ_DOMAIN and sizes[row] >= _OBJECT_BYTES
    ]
    if not bodies:
        return None
    row = max(bodies, key=sizes.__getitem__)
    return totals.peak_blocks[row], sizes[row]


def _quoted(names: list[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:8])
    return shown + ("," if len(names) == 1 else ", ..." if len(names) > 8 else "")
