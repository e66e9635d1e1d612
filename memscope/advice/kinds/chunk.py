"""Data that is held whole though it is gone through once.

Working in pieces makes the peak independent of how much there is; 64 KiB pieces measured 1.9 times
as fast as the whole, too. That holds only where the whole is made by one call and used in order:
how the name is used in its function decides.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence, Set

from memscope.advice.changes.editing import editor_of
from memscope.advice.changes.pieces import (
    UNKNOWN,
    comprehension_in_pieces,
    lines_in_pieces,
    read_in_pieces,
)
from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import (
    NOT_LOCAL,
    Advice,
    Change,
    Findings,
    Fix,
    Interval,
    Measure,
    Rejected,
)
from memscope.advice.policy import Chunk
from memscope.advice.program.expressions import called_name, code_of, method_name, text_of
from memscope.advice.program.kept_items import keeps_items
from memscope.advice.program.statements import COMPREHENSIONS, Statement
from memscope.advice.program.uses import (
    CONSUMERS,
    is_assigned,
    loads,
    only_returned,
    starts,
    use_of,
    use_of_call,
)
from memscope.advice.program.walking import walk
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass, replace

NAME = "chunk"

_WHOLE_READS = {"read", "read_bytes", "read_text", "fetchall", "readlines", "recvall",
                "communicate", "check_output"}  # fmt: skip
_WHOLE_MAKERS = {"join", "dumps", "splitlines", "split", "decode",
                 "compress", "decompress", "list", "tobytes", "findall", "b64encode", "b64decode",
                 "hexlify", "render"}  # fmt: skip
_LISTS = {"list", "fetchall", "readlines", "splitlines", "split", "findall"}


@dataclass(frozen=True, slots=True)
class _Whole:
    """A line that makes something whole, and how its function goes through it."""

    line: UserLine
    statement: Statement
    call: ast.expr
    name: str  # "": used where it is made
    is_read: bool
    use: str  # how it is used once; "": it cannot be streamed
    why_not: str
    returned: bool = False  # to a caller, whose use that is
    kept: bool = False  # its items, by what goes through it
    under: tuple[UserLine, ...] = ()  # those that make its items


def find(context: Context) -> Findings:
    """Lines that hold much at the peak which need not be whole."""
    least = _least_bytes(context)
    found: dict[int, _Whole] = {}
    for line in context.lines:
        own = line.blocks.peak_bytes
        much = own >= max(Chunk.least_bytes, Chunk.least_line_share * context.whole.peak_bytes)
        under = context.peak.made_under(line) if _has_large_block(context, line) else []
        if not much and own + _peak_bytes(under) < least:
            continue
        whole = _whole_of(context, line)
        if whole is not None and (much or _takes_items(whole)):
            found[line.key] = replace(whole, under=tuple(under) if _takes_items(whole) else ())
    large = {key for key, whole in found.items() if _has_large_block(context, whole.line)}
    return Findings.of(
        _weighed(context, whole, made, large)
        for whole, made in _by_first(found.values())
        if whole.line.key in large
    )


KIND = AdviceKind(NAME, title="work in pieces", precedence=80, find=find)


def _least_bytes(context: Context) -> float:
    return max(Chunk.least_bytes, Chunk.least_peak_share * context.whole.peak_bytes)


def _peak_bytes(lines: Iterable[UserLine]) -> float:
    return sum(line.blocks.peak_bytes for line in lines)


def _weighed(
    context: Context, whole: _Whole, made: Iterable[_Whole], large: Set[int]
) -> Advice | Rejected | None:
    """What is made first, with what is made of it; lines in `large` have large blocks."""
    lines = {line.key: line for line in whole.under if line.key not in large}
    lines |= {item.line.key: item.line for item in (whole, *made)}
    together = list(lines.values())
    held, least = _peak_bytes(together), _least_bytes(context)
    if held < (least if whole.is_read else max(least, Chunk.least_list_bytes)):
        return None
    keeps = "what goes through it keeps what is in it" if _keeps(context, whole) else ""
    if why_not := whole.why_not or keeps:
        weight = min(held / context.whole.peak_bytes, 1.0) * 0.8
        return Rejected(NAME, whole.line.frame, why_not, weight)
    return _evaluate(context, whole, together, held)


def _keeps(context: Context, whole: _Whole) -> bool:
    """Whether the items of a list are kept: by the source, or as measured where it ended first."""
    if whole.kept or not whole.under:
        return whole.kept
    held = context.history.live_over_time(whole.line)
    most = max(held, default=0.0)
    items = [context.history.live_over_time(line) for line in whole.under]
    for place in range(held.index(most), len(held) - 1):
        if held[place] <= Chunk.gone_share * most:
            return sum(series[place] for series in items) > Chunk.kept_share * _peak_bytes(
                whole.under
            )
    return False


def _takes_items(whole: _Whole) -> bool:
    """Whether items that others make are taken into a list: those belong to it."""
    call = whole.call
    if isinstance(call, ast.Call) and method_name(call) == "list" and call.args:
        return isinstance(call.args[0], ast.Call | ast.GeneratorExp)
    return isinstance(call, ast.ListComp)


def _has_items(whole: _Whole) -> bool:
    """Whether it is made of items that could come one by one."""
    call = whole.call
    rows = isinstance(call, ast.Call) and method_name(call) in ("readlines", "fetchall")
    return rows or _takes_items(whole)


def _has_large_block(context: Context, line: UserLine) -> bool:
    peak_bytes = context.capture.totals.peak_bytes
    return any(peak_bytes[row] for row in context.rows.large(line.rows, Chunk.least_block_bytes))


def _by_first(found: Iterable[_Whole]) -> list[tuple[_Whole, list[_Whole]]]:
    """Each that is made first, with those made of it in the same function."""
    wholes = sorted(found, key=lambda item: (item.line.frame.file, item.line.frame.line))
    groups: list[tuple[_Whole, list[_Whole]]] = []
    for item in wholes:
        for first, rest in groups:
            names = {first.name, *(other.name for other in rest)} - {""}
            if first.statement.scope is item.statement.scope and names & _read(item.statement):
                rest.append(item)
                break
        else:
            groups.append((item, []))
    return groups


def _read(statement: Statement) -> set[str]:
    return {
        node.id
        for node in statement.walk()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _whole_of(context: Context, line: UserLine) -> _Whole | None:
    """What the line makes whole; where it only passes something on, what its caller makes."""
    for _, frame in context.stacks.own(line.node):
        statement = context.statement(frame)
        whole = None
        if statement is not None:
            whole = _whole(replace(line, frame=frame), statement, context.own_modules)
        if whole is not None and whole.why_not and _has_items(whole) and _returned(whole):
            use, kept = _callers_use(context, whole)
            if not use:
                return whole
            return replace(whole, use=use, kept=kept, why_not="", returned=True)
        if whole is not None or statement is None:
            return whole
        if not isinstance(statement.node, ast.Return):
            return None
    return None


def _returned(whole: _Whole) -> bool:
    """Whether it is made only to be returned."""
    node = whole.statement.node
    if isinstance(node, ast.Return):
        return node.value is whole.call
    return bool(whole.name) and only_returned(whole.statement, whole.name)


def _callers_use(context: Context, whole: _Whole) -> tuple[str, bool]:
    """How its function's callers go through it once, and whether one of them keeps the items.

    "" if one of them may need it whole.
    """
    stacks = {context.measures.row_stacks[row] for row in whole.line.rows}
    if len(stacks) > Chunk.most_stacks:
        return "", False
    uses = [
        _use_by_callers(
            context, whole.line.frame, [frame for _, frame in context.stacks.own(stack)]
        )
        for stack in stacks
    ]
    if not all(use for use, _ in uses):
        return "", False
    return uses[0][0], any(kept for _, kept in uses)


def _use_by_callers(
    context: Context, made: CodeFrame, frames: Sequence[CodeFrame]
) -> tuple[str, bool]:
    """How the first caller that does not itself return it goes through what is made there."""
    place, function = (made.file, made.line), ""
    for frame in frames:
        if (frame.file, frame.line) == place:
            # A comprehension is a frame of its own up to 3.11.
            function = frame.function
            continue
        if not function:
            continue
        statement = context.statement(frame)
        call = None if statement is None else _call_of(statement, function.rpartition(".")[2])
        if statement is None or call is None:
            break
        if getattr(statement.node, "value", None) is not call:
            how = use_of_call(statement, call, context.own_modules)
            use = "gone through by its caller" if how == "pass" else ""
            return use, _kept_in(statement, call)
        if isinstance(statement.target, ast.Name):
            use, _ = use_of(
                statement, statement.target.id, is_bytes=False, others=context.own_modules
            )
            return use, _kept_of(statement, statement.target.id)
        if not isinstance(statement.node, ast.Return):
            break
        place, function = (frame.file, frame.line), frame.function
    return "", False


def _is_list(made: ast.expr) -> bool:
    return isinstance(made, ast.ListComp) or (
        isinstance(made, ast.Call) and method_name(made) in _LISTS
    )


def _kept_in(statement: Statement, items: ast.expr) -> bool:
    return keeps_items(items, statement.node, statement.parents[0])


def _kept_of(statement: Statement, name: str) -> bool:
    """Whether one of those that go through what is named keeps the items."""
    uses = loads(statement.scope, name)
    return any(keeps_items(use, statement.scope, statement.parents[0]) for use in uses)


def _call_of(statement: Statement, function: str) -> ast.Call | None:
    """The call by which a statement calls a function; a decorated one has another name there."""
    calls = statement.calls()
    named = [call for call in calls if method_name(call) == function]
    others = [call for call in calls if method_name(call) not in CONSUMERS]
    chosen = named or others
    return chosen[0] if len(chosen) == 1 else None


def _whole(line: UserLine, statement: Statement, modules: Sequence[ast.Module]) -> _Whole | None:
    """What of the line is made whole, or None."""
    call, is_read = _maker(statement)
    if call is None:
        return None
    target = statement.target
    if isinstance(statement.node, ast.With | ast.AsyncWith):
        target = None
    if target is None:
        use = _used_in_place(statement, call)
        if isinstance(statement.node, ast.Return) and is_read and not use:
            return _Whole(line, statement, call, "", is_read, "its caller's", "")
        why = "" if use else "what is made is passed on whole"
        kept = bool(use) and _is_list(call) and _kept_in(statement, call)
        return _Whole(line, statement, call, "", is_read, use, why, kept=kept)
    if not isinstance(target, ast.Name):
        return _Whole(line, statement, call, "", is_read, "", "it is kept in an attribute or item")
    if not is_assigned(statement, call):
        return _Whole(line, statement, call, "", is_read, "", "what is made is passed on whole")
    use, why = use_of(statement, target.id, is_bytes=is_read, others=modules)
    kept = bool(use) and _is_list(call) and _kept_of(statement, target.id)
    return _Whole(line, statement, call, target.id, is_read, use, why, kept=kept)


def _maker(statement: Statement) -> tuple[ast.expr | None, bool]:
    """What the statement makes as a whole: a read, another maker, or a list."""
    # What is called for each item of a comprehension makes an item.
    items = {
        id(part)
        for node in statement.walk()
        if isinstance(node, COMPREHENSIONS)
        for made in ([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        for part in walk(made)
    }
    calls = [call for call in statement.calls() if id(call) not in items]
    for call in calls:
        name = method_name(call)
        if name in _WHOLE_READS and not _bounded(call):
            return call, name not in ("fetchall", "readlines")
    for call in calls:
        if method_name(call) in _WHOLE_MAKERS:
            return call, False
    for node in statement.walk():
        if isinstance(node, ast.ListComp) and id(node) not in items:
            return node, False
    return None, False


def _bounded(call: ast.Call) -> bool:
    """Whether a read says how much at most."""
    if not call.args:
        return False
    first = call.args[0]
    if isinstance(first, ast.UnaryOp) or (isinstance(first, ast.Constant) and first.value is None):
        return False
    return method_name(call) in ("read", "recv", "readlines")


def _used_in_place(statement: Statement, made: ast.expr) -> str:
    """How the statement itself goes through what it makes; "" if it passes it on."""
    node = statement.node
    if isinstance(node, ast.For | ast.AsyncFor):
        return "iterated"
    for call in statement.calls():
        if call is made:
            continue
        if any(part is made for argument in call.args for part in walk(argument)) and (
            method_name(call) in CONSUMERS
        ):
            return f"given to {called_name(call).lstrip('.')}()"
    for item in statement.walk():
        if isinstance(item, COMPREHENSIONS) and any(
            part is made for g in item.generators for part in walk(g.iter)
        ):
            return "iterated"
    return ""


def _evaluate(
    context: Context, whole: _Whole, together: list[UserLine], held: float
) -> Advice | Rejected:
    released = sum(line.blocks.released for line in together)
    allocations = sum(line.blocks.allocations for line in together)
    if released < Chunk.least_released * allocations:
        return Rejected(NAME, whole.line.frame, "it is still live at the end: it is kept", 0.4)
    saving = context.peak.saving(together, max(held - Chunk.piece_bytes, 0.0))
    predicted: dict[Measure, Interval] = {"peak_bytes": saving}
    if isinstance(whole.call, ast.ListComp) and starts(whole.call.elt):
        why = "its items are started when they are made, all before the first is waited for"
        return Rejected(NAME, whole.line.frame, why, 0.2)
    if not context.whole.pays({"peak_bytes": saving}):
        return Rejected(
            NAME,
            whole.line.frame,
            "without it, another moment would be the peak, nearly as high",
            min(held / context.whole.peak_bytes, 1.0) * 0.6,
        )
    blocks = whole.line.blocks
    others = len(together) - 1
    made_of = f", with what {others} more of its lines make of it" if others else ""
    what = text_of(whole.call, 40)
    confidence = 0.85 if whole.is_read and whole.use != "its caller's" else 0.75
    if whole.use == "its caller's":
        confidence = 0.5
    return Advice(
        kind=NAME,
        site=whole.line.frame,
        stack=context.stacks.heaviest(blocks.rows, context.capture.totals.peak_bytes),
        summary=f"{what} holds all of it at once{made_of}, and it is {whole.use}",
        facts=(
            measured(
                "peak_bytes",
                "held at the peak",
                round(held),
                "bytes",
                least=Chunk.least_bytes if whole.is_read else Chunk.least_list_bytes,
            ),
            measured(
                "peak_share",
                "of the peak",
                held / context.whole.peak_bytes,
                "share",
                least=Chunk.least_peak_share,
            ),
            measured(
                "released_share",
                "of its blocks that were released",
                released / max(allocations, 1),
                "share",
                least=Chunk.least_released,
            ),
            measured("lines", "that make it, or something of it", len(together), "lines"),
            read("made_by", "what makes it whole", what),
            read("use", "how it is gone through, once and in order", whole.use),
        ),
        predicted=predicted,
        modelled=(
            "what is live at the peak is measured; the new peak is exact where the highest other"
            " moment is, and within the interval where a window of time hides it"
        ),
        cost="the code that works on the data sees it in pieces",
        confidence=confidence,
        fix=replace(_fix(whole), change=_change(context, whole)),
        covers=tuple(line.frame for line in together),
    )


def _change(context: Context, whole: _Whole) -> Change:
    editor, call = editor_of(context.sources, whole.line.frame.file), whole.call
    if editor is None or whole.returned:
        return NOT_LOCAL
    if isinstance(call, ast.ListComp):
        return comprehension_in_pieces(editor, whole.statement, call)
    if isinstance(call, ast.Call) and method_name(call) in ("readlines", "fetchall"):
        return lines_in_pieces(editor, whole.statement, call)
    if isinstance(call, ast.Call) and method_name(call) == "read":
        return read_in_pieces(editor, whole.statement, call)
    return UNKNOWN


def _fix(whole: _Whole) -> Fix:
    call = whole.call
    if whole.returned:
        items = _items_of(call)
        return Fix(
            "make the function a generator: each item is made when it is asked for",
            f"yield from {f'({items[1:-1]})' if isinstance(call, ast.ListComp) else items}",
        )
    if isinstance(call, ast.ListComp):
        text = code_of(call)[1:-1]
        return Fix(
            "make it a generator: each item is made when it is asked for",
            f"{whole.name + ' = ' if whole.name else ''}({text})",
        )
    assert isinstance(call, ast.Call)
    text, of, code = _FIXES.get(method_name(call), _FIXES["read"])
    part = {
        "owner": code_of(call.func.value) if isinstance(call.func, ast.Attribute) else "",
        "given": code_of(call.args[0]) if call.args else "",
        "file": _read_from(call),
    }.get(of, "")
    return Fix(text, part and code.format(part))


_LINES = "go through the lines of the file itself"
_PARTS = "write each part when it is made, instead of joining them first"
_PIECES = "read and work on 64 KiB at a time"
# By what makes it: what to do, and the code of it, of what it is a method of, or is given.
_FIXES = {
    "readlines": (_LINES, "owner", "for line in {}:  # new\n    ..."),
    "splitlines": (_LINES, "file", "for line in {}:  # new\n    ..."),
    "split": (_LINES, "file", "for line in {}:  # new\n    ..."),
    "read_text": (
        _LINES, "owner",
        "with {}.open() as file:  # new\n    for line in file:  # new\n        ...",
    ),
    "fetchall": ("go through the cursor itself", "owner", "for row in {}:  # new\n    ..."),
    "join": (_PARTS, "given", "for part in {}:  # new\n    ..."),
    "dumps": (_PARTS, "", ""),
    "render": ("let the template give its parts, and write each when it comes", "", ""),
    "list": ("go through the items themselves", "given", "for item in {}:  # new\n    ..."),
    "read": (_PIECES, "owner", "while chunk := {}.read(65536):  # new\n    ..."),
    "read_bytes": (
        _PIECES, "owner",
        "with {}.open('rb') as file:  # new\n    while chunk := file.read(65536):  # new\n"
        "        ...",
    ),
}  # fmt: skip


def _items_of(call: ast.expr) -> str:
    """What gives the items that a call or a comprehension makes a list of."""
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and not call.args:
        return code_of(call.func.value)
    return code_of(call.args[0] if isinstance(call, ast.Call) else call)


def _read_from(call: ast.Call) -> str:
    """The file of `file.read().splitlines()`."""
    read = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(read, ast.Call) and isinstance(read.func, ast.Attribute) and not read.args:
        return code_of(read.func.value) if read.func.attr == "read" else ""
    return ""
