"""Containers that use little of their room, and texts that are kept as lists of characters.

What they hold and what a copy would take was measured in the running program, of a sample. Whether
a list of characters is ever changed as a text cannot be, and whether an unwritten end may be for
later, is read from the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from memscope.advice.context import Context
from memscope.advice.evidence.worth import Roomy
from memscope.advice.facts import Fact, measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.pools.recognition import is_pool_frame
from memscope.advice.model import Advice, Findings, Fix, Interval, Rejected
from memscope.advice.policy import OverAllocated
from memscope.advice.program.expressions import code_of, is_name
from memscope.advice.program.item_uses import reads_items_only
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk
from memscope.analysis.units import bytes_text

NAME = "over-allocated"


def find(context: Context) -> Findings:
    """Lines whose containers would be much smaller as copies, or as texts."""
    return Findings.of(_found(context))


def _found(context: Context) -> Iterator[Advice | Rejected]:
    if why := context.worth.why_unknown:
        yield Rejected(NAME, None, why)
    for roomy in context.worth.roomy():
        if not roomy.is_mostly_spare:
            continue
        saving = context.peak.saving([roomy.line], roomy.spare_bytes)
        share = context.whole.share("peak_bytes", saving.low)
        if share < OverAllocated.least_peak_share or not context.whole.pays({"peak_bytes": saving}):
            continue
        statement = context.statement(roomy.line.frame)
        if _are_texts(roomy) and _holder(context, roomy, statement) is None:
            why = f"{roomy.blocks:,.0f} lists are of characters, but may be changed item by item"
        elif roomy.type == "bytearray" and not _is_filled_here(context, roomy, statement):
            why = "what was never written of them may be for later"
        else:
            yield _advice(context, roomy, saving, statement)
            continue
        yield Rejected(NAME, roomy.line.frame, why, min(share, 0.5))


KIND = AdviceKind(NAME, title="no more room than is used", precedence=93, find=find)


def _are_texts(roomy: Roomy) -> bool:
    return roomy.texts >= OverAllocated.least_texts_share * roomy.asked


def _holder(context: Context, roomy: Roomy, statement: Statement | None) -> ast.expr | None:
    """What holds the lists, if all that is done with it a text can do as well."""
    target = statement.target if statement is not None else None
    if statement is None or not isinstance(target, ast.Name | ast.Attribute):
        return None
    trees = [statement.scope] if isinstance(target, ast.Name) else context.own_modules
    small = roomy.needed_bytes <= OverAllocated.most_changed_bytes
    return target if reads_items_only(trees, target, or_replaces=small) else None


def _is_filled_here(context: Context, roomy: Roomy, statement: Statement | None) -> bool:
    """Whether who makes them also fills them: else the end may be written later."""
    target = statement.target if statement is not None else None
    if statement is None or not isinstance(target, ast.Name):
        return False
    return not is_pool_frame(context, roomy.line.frame) and any(
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and is_name(node.value, target.id)
        for node in walk(statement.scope)
    )


def _advice(
    context: Context, roomy: Roomy, saving: Interval, statement: Statement | None
) -> Advice:
    target = statement.target if statement is not None else None
    held = code_of(target) if isinstance(target, ast.Name | ast.Attribute) else ""
    facts = [
        measured(
            "asked", f"objects of type {roomy.type} that were looked at near the peak",
            roomy.asked, "objects",
        ),
        measured("blocks", "of this line at the peak", round(roomy.blocks), "objects"),
        measured("bytes_each", "that each holds, on average", roomy.held_bytes, "bytes"),
        measured("needed_each", "that each would need", roomy.needed_bytes, "bytes"),
        measured(
            "ratio", "times what is needed", roomy.ratio, "ratio",
            least=OverAllocated.least_ratio,
        ),
    ]  # fmt: skip
    what, why = f"objects of type {roomy.type}", "a table does not shrink when things are taken out"
    cost, fix = "each is copied once", Fix(
        "put a copy in its place once things have been taken out, or put only in what stays",
        f"{held} = {roomy.type}({held})" if held else "",
        change="where the last thing has been taken out, the source does not say",
    )  # fmt: skip
    if roomy.type == "bytearray":
        why, fix = "the rest was never written", Fix("give it the length that is used, or cut it")
    elif _are_texts(roomy):
        what, why = "lists of characters", "8 bytes for a character, where a text takes one"
        cost = "where a part is replaced, a new text; else none: it is read as the list is"
        fix = Fix("keep the text itself", _joined(held, statement))
        facts += _facts_of_texts(roomy, held)
    return Advice(
        kind=NAME,
        site=roomy.line.frame,
        stack=context.stacks.heaviest(roomy.line.rows, context.capture.totals.peak_bytes),
        summary=(
            f"{roomy.blocks:,.0f} {what} are live at the peak with {bytes_text(roomy.held_bytes)}"
            f" each, and need {bytes_text(roomy.needed_bytes)} of it: {why}"
        ),
        facts=tuple(facts),
        predicted={"peak_bytes": saving},
        modelled="of a sample, what others would take is told by the program; how many is measured",
        cost=cost,
        confidence=0.75,
        fix=fix,
    )


def _facts_of_texts(roomy: Roomy, name: str) -> tuple[Fact, ...]:
    least = OverAllocated.least_texts_share * roomy.asked
    texts = "of them that are of characters alone"
    return (
        measured("texts", texts, roomy.texts, "objects", least=least),
        read("changed", f"whether an item of {name} is ever changed by itself", "no"),
    )


def _joined(name: str, statement: Statement | None) -> str:
    """`self.body = "".join(text)`: of a text that is the text itself."""
    value = getattr(statement.node, "value", None) if statement is not None else None
    if not isinstance(value, ast.Call) or code_of(value.func) != "list" or len(value.args) != 1:
        return ""
    return f'{name} = "".join({code_of(value.args[0])})'
