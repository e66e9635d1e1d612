"""Large blocks that are live at the peak only because a name that nobody reads still holds them.

At the peak a function stands at or after the last of its lines that made something which is live
then. A local name that is not read there or later holds its block for nothing. So does an attribute
that only functions read which have ended.
"""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass

from memscope.advice.attributes import unread_attribute
from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Rejected
from memscope.advice.names import (
    end_of_statement,
    line_of_last_read,
    named,
    reads,
    returned,
    why_kept,
    why_not_its_own,
)
from memscope.advice.outliving import (
    Activation,
    Reached,
    activation_of,
    ended_by,
    keeper_of,
    pauses,
    summing_function,
)
from memscope.advice.source import FUNCTIONS, LOOPS, Statement
from memscope.advice.uses import loads
from memscope.capture.model import CodeFrame

KIND = "release-early"

LEAST_BYTES = 1 << 20
LARGE_BLOCK_BYTES = 64 << 10
LEAST_PEAK_SHARE = 0.05
LEAST_SAVED_SHARE = 0.09
MOST_BLOCKS = 4
_COMPREHENSIONS = ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>")


@dataclass(frozen=True, slots=True)
class _Held:
    """A local name, and the line whose blocks it holds at the peak."""

    line: Line
    node: int  # of the frame whose name it is
    frame: CodeFrame
    statement: Statement
    name: str
    blocks: float  # large ones of the line at the peak
    once: bool  # whether the heaviest of them is the only one of its size ever made

    @property
    def several(self) -> bool:
        """Whether somebody collects them: no one name holds them but a list's."""
        return self.blocks > MOST_BLOCKS and not _collects(self.statement)

    @property
    def ends_at(self) -> int:
        return self.statement.node.end_lineno or self.statement.node.lineno


