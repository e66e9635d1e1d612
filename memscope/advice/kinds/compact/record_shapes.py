"""Records by the ten thousand: dictionaries of one shape, and instances without slots."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from keyword import iskeyword

from memscope.advice.changes.editing import Editor
from memscope.advice.changes.slots import with_slots
from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.objects import class_name
from memscope.advice.evidence.rows import OBJ_DOMAIN
from memscope.advice.facts import measured, read
from memscope.advice.kinds.compact.shapes import SLOT_BYTES, Shape, quoted, rounded
from memscope.advice.model import NOT_LOCAL, Change, Fix
from memscope.advice.policy import Compact
from memscope.advice.program.classes import (
    attributes,
    field_names,
    is_dataclass,
    made_classes,
    named_attributes,
    without_slots,
)
from memscope.advice.program.expressions import code_of, method_name, text_of
from memscope.advice.program.statements import Statement, is_self
from memscope.advice.program.uses import starts
from memscope.analysis.origins import Origin
from memscope.capture.columns import by_group, gathered, in_order, numbered, sums_by
from memscope.capture.format import DOMAINS, size_range
from memscope.plain import replace

_MEM = DOMAINS.index("mem")
# An instance without its attributes, with the collector's header.
_OBJECT_BYTES, _OBJECT_BYTES_312 = 56, 48
_DICT_CLASS = 4  # a dictionary's own 48 bytes and the collector's 16
_SMALLER_PAIRS_UNTIL = ("3.11", "3.12", "3.13")  # then tuples keep their hash as well
_KEYS_BYTES = (97, 1200)  # a table of keys: 8 slots up to some 40


def _near(count: float, other: float) -> bool:
    return abs(count - other) <= Compact.same_count_share * max(count, other)


def dictionaries(context: Context, line: UserLine, statement: Statement | None) -> Shape | None:
    """As many tables of keys as dictionaries: that is measured, whatever made them.

    Tasks and jobs are of such sizes too.
    """
    if statement is not None and starts(statement.node):
        return None
    shapes = [
        _dictionaries_of(context, rows, statement)
        for rows in _large_leaves(context, line)
        if not _kept_by_maker(context, rows)
    ]
    found = [shape for shape in shapes if shape is not None]
    return max(found, key=lambda shape: shape.rows, default=None)


def _large_leaves(context: Context, line: UserLine) -> Iterator[Sequence[int]]:
    """The rows of a line by the line that asked, where enough for any shape were at the peak."""
    at_peak = context.capture.totals.peak_blocks
    of_rows = gathered(context.measures.row_stacks, line.rows)
    leaves, first = numbered(gathered(context.measures.stacks.line_keys, of_rows))
    counts = sums_by(leaves, gathered(at_peak, line.rows), len(first))
    places, ends = by_group(leaves, len(first))
    for leaf in in_order(first):
        if counts[leaf] >= Compact.least_rows:
            begin = ends[leaf - 1] if leaf else 0
            yield gathered(line.rows, places[begin : ends[leaf]])


def _kept_by_maker(context: Context, rows: Sequence[int]) -> bool:
    """Whether a library's function made them that gives nothing back, as `graph.add_edge(a, b)`.

    Such objects are the library's own, and the program has no part in their shape.
    """
    stacks = context.measures.stacks
    node = context.measures.row_stacks[rows[0]]
    if stacks.origin(node) is Origin.OWN:
        return False
    statement = context.statement(stacks.frame(node))
    return statement is not None and statement.function is not None and not statement.gives_back


def _dictionaries_of(
    context: Context, members: Sequence[int], statement: Statement | None
) -> Shape | None:
    keys = _keys(statement)
    sizes = context.rows.sizes(members)
    headers = [
        row
        for row in sizes.get(_DICT_CLASS, ())
        if context.capture.tables.rows.domain[row] == OBJ_DOMAIN
    ]
    totals = context.capture.totals
    count = sum(totals.peak_blocks[row] for row in headers)
    if count < Compact.least_rows and not keys:
        return None
    mean = sum(totals.peak_bytes[row] for row in headers) / max(count, 1)
    tables = table_bytes = 0.0
    for size_class, rows in sizes.items():
        if _KEYS_BYTES[0] <= size_range(size_class).from_bytes <= _KEYS_BYTES[1]:
            blocks = sum(totals.peak_blocks[row] for row in rows)
            if blocks > tables:
                tables = blocks
                table_bytes = sum(totals.peak_bytes[row] for row in rows)
    if tables < Compact.least_rows:
        return None
    if count < Compact.least_rows:
        # Their own blocks came from the free list: of dictionaries that another line made.
        count = tables
    # Short strings share the headers' class: without the source only pure headers will do.
    if not keys and (
        mean < Compact.least_headers_bytes
        or not _near(tables, count)
        or _are_pairs(context, members, statement)
    ):
        return None
    if keys and tables > count * (1 + Compact.same_count_share):
        return None
    fields = len(keys) if keys else 5
    now = 64 + table_bytes / tables
    slots = rounded(32 + SLOT_BYTES * fields)
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
            _row_class(keys),
        ),
        confidence=0.9 if seen else 0.65,
        cost="rows with slots take 1.2 to 2.2 times as long to make, and half as long to read",
        facts=(
            measured(
                "key_tables",
                "tables of keys at the peak",
                round(tables),
                "blocks",
                least=Compact.least_rows,
            ),
            measured(
                "headers",
                "blocks as large as a dictionary's own",
                round(count),
                "blocks",
                decides=True,
            ),
            *((read("keys", "the keys", ", ".join(keys)),) if seen else ()),
        ),
    )


def _are_pairs(context: Context, members: Sequence[int], statement: Statement | None) -> bool:
    """Whether what is as large as headers may be tuples of two: from 3.14 on they are.

    Of those that the statement itself makes, and no library for it.
    """
    if statement is None or context.capture.meta.python.startswith(_SMALLER_PAIRS_UNTIL):
        return False
    node = context.measures.row_stacks[members[0]]
    if context.measures.stacks.own[node] != node:
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


def instances(context: Context, line: UserLine, statement: Statement | None) -> Shape | None:
    """Instances of an own class without slots: of what the source calls, or else of their type."""
    if statement is None:
        return None
    source = context.sources.of(line.frame.file)
    if source is None:
        return None
    made_here: Sequence[tuple[ast.ClassDef, ast.Call | None]] = made_classes(
        statement, source, context.sources
    ) or _classes_by_type(context, line)
    unslotted = [
        (made, call) for made, call in made_here if without_slots(made, source) is not None
    ]
    if not unslotted:
        return None
    made, call = unslotted[0]
    definition = without_slots(made, source) or made
    named = named_attributes(made, call) if call is not None else []
    inherited, fields = attributes(made, source)
    fields = max(fields, len(named))
    rows = context.rows.small(line.rows)
    body = _body(context, rows, inherited) or (_body_by_name(context, rows) if named else None)
    if body is None:
        return None
    count, now = body
    slots = rounded(32 + SLOT_BYTES * fields)
    if now <= slots:
        return None
    name = definition.name
    code = (
        f"{_with_slots(definition)}\nclass {name}:\n    ...  # as before"
        if is_dataclass(definition)
        else _slotted(name, named or field_names(definition))
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
            change=_slots_for(context, definition),
        ),
        confidence=0.85,
        cost="attributes that are not named in the class can no longer be set",
        facts=(
            read("class", "a class without slots, or with a base without", name),
            read("fields", "its attributes", fields, "fields"),
        ),
    )


def _classes_by_type(context: Context, line: UserLine) -> list[tuple[ast.ClassDef, None]]:
    """The program's classes that a line made objects of: `(Dwarf if small else Star)(mass)`."""
    known = {
        name: definition
        for source in context.own_sources.values()
        for name, definition in source.classes.items()
    }
    created = context.objects.created(line.rows)
    most = sorted(created, key=lambda of: -created[of])
    return [(known[class_name(of)], None) for of in most if class_name(of) in known]


