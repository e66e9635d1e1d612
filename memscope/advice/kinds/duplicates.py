"""Equal texts, bytes and tuples that are kept many times: one of each would do.

That they are equal was found out in the running program, of a sample. Whether one could be shared
when the next is made is read from the source: what one call makes all at once is there by then.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from memscope.advice.changes.editing import editor_of
from memscope.advice.changes.interning import interned, one_of_each
from memscope.advice.context import Context
from memscope.advice.evidence.worth import Equal
from memscope.advice.facts import measured, modelled, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import NOT_LOCAL, Advice, Change, Findings, Fix, Interval, Rejected
from memscope.advice.policy import Duplicates, Worth
from memscope.advice.program.expressions import code_of, method_name
from memscope.advice.program.statements import COMPREHENSIONS, Statement
from memscope.analysis.units import bytes_text

NAME = "duplicates"


def find(context: Context) -> Findings:
    """Lines that make equal values again and again, which are kept."""
    return Findings.of(_found(context))


def _found(context: Context) -> Iterator[Advice | Rejected]:
    if why := context.worth.why_unknown:
        yield Rejected(NAME, None, why)
    for equal in context.worth.equal():
        times = equal.blocks / equal.contents if equal.contents else 0.0
        if equal.asked < Worth.least_asked or times < Duplicates.least_times:
            continue
        saving = _saving(context, equal)
        share = context.whole.share("peak_bytes", saving.low)
        if share < Duplicates.least_peak_share or not context.whole.pays({"peak_bytes": saving}):
            continue
        loop, decoder = _loop(context, equal), _decoder(context.statement(equal.line.frame))
        if loop and not decoder:
            yield _advice(context, equal, saving, loop)
            continue
        why = f"its {equal.type} objects are equal in many places, but one call makes them all"
        if decoder:
            why = f"its {equal.type} objects are equal in many places, but {decoder} makes them"
            why += ", within documents: a hook of the decoder's could keep one of each"
        yield Rejected(NAME, equal.line.frame, why, min(share, 0.5))


KIND = AdviceKind(NAME, title="keep one of each value", precedence=92, find=find)


def _saving(context: Context, equal: Equal) -> Interval:
    entries = equal.contents * Duplicates.dictionary_bytes
    low = context.peak.saving([equal.line], max(equal.spare_low_bytes - entries, 0.0))
    likely = context.peak.saving([equal.line], max(equal.spare_bytes - entries, 0.0))
    return Interval(low.low, max(low.value, likely.value), max(low.high, likely.high))


def _loop(context: Context, equal: Equal) -> str:
    """Where the loop is that makes one after the other; "": there is none in sight."""
    below = ""  # the function that makes them, or calls for them
    for _, frame in context.stacks.own(equal.line.node):
        statement = context.statement(frame)
        if statement is None:
            return ""
        # What a comprehension is given to is made by one call: `" ".join(…).split()`.
        makes = frame[1:] == equal.line.frame[1:]
        if (
            statement.loop is not None
            or (makes and _gives_when_asked(statement.node))
            or _is_in_comprehension(statement, itself=makes)
            or _is_given(statement, below)
        ):
            return f"{frame.function}, line {frame.line}"
        below = frame.function.rpartition(".")[2]
    return ""


def _gives_when_asked(node: ast.stmt) -> bool:
    """Whether a loop goes through what makes each item when it is asked for: `csv.reader(file)`.

    What has a name was there before the loop: then the line makes items alone.
    """
    if not isinstance(node, ast.For):
        return False
    return not isinstance(node.iter, ast.Call) or method_name(node.iter) in _WHEN_ASKED


_WHEN_ASKED = {"reader", "DictReader", "finditer", "iter_unpack", "map", "zip", "filter", "iter",
               "enumerate", "execute", "open", "islice", "starmap"}  # fmt: skip


def _is_given(statement: Statement, function: str) -> bool:
    """Whether a call is given the function, and so calls it for each: `rows.extend(map(f, x))`."""
    return any(
        code_of(item).rpartition(".")[2] == function
        or (isinstance(item, ast.Lambda) and function == "<lambda>")
        for call in statement.calls()
        for item in (*call.args, *(each.value for each in call.keywords))
    )


def _decoder(statement: Statement | None) -> str:
    """What makes whole documents of a text, the equal values somewhere within; "": nothing."""
    calls = statement.calls() if statement is not None else []
    return next((code_of(it.func) for it in calls if method_name(it) in _DECODERS), "")


_DECODERS = {"load", "loads", "safe_load", "literal_eval", "parse", "fromstring", "fetchall"}


def _is_in_comprehension(statement: Statement, *, itself: bool) -> bool:
    if not itself:
        return any(isinstance(node, COMPREHENSIONS) for node in statement.walk())
    value = getattr(statement.node, "value", None)
    while isinstance(value, ast.Call) and method_name(value) in _CONTAINERS and value.args:
        value = value.args[0]
    return isinstance(value, COMPREHENSIONS)


_CONTAINERS = {"list", "tuple", "set", "frozenset", "dict", "sorted", "deque", "extend", "update"}


def _advice(context: Context, equal: Equal, saving: Interval, loop: str) -> Advice:
    line, what = equal.line, _WORDS.get(equal.type, f"{equal.type} objects")
    statement, site = context.statement(line.frame), line.frame
    if statement is not None and isinstance(statement.node, ast.For):
        site = site._replace(line=statement.node.body[0].lineno)
    text, code = _fix(statement, equal.type)
    return Advice(
        kind=NAME,
        site=site,
        stack=context.stacks.heaviest(line.rows, context.capture.totals.peak_bytes),
        summary=(
            f"{equal.blocks:,.0f} {what} are live at the peak,"
            f" {bytes_text(equal.held_bytes)}, and most of them are equal: of {equal.asked:,}"
            f" that were looked at, {equal.distinct:,.0f} are different"
        ),
        facts=(
            measured(
                "asked", f"{what} that were looked at near the peak", equal.asked, "objects",
                least=Worth.least_asked,
            ),
            measured("distinct", "of them that are different", round(equal.distinct), "objects"),
            measured("blocks", f"{what} of this line at the peak", round(equal.blocks), "objects"),
            measured("held_bytes", "that these take", round(equal.held_bytes), "bytes"),
            modelled(
                "times_each", "that each is there, at least", equal.blocks / equal.contents,
                "times", least=Duplicates.least_times,
            ),
            read("made_in", "the loop that makes one after the other", loop),
        ),
        predicted={"peak_bytes": saving},
        modelled="how many are equal is told of a sample; what all of them take is measured",
        cost="a look into a dictionary for each, and the values stay for as long as it does",
        confidence=0.8,
        fix=Fix(text, code, change=_change(context, equal)),
    )  # fmt: skip


def _change(context: Context, equal: Equal) -> Change:
    statement = context.statement(equal.line.frame)
    editor = editor_of(context.sources, equal.line.frame.file)
    if statement is None or editor is None or equal.type != "str":
        return NOT_LOCAL
    return interned(editor, statement.node)


_WORDS = {"str": "texts", "bytes": "bytes objects", "tuple": "tuples"}


def _fix(statement: Statement | None, of_type: str) -> tuple[str, str]:
    """What to do, and the code of it where the line assigns to names."""
    how = "`sys.intern`, or a dictionary," if of_type == "str" else "a dictionary"
    text = f"keep one of each: {how} gives the one that is there already"
    return text, one_of_each(statement.node, of_type) if statement is not None else ""