def find(case: Case) -> Findings:
    """Names that could be deleted before the peak."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    least = max(LEAST_BYTES, LEAST_PEAK_SHARE * case.whole.peak_bytes)
    reached = _reached_at_peak(case)
    seen: set[tuple[str, int]] = set()
    for line in case.lines:
        if line.blocks.peak_bytes < least:
            continue
        held = _held(case, line)
        if held is None:
            unread = _in_attribute(case, line, reached)
            if isinstance(unread, Advice):
                advice.append(unread)
            elif unread is not None:
                rejected.append(unread)
            continue
        if (held.frame.file, held.frame.line) in seen:
            continue
        by_exception = _kept_by_exception(case, held, reached)
        if by_exception is None and held.several:
            continue
        seen.add((held.frame.file, held.frame.line))
        found = by_exception or _judge(case, held, reached)
        if isinstance(found, Advice):
            advice.append(found)
        elif found is not None:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _held(case: Case, line: Line) -> _Held | None:
    totals = case.capture.totals
    large = case.large(line.rows, LARGE_BLOCK_BYTES)
    at_peak = [row for row in large if totals.peak_blocks[row]]
    if not at_peak:
        return None
    heaviest = max(at_peak, key=totals.peak_bytes.__getitem__)
    holder = _holder(case, case.measures.row_stacks[heaviest])
    if holder is None:
        return None
    once = totals.allocations[heaviest] - totals.reallocations[heaviest] <= 1
    return _Held(line, *holder, sum(totals.peak_blocks[row] for row in at_peak), once)


def _collects(statement: Statement) -> bool:
    value = getattr(statement.node, "value", None)
    return isinstance(value, ast.ListComp | ast.DictComp) and isinstance(
        statement.node, ast.Assign | ast.AnnAssign
    )


def _reached_at_peak(case: Case) -> dict[Activation, int]:
    """For each function on a stack, by (caller's node, code), the last line with live blocks."""
    nodes = case.measures.stacks.tables.nodes
    holds = bytearray(len(nodes.parent))
    peak_blocks = case.capture.totals.peak_blocks
    for row, node in enumerate(case.measures.row_stacks):
        if peak_blocks[row]:
            holds[node] = 1
    last: dict[Activation, int] = {}
    for node in range(len(holds) - 1, 0, -1):
        if holds[node]:
            parent = nodes.parent[node]
            holds[parent] = 1
            key = parent, nodes.code[node]
            last[key] = max(last.get(key, 0), nodes.line[node])
    return last


def _holder(case: Case, node: int) -> tuple[int, CodeFrame, Statement, str] | None:
    """The name that a block's way up the stack ends in: `data = load()` for what load returns."""
    for number, (own_node, frame) in enumerate(case.own_frames(node)):
        if frame.function.endswith(_COMPREHENSIONS):
            continue  # up to 3.11 a frame of its own: the name is its caller's
        statement = case.statement(frame)
        if statement is None:
            return None
        name = named(statement)
        if name:
            if returned(statement, name):
                continue
            return own_node, frame, statement, name
        if not isinstance(statement.node, ast.Return) or number > 4:
            return None
    return None


def _made_below(case: Case, node: int, line: Line) -> list[Line]:
    """The line, and other own lines that made something live at the peak when the name was given.

    `shapes = Counter(map(fingerprint, words))` also holds what fingerprint() made.
    """
    parents = case.measures.stacks.tables.nodes.parent
    peak_bytes = case.capture.totals.peak_bytes
    found = [line]
    for other in case.lines:
        if other.key == line.key or other.blocks.peak_bytes < LARGE_BLOCK_BYTES:
            continue
        heaviest = max(other.rows, key=peak_bytes.__getitem__)
        above = case.measures.row_stacks[heaviest]
        while above > node:
            above = parents[above]
        if above == node:
            found.append(other)
    return found


def _activations(case: Case, held: _Held, reached: Reached) -> set[Activation]:
    """The function's calls. What pauses may go on from another line than the one that called it:
    if it made the block only once, all of them are one.
    """
    activation = activation_of(case, held.node)
    if not held.once or not pauses(held.statement.scope):
        return {activation}
    return {activation, *(key for key in reached if key[1] == activation[1])}


def _made_after(case: Case, activations: set[Activation], line: int) -> float:
    """Bytes live at the peak that a running function had made after a line of its own.

    When it had done with that line all else was there already: the peak cannot fall further.
    """
    nodes, peak_bytes = case.measures.stacks.tables.nodes, case.capture.totals.peak_bytes
    later: dict[int, bool] = {0: False}
    made = 0.0
    for row, node in enumerate(case.measures.row_stacks):
        if not peak_bytes[row]:
            continue
        path = []
        above = node
        while above not in later:
            if activation_of(case, above) in activations:
                later[above] = nodes.line[above] > line
                break
            path.append(above)
            above = nodes.parent[above]
        later.update(dict.fromkeys(path, later[above]))
        if later[node]:
            made += peak_bytes[row]
    return made


def _kept_by_exception(case: Case, held: _Held, reached: Reached) -> Advice | None:
    """What exceptions hold that somebody keeps: the frames that they left, with their names."""
    statement, name = held.statement, held.name
    if statement.function is None:
        return None
    keeper = keeper_of(case, held.node, held.ends_at)
    if keeper is None or why_not_its_own(statement, name) or why_kept(statement, name):
        return None
    over = ended_by(case, held.node, reached) is not None
    # Unless the function is known to have ended, one of them may be that of a call under way.
    kept = min(keeper.kept, held.blocks if over else held.blocks - 1)
    if kept < 1:
        return None
    made = _made_below(case, held.node, held.line)
    share = kept / held.blocks
    saving = case.peak_saving(made, sum(item.blocks.peak_bytes for item in made) * share)
    if not _pays(case, saving):
        return None
    place = f"{os.path.basename(keeper.frame.file)}:{keeper.frame.line}"
    return _advice(
        case,
        held,
        made,
        saving,
        summary=(
            f"{name} is held at the peak by exceptions that line {place} keeps: each has its"
            " traceback, that has the frames it came through, and those have their local names"
        ),
        evidence={"kept_by": place, "exceptions": round(kept)},
        modelled=(
            "what is live at the peak is measured, and tracebacks with it; that they hold the name"
            " is read from the source"
        ),
        confidence=0.75,
        fix=Fix(
            f"keep the exception without its traceback in line {place}, or only what it says",
            f"{keeper.name} = {keeper.name}.with_traceback(None)  # before it is kept",
        ),
    )


def _in_attribute(case: Case, line: Line, reached: Reached) -> Advice | Rejected | None:
    """What an attribute holds that nobody reads after the functions that did have ended."""
    totals, stacks = case.capture.totals, case.measures.stacks
    at_peak = [row for row in case.large(line.rows, LARGE_BLOCK_BYTES) if totals.peak_blocks[row]]
    if sum(totals.peak_blocks[row] for row in at_peak) != 1:
        return None
    unread = unread_attribute(case, case.measures.row_stacks[at_peak[0]], reached)
    if unread is None:
        return None
    held = _Held(line, unread.node, unread.frame, unread.statement, unread.name, 1, once=True)
    rows = at_peak
    if unread.items:
        of = case.measures.row_stacks
        rows = [row for row in line.rows if stacks.own[of[row]] == unread.node]
    bytes_held = sum(totals.peak_bytes[row] for row in rows)
    made_since = [_made_after(case, {caller}, since) for caller, since in unread.ended]
    saving = case.peak_saving([line], min(bytes_held, *made_since))
    readers = " and ".join(f"{name}()" for name in unread.readers)
    if not _pays(case, saving):
        why = "without it, another moment would be the peak, nearly as high"
        return Rejected(KIND, held.frame, why, 0.4)
    return _advice(
        case,
        held,
        [line],
        saving,
        summary=(
            f"{unread.name} is read in {readers} alone, but is held at the peak by an"
            " object that is needed for its other attributes"
        ),
        evidence={"read_by": readers},
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


def _judge(case: Case, held: _Held, reached_by: Reached) -> Advice | Rejected | None:
    statement, name = held.statement, held.name
    activations = _activations(case, held, reached_by)
    reached = max(reached_by.get(key, 0) for key in activations)
    ended = ended_by(case, held.node, reached_by)
    function = summing_function(statement, name)
    if reached <= held.ends_at and (ended is None or function is None):
        return None
    last_read = line_of_last_read(statement, name, function)
    made = _made_below(case, held.node, held.line)
    bytes_held = sum(item.blocks.peak_bytes for item in made)
    if statement.loop is not None and held.line.blocks.allocations > 1:
        # The next one is made before the name lets go of the last: that one is what can go.
        bytes_held -= held.line.blocks.mean_bytes
    why = _still_needed(case, held, reached, function, ended=ended is not None)
    if why:
        weight = min(bytes_held / case.whole.peak_bytes, 1.0) * 0.5
        return Rejected(KIND, held.frame, why, weight)
    after, since = ({ended[0]}, ended[1]) if ended else (activations, last_read)
    saving_most = min(bytes_held, _made_after(case, after, since))
    saving = case.peak_saving(made, saving_most)
    if not _pays(case, saving):
        why = "without it, another moment would be the peak, nearly as high"
        return Rejected(KIND, held.frame, why, 0.4)
    evidence: dict[str, float | str] = {
        "last_read_line": last_read,
        "peak_line_at_least": reached,
    }
    if function is not None:
        return _held_by_function(case, held, made, saving, evidence, function)
    return _advice(
        case,
        held,
        made,
        saving,
        summary=(
            f"{name} is not read after line {last_read}, but is held at the peak"
            f" (line {reached} or later)"
        ),
        evidence=evidence,
        modelled=(
            "what is live at the peak is measured; that the name alone holds it is read from the"
            " source"
        ),
        confidence=0.8,
        fix=Fix(
            f"delete the name after line {last_read}, or end its function there",
            f"del {name}  # after line {last_read}",
        ),
    )


def _held_by_function(
    case: Case,
    held: _Held,
    made: list[Line],
    saving: Interval,
    evidence: dict[str, float | str],
    function: ast.AST,
) -> Advice:
    line = getattr(function, "lineno", 0)
    return _advice(
        case,
        held,
        made,
        saving,
        summary=(
            f"{held.name} is held at the peak by the function of line {line}, which only makes a"
            " few numbers of it"
        ),
        evidence={**evidence, "function_line": line},
        modelled=(
            "what is live at the peak is measured; that the function within alone holds it, and"
            " that it may answer at once, is read from the source"
        ),
        confidence=0.6,
        fix=Fix(
            f"work out what the function of line {line} gives before, and let it give that",
            f"result = ...  # of {held.name}, as in line {line}\nlambda: result",
        ),
    )


def _advice(
    case: Case,
    held: _Held,
    made: list[Line],
    saving: Interval,
    *,
    summary: str,
    evidence: dict[str, float | str],
    modelled: str,
    confidence: float,
    fix: Fix,
) -> Advice:
    bytes_held = sum(item.blocks.peak_bytes for item in made)
    return Advice(
        kind=KIND,
        site=held.frame,
        stack=case.heaviest_stack(held.line.rows, case.capture.totals.peak_bytes),
        summary=summary,
        evidence={
            "peak_bytes": round(bytes_held),
            "peak_share": bytes_held / case.whole.peak_bytes,
            "name": held.name,
            **evidence,
        },
        predicted={"peak_bytes": saving},
        modelled=modelled,
        cost="none",
        confidence=confidence,
        fix=fix,
    )


def _pays(case: Case, saving: Interval) -> bool:
    least = LEAST_SAVED_SHARE * case.whole.peak_bytes
    return case.pays({"peak_bytes": saving}) and saving.value >= least


def _still_needed(
    case: Case, held: _Held, reached: int, function: ast.AST | None, *, ended: bool
) -> str:
    """Why the name cannot go before line `reached`, or its function's end; "" if it can."""
    scope, name = held.statement.scope, held.name
    why = why_not_its_own(held.statement, name)
    if why:
        return why
    for node in ast.walk(scope):
        within = isinstance(node, FUNCTIONS) and node is not scope and node is not function
        if within and loads(node, name):
            return f"{name} is used by a function within"
    if ended and function is None:
        return f"the function of {name} has ended: something else holds it"
    if not ended:
        why = _read_again(case, held, reached, function)
    return why or why_kept(held.statement, name)


def _read_again(case: Case, held: _Held, reached: int, function: ast.AST | None) -> str:
    scope, name = held.statement.scope, held.name
    loops = [loop for loop in ast.walk(scope) if isinstance(loop, LOOPS)]
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