def _slots_for(context: Context, definition: ast.ClassDef) -> Change:
    for line in context.lines:  # attributes may be set in any of the files
        context.sources.of(line.frame.file)
    sources = context.sources.loaded()
    for source in sources:
        if definition in source.classes.values():
            editor = Editor(context.sources.file_of(source), source)
            return with_slots(editor, definition, sources)
    return NOT_LOCAL


def filled_by_name(context: Context, line: UserLine, statement: Statement | None) -> Shape | None:
    """Instances whose dictionary is made where they are filled: it is a call that made them."""
    source = context.sources.of(line.frame.file)
    definition = statement.enclosing_class if statement is not None else None
    if statement is None or definition is None or source is None or not _fills(statement):
        return None
    frames = [
        frame
        for frame in context.stacks.own_at_peak(line)
        if not frame.function.endswith("__init__")
    ]
    rows = dictionaries(context, line, None)
    caller = context.statement(frames[0]) if frames else None
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
            _slotted(definition.name, named or field_names(definition)),
        ),
        confidence=0.8,
        facts=(
            *rows.facts,
            read("class", "a class that fills its dictionary by name", definition.name),
        ),
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


def _body_by_name(context: Context, rows: Sequence[int]) -> tuple[float, float] | None:
    """The same of instances that took a dictionary over: the tables that it has for each."""
    totals, table = context.capture.totals, context.capture.tables.rows
    tables = [
        row
        for row in rows
        if totals.peak_blocks[row] >= Compact.least_rows
        and _KEYS_BYTES[0] <= size_range(table.size_class[row]).from_bytes <= _KEYS_BYTES[1]
    ]
    if not tables:
        return None
    row = max(tables, key=totals.peak_blocks.__getitem__)
    each = totals.peak_bytes[row] / totals.peak_blocks[row]
    return totals.peak_blocks[row], rounded(_OBJECT_BYTES) + 64 + each


