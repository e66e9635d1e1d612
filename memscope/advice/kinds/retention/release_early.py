"""Large blocks that are live at the peak only because a name that nobody reads still holds them.

At the peak a function stands at or after the last of its lines that made something which is live
then. A local name that is not read there or later holds its block for nothing. So does an attribute
that only functions read which have ended.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from memscope.advice.changes.deletion import deleted_name
from memscope.advice.changes.editing import editor_of
from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import Fact, measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.kinds.retention.attributes import unread_attribute
from memscope.advice.kinds.retention.held import HeldByName, held_by_name
from memscope.advice.kinds.retention.outliving import (
    Activation,
    Reached,
    activation_of,
    ended_by,
    keeper_of,
    summing_function,
)
from memscope.advice.model import NOT_LOCAL, Advice, Change, Findings, Fix, Interval, Rejected
from memscope.advice.policy import ReleaseEarly
from memscope.advice.program.names import (
    end_of_statement,
    line_of_last_read,
    reads,
    used_by,
    why_kept,
    why_not_its_own,
)
from memscope.advice.program.statements import FUNCTIONS, LOOPS, pauses
from memscope.advice.program.walking import walk
from memscope.capture.columns import (
    flags,
    gathered,
    heaviest_of,
    mark_at_least,
    members,
    nearest,
    numbered,
    only_where,
    risen,
    sums_by,
    total,
)
from memscope.capture.format import SAMPLED_UNIT

NAME = "release-early"


def find(context: Context) -> Findings:
    """Names that could be deleted before the peak."""
    return Findings.of(_found(context))


def _found(context: Context) -> Iterator[Advice | Rejected | None]:
    least = max(ReleaseEarly.least_bytes, ReleaseEarly.least_peak_share * context.whole.peak_bytes)
    reached = _reached_at_peak(context)
    seen: set[tuple[str, int]] = set()
    for line in context.lines:
        if line.blocks.peak_bytes < least:
            continue
        held = held_by_name(context, line)
        if held is None:
            yield _in_attribute(context, line, reached)
            continue
        if (held.frame.file, held.frame.line) in seen:
            continue
        by_exception = _kept_by_exception(context, held, reached)
        if by_exception is None and held.several:
            continue
        seen.add((held.frame.file, held.frame.line))
        yield by_exception or _evaluate(context, held, reached)


KIND = AdviceKind(NAME, title="let go before the peak", precedence=70, find=find)


def _reached_at_peak(context: Context) -> dict[Activation, int]:
    """For each function on a stack, by (caller's node, code), the last line with live blocks."""
    nodes = context.measures.stacks.tables.nodes
    peak_blocks = context.capture.totals.peak_blocks
    held = sums_by(context.measures.row_stacks, peak_blocks, len(nodes.parent))
    holds = bytearray(len(held))
    mark_at_least(holds, risen(held, nodes.parent), 1 / SAMPLED_UNIT)
    holds[0] = 0
    there = members(b"\0\1", holds)
    parent, code, line = (
        gathered(column, there) for column in (nodes.parent, nodes.code, nodes.line)
    )
    activations, first = numbered(parent, code)
    last = heaviest_of(activations, line, len(first))
    return {(parent[entry], code[entry]): line[entry] for entry in last}


def _made_below(context: Context, node: int, line: UserLine) -> list[UserLine]:
    """The line, and other own lines that made something live at the peak when the name was given.

    `shapes = Counter(map(fingerprint, words))` also holds what fingerprint() made.
    """
    parents = context.measures.stacks.tables.nodes.parent
    found = [line]
    for other in context.lines:
        if other.key == line.key or other.blocks.peak_bytes < ReleaseEarly.large_block_bytes:
            continue
        above = context.heaviest_at_peak(other)
        while above > node:
            above = parents[above]
        if above == node:
            found.append(other)
    return found


def _activations(context: Context, held: HeldByName, reached: Reached) -> set[Activation]:
    """The function's calls. What pauses may go on from another line than the one that called it:
    if it made the block only once, all of them are one.
    """
    activation = activation_of(context, held.node)
    if not held.once or not pauses(held.statement.scope):
        return {activation}
    return {activation, *(key for key in reached if key[1] == activation[1])}


def _made_after(context: Context, activations: set[Activation], line: int) -> float:
    """Bytes live at the peak that a running function had made after a line of its own.

    When it had done with that line all else was there already: the peak cannot fall further.
    """
    nodes, peak_bytes = context.measures.stacks.tables.nodes, context.capture.totals.peak_bytes
    codes = {code for _, code in activations}
    of_codes = flags(code in codes for code in range(len(context.capture.tables.codes.file)))
    running = bytearray(len(nodes.parent))
    for node in members(of_codes, nodes.code):
        running[node] = node > 0 and activation_of(context, node) in activations
    nearest_one = nearest(nodes.parent, running)
    is_later = bytearray(len(running))
    for node in members(b"\0\1", running):
        is_later[node] = nodes.line[node] > line
    later = gathered(gathered(is_later, nearest_one), context.measures.row_stacks)
    return total(only_where(peak_bytes, later))


def _kept_by_exception(context: Context, held: HeldByName, reached: Reached) -> Advice | None:
    """What exceptions hold that somebody keeps: the frames that they left, with their names."""
    statement, name = held.statement, held.name
    if statement.function is None:
        return None
    keeper = keeper_of(context, held.node, held.ends_at)
    if keeper is None or why_not_its_own(statement, name) or why_kept(statement, name):
        return None
    over = ended_by(context, held.node, reached) is not None
    # Unless the function is known to have ended, one of them may be that of a call under way.
    kept = min(keeper.kept, held.blocks if over else held.blocks - 1)
    if kept < ReleaseEarly.least_kept:
        return None
    made = _made_below(context, held.node, held.line)
    share = kept / held.blocks
    saving = context.peak.saving(made, sum(item.blocks.peak_bytes for item in made) * share)
    if not _pays(context, saving):
        return None
    place = f"{os.path.basename(keeper.frame.file)}:{keeper.frame.line}"
    return _advice(
        context,
        held,
        made,
        saving,
        summary=(
            f"{name} is held at the peak by exceptions that line {place} keeps: each has its"
            " traceback, that has the frames it came through, and those have their local names"
        ),
        facts=(
            measured(
                "exceptions",
                "kept, by their tracebacks",
                round(kept),
                "exceptions",
                least=ReleaseEarly.least_kept,
            ),
            read("kept_by", "the line that keeps them", place),
        ),
        modelled=(
            "what is live at the peak is measured, and tracebacks with it; that they hold the name"
            " is read from the source"
        ),
        confidence=0.75,
        fix=Fix(
            f"keep the exception without its traceback in line {place}, or only what it says",
            f"{keeper.name} = {keeper.name}.with_traceback(None)  # before it is kept",
            place=keeper.frame,
        ),
    )


def _no_lower_peak(held: HeldByName) -> Rejected:
    why = "without it, another moment would be the peak, nearly as high"
    return Rejected(NAME, held.frame, why, 0.4)


def _in_attribute(context: Context, line: UserLine, reached: Reached) -> Advice | Rejected | None:
    """What an attribute holds that nobody reads after the functions that did have ended."""
    totals, stacks = context.capture.totals, context.measures.stacks
    at_peak = [
        row
        for row in context.rows.large(line.rows, ReleaseEarly.large_block_bytes)
        if totals.peak_blocks[row]
    ]
    if sum(totals.peak_blocks[row] for row in at_peak) != 1:
        return None
    unread = unread_attribute(context, context.measures.row_stacks[at_peak[0]], reached)
    if unread is None:
        return None
    held = HeldByName(line, unread.node, unread.frame, unread.statement, unread.name, 1, once=True)
    rows = at_peak
    if unread.items:
        of = context.measures.row_stacks
        rows = [row for row in line.rows if stacks.own[of[row]] == unread.node]
    bytes_held = sum(totals.peak_bytes[row] for row in rows)
    made_since = [_made_after(context, {caller}, since) for caller, since in unread.ended]
    saving = context.peak.saving([line], min(bytes_held, *made_since))
    readers = " and ".join(f"{name}()" for name in unread.readers)
    if not _pays(context, saving):
        return _no_lower_peak(held)
    return _advice(
        context,
        held,
        [line],
        saving,
        summary=(
            f"{unread.name} is read in {readers} alone, but is held at the peak by an"
            " object that is needed for its other attributes"
        ),
        facts=(read("read_by", "who alone reads it, and has ended", readers),),
        modelled=(
            "what is live at the peak is measured; that nobody else reads the attribute, and that"
            " none of those is called again, is read from the source"
        ),
        confidence=0.7,
        fix=Fix(
            f"let go of the attribute when {readers} has done with it, or give it as an argument",
            f"{unread.name} = None  # at the end of {readers}",
        ),
    )


def _evaluate(context: Context, held: HeldByName, reached_by: Reached) -> Advice | Rejected | None:
    statement, name = held.statement, held.name
    activations = _activations(context, held, reached_by)
    reached = max(reached_by.get(key, 0) for key in activations)
    ended = ended_by(context, held.node, reached_by)
    function = summing_function(statement, name)
    if reached <= held.ends_at and (ended is None or function is None):
        return None
    last_read = line_of_last_read(statement, name, function)
    made = _made_below(context, held.node, held.line)
    bytes_held = sum(item.blocks.peak_bytes for item in made)
    if statement.loop is not None and held.line.blocks.allocations > 1:
        # The next one is made before the name lets go of the last: that one is what can go.
        bytes_held -= held.line.blocks.mean_bytes
    why = _still_needed(context, held, reached, function, ended=ended is not None)
    if why:
        weight = min(bytes_held / context.whole.peak_bytes, 1.0) * 0.5
        return Rejected(NAME, held.frame, why, weight)
    after, since = ({ended[0]}, ended[1]) if ended else (activations, last_read)
    saving_most = min(bytes_held, _made_after(context, after, since))
    saving = context.peak.saving(made, saving_most)
    if not _pays(context, saving):
        return _no_lower_peak(held)
    facts = (
        read("last_read_line", "where it is read last", last_read, "line"),
        measured(
            "peak_line_at_least", "that the function had come to at the peak", reached, "line",
            decides=True,
        ),
    )  # fmt: skip
    if function is not None:
        return _held_by_function(context, held, made, saving, facts, function)
    return _advice(
        context,
        held,
        made,
        saving,
        summary=(
            f"{name} is not read after line {last_read}, but is held at the peak"
            f" (line {reached} or later)"
        ),
        facts=facts,
        modelled=(
            "what is live at the peak is measured; that the name alone holds it is read from the"
            " source"
        ),
        confidence=0.8,
        fix=Fix(
            f"delete the name after line {last_read}, or end its function there",
            f"del {name}  # after line {last_read}",
            change=_deletion(context, held, reached),
        ),
    )


def _deletion(context: Context, held: HeldByName, reached: int) -> Change:
    editor = editor_of(context.sources, held.frame.file)
    return NOT_LOCAL if editor is None else deleted_name(editor, held.statement, held.name, reached)


def _held_by_function(
    context: Context,
    held: HeldByName,
    made: list[UserLine],
    saving: Interval,
    facts: tuple[Fact, ...],
    function: ast.AST,
) -> Advice:
    line = getattr(function, "lineno", 0)
    return _advice(
        context,
        held,
        made,
        saving,
        summary=(
            f"{held.name} is held at the peak by the function of line {line}, which only makes a"
            " few numbers of it"
        ),
        facts=(*facts, read("function_line", "the function that keeps it", line, "line")),
        modelled=(
            "what is live at the peak is measured; that the function within alone holds it, and"
            " that it may answer at once, is read from the source"
        ),
        confidence=0.6,
        fix=Fix(
            f"work out what the function of line {line} gives before, and let it give that",
            f"result = ...  # new, of {held.name}, as in line {line}\nlambda: result",
        ),
    )


def _advice(
    context: Context,
    held: HeldByName,
    made: list[UserLine],
    saving: Interval,
    *,
    summary: str,
    facts: tuple[Fact, ...],
    modelled: str,
    confidence: float,
    fix: Fix,
) -> Advice:
    bytes_held = sum(item.blocks.peak_bytes for item in made)
    return Advice(
        kind=NAME,
        site=held.frame,
        stack=context.stacks.heaviest(held.line.rows, context.capture.totals.peak_bytes),
        summary=summary,
        facts=(
            measured(
                "peak_bytes",
                "that it holds at the peak",
                round(bytes_held),
                "bytes",
                least=ReleaseEarly.least_bytes,
            ),
            measured(
                "peak_share",
                "of the peak",
                bytes_held / context.whole.peak_bytes,
                "share",
                least=ReleaseEarly.least_peak_share,
            ),
            measured(
                "saved_share",
                "of the peak that goes with it",
                context.whole.share("peak_bytes", saving.value),
                "share",
                least=ReleaseEarly.least_saved_share,
            ),
            read("name", "the name that holds it", held.name),
            *facts,
        ),
        predicted={"peak_bytes": saving},
        modelled=modelled,
        cost="none",
        confidence=confidence,
        fix=fix,
    )


def _pays(context: Context, saving: Interval) -> bool:
    least = ReleaseEarly.least_saved_share * context.whole.peak_bytes
    return context.whole.pays({"peak_bytes": saving}) and saving.value >= least


def _still_needed(
    context: Context, held: HeldByName, reached: int, function: ast.AST | None, *, ended: bool
) -> str:
    """Why the name cannot go before line `reached`, or its function's end; "" if it can."""
    scope, name = held.statement.scope, held.name
    why = why_not_its_own(held.statement, name)
    if why:
        return why
    for node in walk(scope):
        within = isinstance(node, FUNCTIONS) and node is not scope and node is not function
        if within and used_by(node, scope, name):
            return f"{name} is used by a function within"
    if ended and function is None:
        return f"the function of {name} has ended: something else holds it"
    if not ended:
        why = _read_again(context, held, reached, function)
    return why or why_kept(held.statement, name)


def _read_again(context: Context, held: HeldByName, reached: int, function: ast.AST | None) -> str:
    scope, name = held.statement.scope, held.name
    loops = [loop for loop in walk(scope) if isinstance(loop, LOOPS)]
    around = [loop for loop in loops if loop.lineno <= reached <= (loop.end_lineno or 0)]
    made_at = held.statement.node.lineno
    for node in reads(held.statement, name, function):
        if end_of_statement(held.statement, node) >= reached:
            return f"{name} is read again in line {node.lineno}"
        for loop in around:
            inside = loop.lineno <= node.lineno <= (loop.end_lineno or 0)
            fresh = loop.lineno <= made_at <= node.lineno
            if inside and not fresh:
                return f"{name} is read again the next time around, in line {node.lineno}"
    return ""
