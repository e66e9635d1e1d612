"""Tables that are read whole where the program only sums them up.

The library can read the file in pieces, and the sum of the sums is the same. What a table takes is
measured at its line, in whichever domain the library has it: its own requests and Python's.
"""

from __future__ import annotations

import ast

from memscope.advice.context import Context
from memscope.advice.facts import assumed, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.native_tables import OwnTable, TableMemory
from memscope.advice.model import Advice, Findings, Fix
from memscope.advice.policy import HeldTables
from memscope.advice.program.expressions import code_of, text_of
from memscope.advice.program.tables import in_pieces, only_summed

NAME = "native-chunk"


def find(context: Context) -> Findings:
    """Lines that read a table which only numbers are made of."""
    memory = TableMemory(context)
    return memory.found(lambda table: _advice(context, memory, table))


KIND = AdviceKind(NAME, title="read the table in pieces", precedence=78, find=find)


def _advice(context: Context, memory: TableMemory, table: OwnTable) -> Advice | None:
    line, statement, source, held = table.line, table.statement, table.source, table.held_bytes
    call = statement.node.value if isinstance(statement.node, ast.Assign) else None
    if call is None or not isinstance(statement.target, ast.Name):
        return None
    argument = in_pieces(call, source)
    sums = only_summed(statement, statement.target.id) if argument else []
    saving = context.peak.saving([line], held * (1 - HeldTables.piece_share))
    if not sums or not memory.pays(saving):
        return None
    assert isinstance(call, ast.Call)
    words = [*map(code_of, call.args), *(f"{w.arg}={code_of(w.value)}" for w in call.keywords)]
    piece = f"{code_of(call.func)}({', '.join([*words, argument])})"
    return Advice(
        kind=NAME,
        site=line.frame,
        stack=tuple(context.stacks.own_at_peak(line)),
        summary=f"{text_of(call, 40)} reads a table whole of which only sums are used",
        facts=(
            *memory.facts(table, "live at the peak"),
            read("sums", "what is made of it", ", ".join(text_of(each, 30) for each in sums)),
            assumed("piece_share", "of it that a piece takes", HeldTables.piece_share, "share"),
        ),
        predicted={"peak_bytes": saving},
        modelled="what is live at the peak is measured; how large a piece is depends on the rows",
        cost="sums are added up over the pieces",
        confidence=0.75,
        fix=Fix(
            "read it in pieces, and add up what each comes to",
            f"for piece in {piece}:  # new\n    ...",
        ),
        covers=(line.frame,),
    )
