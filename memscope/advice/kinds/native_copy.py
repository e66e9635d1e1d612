"""Tables that are held twice: a copy, and what it is a copy of, which nothing reads again.

Both are live at the peak, as measured. Whether somebody else could see a change of the first is
read from the source: it was made for this name, and only the copy reads it.
"""

from __future__ import annotations

import ast

from memscope.advice.changes.editing import editor_of
from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.native_tables import OwnTable, TableMemory
from memscope.advice.model import NOT_LOCAL, Advice, Change, Edit, Findings, Fix
from memscope.advice.policy import HeldTables
from memscope.advice.program.expressions import code_of, text_of
from memscope.advice.program.tables import maker_of, makes_its_own, only_copied

NAME = "native-copy"


def find(context: Context) -> Findings:
    """Lines that copy a table which is not read again."""
    memory = TableMemory(context)
    return memory.found(lambda table: _advice(context, memory, table))


KIND = AdviceKind(NAME, title="do not copy the table", precedence=76, find=find)


def _advice(context: Context, memory: TableMemory, table: OwnTable) -> Advice | None:
    line, statement, source, held = table.line, table.statement, table.source, table.held_bytes
    name = only_copied(statement)
    maker = maker_of(statement, name) if name else None
    if maker is None or not makes_its_own(maker.value, source):
        return None
    first_bytes = memory.held_between(line.frame.file, maker.lineno, maker.end_lineno)
    saving = context.peak.saving([line], held)
    if first_bytes < HeldTables.least_other_share * held or not memory.pays(saving):
        return None
    node = statement.node
    assert isinstance(node, ast.Assign)
    target = code_of(node.targets[0])
    return Advice(
        kind=NAME,
        site=line.frame,
        stack=tuple(context.stacks.own_at_peak(line)),
        summary=f"{name} and {target} are the same table, twice: {name} is not read again",
        facts=(
            *memory.facts(table, "of the copy at the peak"),
            measured(
                "first_share",
                "what it is a copy of, at the peak too: of the copy",
                first_bytes / held,
                "share",
                least=HeldTables.least_other_share,
            ),
            read("made_by", "what made the first, for this name alone", text_of(maker.value, 40)),
        ),
        predicted={"peak_bytes": saving},
        modelled="what is live at the peak is measured, and so is that both are",
        cost=f"{name} is changed where {target} is",
        confidence=0.8,
        fix=Fix(
            "work on the table itself",
            f"{target} = {name}",
            change=_change(context, line, node.value, name),
        ),
        covers=(line.frame,),
    )


def _change(context: Context, line: UserLine, call: ast.expr, name: str) -> Change:
    editor = editor_of(context.sources, line.frame.file)
    if editor is None or call.end_lineno is None or call.end_col_offset is None:
        return NOT_LOCAL
    start, end = (call.lineno, call.col_offset), (call.end_lineno, call.end_col_offset)
    return (Edit(editor.file, start, end, name),)