def _body(context: Context, rows: Sequence[int], slots: int) -> tuple[float, float] | None:
    """How many instances there are at the peak, and the bytes of each without its values.

    `slots`: how many they inherit, which lie in the object itself. Up to 3.12 an instance is an
    object of 56 bytes (3.12: 48) and a block for its attributes, which nothing else of a line is
    likely to have; from 3.13 on it is one block.
    """
    totals, table = context.capture.totals, context.capture.tables.rows
    many = [row for row in rows if totals.peak_blocks[row] >= Compact.least_rows]
    sizes = {row: size_range(table.size_class[row]).to_bytes for row in many}
    version = context.capture.meta.python
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
        count = sum(totals.peak_blocks[it] for it in values if sizes[it] == sizes[row])
        return (
            (count, whole + sizes[row]) if objects >= count * Compact.least_bodies_share else None
        )
    bodies = [
        row for row in many if table.domain[row] == OBJ_DOMAIN and sizes[row] >= _OBJECT_BYTES
    ]
    if not bodies:
        return None
    row = max(bodies, key=sizes.__getitem__)
    return totals.peak_blocks[row], sizes[row]


def _slotted(name: str, fields: list[str]) -> str:
    return f"class {name}:\n    __slots__ = ({quoted(fields)})\n    ...  # as before"


def _with_slots(definition: ast.ClassDef) -> str:
    """The decorator that makes a class a dataclass, with slots."""
    for item in definition.decorator_list:
        call = item if isinstance(item, ast.Call) else None
        made_by = code_of(call.func if call else item)
        if made_by.rpartition(".")[2] == "dataclass":
            given = [*call.args, *(k for k in call.keywords if k.arg != "slots")] if call else []
            return f"@{made_by}({', '.join([*map(code_of, given), 'slots=True'])})"
    return "@dataclass(slots=True)"


def _row_class(keys: list[str]) -> str:
    """A class with a field for each key, where those are names; else columns by them."""
    if not all(key.isidentifier() and not iskeyword(key) for key in keys):
        return f"columns = {{name: [] for name in ({quoted(keys)})}}  # new"
    fields = "".join(f"\n    {key}: object" for key in keys)
    return (
        "from dataclasses import dataclass\n@dataclass(slots=True)\n"
        f"class Row:  # new{fields or ', with a field for each key' + chr(10) + '    ...'}"
    )
