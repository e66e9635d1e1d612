"""Containers that use little of their room, and texts that are kept as lists of characters.

What they hold and what a copy would take was measured in the running program, of a sample. Whether
a list of characters is ever changed, which a text cannot be, is read from the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from memscope.advice.context import Context
from memscope.advice.evidence.worth import Roomy
from memscope.advice.facts import Fact, measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import Advice, Findings, Fix, Interval, Rejected
from memscope.advice.policy import OverAllocated
from memscope.advice.program.expressions import code_of
from memscope.advice.program.item_uses import reads_items_only
from memscope.analysis.units import bytes_text

NAME = "over-allocated"


def find(context: Context) -> Findings:
    """Lines whose containers would be much smaller as copies, or as texts."""
    return Findings.of(_found(context))


def _found(context: Context) -> Iterator[Advice | Rejected]:
    if why := context.worth.why_unknown:
        yield Rejected(NAME, None, why)
    for roomy in context.worth.roomy():
        as_text = roomy.texts >= OverAllocated.least_texts_share * roomy.asked
        least = OverAllocated.least_text_ratio if as_text else OverAllocated.least_ratio
        ratio = roomy.held_bytes / max(roomy.needed_bytes, 1.0)
        if roomy.asked < OverAllocated.least_asked or ratio < least:
            continue
        saving = context.peak.saving([roomy.line], roomy.spare_bytes)
        share = context.whole.share("peak_bytes", saving.low)
        if share < OverAllocated.least_peak_share or not context.whole.pays({"peak_bytes": saving}):
            continue
        if not as_text:
            yield _as_copies(context, roomy, saving)
        elif (holder := _only_read(context, roomy)) is not None:
            yield _as_texts(context, roomy, saving, holder)
        else:
            why = f"{roomy.blocks:,.0f} lists are of characters, but may be changed item by item"
            yield Rejected(NAME, roomy.line.frame, why, min(share, 0.5))


KIND = AdviceKind(NAME, title="no more room than is used", precedence=93, find=find)


def _only_read(context: Context, roomy: Roomy) -> ast.expr | None:
    """What holds the lists, if all that is done with it a text can do as well."""
    statement = context.statement(roomy.line.frame)
    target = statement.target if statement is not None else None
    if statement is None or not isinstance(target, ast.Name | ast.Attribute):
        return None
    trees = [statement.scope] if isinstance(target, ast.Name) else context.own_modules
    return target if reads_items_only(trees, target) else None


def _facts(roomy: Roomy, least: float) -> tuple[Fact, ...]:
    return (
        measured(
            "asked", f"objects of type {roomy.type} that were looked at near the peak",
            roomy.asked, "objects", least=OverAllocated.least_asked,
        ),
        measured("blocks", "of this line at the peak", round(roomy.blocks), "objects"),
        measured("bytes_each", "that each holds, on average", roomy.held_bytes, "bytes"),
        measured("needed_each", "that each would need", roomy.needed_bytes, "bytes"),
        measured(
            "ratio", "times what is needed", roomy.held_bytes / max(roomy.needed_bytes, 1.0),
            "ratio", least=least,
        ),
    )  # fmt: skip


def _as_copies(context: Context, roomy: Roomy, saving: Interval) -> Advice:
    statement = context.statement(roomy.line.frame)
    target = statement.target if statement is not None else None
    held = code_of(target) if isinstance(target, ast.Name | ast.Attribute) else ""
    return Advice(
        kind=NAME,
        site=roomy.line.frame,
        stack=context.stacks.heaviest(roomy.line.rows, context.capture.totals.peak_bytes),
        summary=(
            f"{roomy.blocks:,.0f} objects of type {roomy.type} are live at the peak with"
            f" {bytes_text(roomy.held_bytes)} each, and use {bytes_text(roomy.needed_bytes)} of"
            " it: a table does not shrink when things are taken out"
        ),
        facts=_facts(roomy, OverAllocated.least_ratio),
        predicted={"peak_bytes": saving},
        modelled="of a sample, what copies would take is told by the program; how many is measured",
        cost="each is copied once",
        confidence=0.75,
        fix=Fix(
            "put a copy in its place once things have been taken out, or put only in what stays",
            f"{held} = {roomy.type}({held})" if held else "",
            change="where the last thing has been taken out, the source does not say",
        ),
    )


def _as_texts(context: Context, roomy: Roomy, saving: Interval, holder: ast.expr) -> Advice:
    statement = context.statement(roomy.line.frame)
    value = statement.node.value if statement and isinstance(statement.node, ast.Assign) else None
    name = code_of(holder)
    return Advice(
        kind=NAME,
        site=roomy.line.frame,
        stack=context.stacks.heaviest(roomy.line.rows, context.capture.totals.peak_bytes),
        summary=(
            f"{roomy.blocks:,.0f} lists of characters are live at the peak with"
            f" {bytes_text(roomy.held_bytes)} each: 8 bytes for a character, where a text takes one"
        ),
        facts=(
            *_facts(roomy, OverAllocated.least_text_ratio),
            measured(
                "texts", "of them that are of characters alone", roomy.texts, "objects",
                least=OverAllocated.least_texts_share * roomy.asked,
            ),
            read("changed", f"whether an item of {name} is ever changed", "no"),
        ),
        predicted={"peak_bytes": saving},
        modelled="of a sample, what texts would take is told by the program; how many is measured",
        cost="none: a text is searched, sliced and gone through as the list is",
        confidence=0.8,
        fix=Fix("keep the text itself", _joined(name, value)),
    )  # fmt: skip


def _joined(name: str, value: ast.expr | None) -> str:
    """`self.body = "".join(text)`: of a text that is the text itself."""
    is_list = isinstance(value, ast.Call) and code_of(value.func) == "list" and len(value.args) == 1
    assert value is None or isinstance(value, ast.expr)
    return f'{name} = "".join({code_of(value.args[0])})' if is_list else ""  # type: ignore[union-attr]
