"""Large blocks that are live at the peak only because a name that nobody reads still holds them.

At the peak a function stands at or after the last of its lines that made something which is live
then. A local name that is not read there or later holds its block for nothing.
"""

from __future__ import annotations

import ast

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.source import FUNCTIONS, LOOPS, Statement, text_of
from memscope.advice.uses import loads
from memscope.capture.model import CodeFrame

KIND = "release-early"

LEAST_BYTES = 1 << 20
LARGE_BLOCK_BYTES = 64 << 10
LEAST_PEAK_SHARE = 0.05
LEAST_SAVED_SHARE = 0.09
MOST_BLOCKS = 4
_COMPREHENSIONS = ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>")
# Names like a class, or these: their results hold what they are given.
_HOLDERS = {"memoryview", "iter", "enumerate", "zip", "map", "filter", "reversed", "partial",
            "reader", "frombuffer", "asarray", "from_buffer", "cast", "islice", "chain",
            "finditer"}  # fmt: skip


def find(case: Case) -> Findings:
    """Names that could be deleted before the peak."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    least = max(LEAST_BYTES, LEAST_PEAK_SHARE * case.whole.peak_bytes)
    totals = case.capture.totals
    reached = _reached_at_peak(case)
    seen: set[tuple[str, int]] = set()
    for line in case.lines:
        if line.blocks.peak_bytes < least:
            continue
        large = case.large(line.rows, LARGE_BLOCK_BYTES)
        at_peak = [row for row in large if totals.peak_bytes[row]]
        if not at_peak:
            continue
        heaviest = max(at_peak, key=totals.peak_bytes.__getitem__)
        held = _holder(case, case.measures.row_stacks[heaviest])
        if held is None:
            continue
        node, frame, statement, name = held
        # Several at once: somebody collects them, and no one name holds them but a list's.
        several = sum(totals.peak_blocks[row] for row in at_peak) > MOST_BLOCKS
        if several and not _collects(statement):
            continue
        if (frame.file, frame.line) in seen:
            continue
        seen.add((frame.file, frame.line))
        made = _made_below(case, node, line)
        activation = _activation(case, node)
        last_read = _last_read(statement, name)
        later = _made_after(case, activation, last_read)
        found = _judge(case, made, reached.get(activation, 0), later, frame, statement, name)
        if isinstance(found, Advice):
            advice.append(found)
        elif found is not None:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _collects(statement: Statement) -> bool:
    value = getattr(statement.node, "value", None)
    return isinstance(value, ast.ListComp | ast.DictComp) and isinstance(
        statement.node, ast.Assign | ast.AnnAssign
    )


def _activation(case: Case, node: int) -> tuple[int, int]:
    nodes = case.measures.stacks.tables.nodes
    return nodes.parent[node], nodes.code[node]


def _reached_at_peak(case: Case) -> dict[tuple[int, int], int]:
    """For each function on a stack, by (caller's node, code), the last line with live blocks."""
    nodes = case.measures.stacks.tables.nodes
    holds = bytearray(len(nodes.parent))
    peak_blocks = case.capture.totals.peak_blocks
    for row, node in enumerate(case.measures.row_stacks):
        if peak_blocks[row]:
            holds[node] = 1
    last: dict[tuple[int, int], int] = {}
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
        name = _named(statement)
        if name:
            if _returned(statement, name):
                continue
            return own_node, frame, statement, name
        if not isinstance(statement.node, ast.Return) or number > 4:
            return None
    return None


def _named(statement: Statement) -> str:
    """The local name that a statement makes hold something, or makes hold more; "" if none."""
    node, target = statement.node, statement.target
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and isinstance(
        target, ast.Name
    ):
        return target.id
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        grows = isinstance(function, ast.Attribute) and function.attr in (
            "append", "extend", "write", "add", "update", "insert",
        )  # fmt: skip
        if grows and isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            return function.value.id
    return ""


def _returned(statement: Statement, name: str) -> bool:
    """Whether the function returns the name itself: its caller holds the block then."""
    return any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name
        for node in ast.walk(statement.scope)
    )


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


def _made_after(case: Case, activation: tuple[int, int], line: int) -> float:
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
            if (nodes.parent[above], nodes.code[above]) == activation:
                later[above] = nodes.line[above] > line
                break
            path.append(above)
            above = nodes.parent[above]
        later.update(dict.fromkeys(path, later[above]))
        if later[node]:
            made += peak_bytes[row]
    return made


def _judge(
    case: Case,
    made: list[Line],
    reached: int,
    later: float,
    frame: CodeFrame,
    statement: Statement,
    name: str,
) -> Advice | Rejected | None:
    made_at = statement.node.lineno
    ends_at = statement.node.end_lineno or made_at
    if reached <= ends_at:
        return None
    why = _still_needed(statement, name, reached, case)
    line = made[0]
    held = sum(item.blocks.peak_bytes for item in made)
    if statement.loop is not None and line.blocks.allocations > 1:
        # The next one is made before the name lets go of the last: that one is what can go.
        held -= line.blocks.mean_bytes
    if why:
        weight = min(held / case.whole.peak_bytes, 1.0) * 0.5
        return Rejected(KIND, frame, why, weight)
    saving = case.peak_saving(made, min(held, later))
    predicted: dict[Measure, Interval] = {"peak_bytes": saving}
    if not case.pays({"peak_bytes": saving}) or (
        saving.value < LEAST_SAVED_SHARE * case.whole.peak_bytes
    ):
        return Rejected(
            KIND, frame, "without it, another moment would be the peak, nearly as high", 0.4
        )
    last_read = _last_read(statement, name)
    return Advice(
        kind=KIND,
        site=frame,
        stack=case.heaviest_stack(line.rows, case.capture.totals.peak_bytes),
        summary=(
            f"{name} is not read after line {last_read}, but is held at the peak"
            f" (line {reached} or later)"
        ),
        evidence={
            "peak_bytes": round(held),
            "peak_share": held / case.whole.peak_bytes,
            "name": name,
            "last_read_line": last_read,
            "peak_line_at_least": reached,
        },
        predicted=predicted,
        modelled=(
            "what is live at the peak is measured; that the name alone holds it is read from the"
            " source"
        ),
        cost="none",
        confidence=0.8,
        fix=Fix(
            f"delete the name after line {last_read}, or end its function there",
            f"del {name}  # after line {last_read}",
        ),
    )


def _last_read(statement: Statement, name: str) -> int:
    lines = [node.end_lineno or node.lineno for node in loads(statement.scope, name)]
    return max(lines, default=statement.node.end_lineno or statement.node.lineno)


def _still_needed(statement: Statement, name: str, reached: int, case: Case) -> str:
    """Why the name cannot go before line `reached`; "" if it can."""
    scope = statement.scope
    for node in ast.walk(scope):
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return f"{name} is not local"
        if isinstance(node, ast.Delete) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            return f"{name} is deleted already"
        if node is not scope and isinstance(node, FUNCTIONS) and loads(node, name):
            return f"{name} is used by a function within"
    loops = [loop for loop in ast.walk(scope) if isinstance(loop, LOOPS)]
    around = [loop for loop in loops if loop.lineno <= reached <= (loop.end_lineno or 0)]
    made_at = statement.node.lineno
    for node in loads(scope, name):
        last = _end_of_statement(case, statement, node)
        if last >= reached:
            return f"{name} is read again in line {node.lineno}"
        for loop in around:
            inside = loop.lineno <= node.lineno <= (loop.end_lineno or 0)
            fresh = loop.lineno <= made_at <= node.lineno
            if inside and not fresh:
                return f"{name} is read again the next time around, in line {node.lineno}"
    return _kept(statement, name)


def _end_of_statement(case: Case, statement: Statement, node: ast.Name) -> int:
    """The last line of the statement that reads a name: until then it is in use."""
    found = None
    for item in ast.walk(statement.scope):
        if (
            isinstance(item, ast.stmt)
            and item is not statement.scope
            and item.lineno <= node.lineno <= (item.end_lineno or item.lineno)
            and (found is None or item.lineno >= found.lineno)
        ):
            found = item
    if found is None:
        return node.lineno
    if isinstance(found, ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith):
        # Iterated or entered: it is held until the end of the block.
        return found.end_lineno or found.lineno
    body = getattr(found, "body", None)
    if isinstance(body, list) and body:
        return node.lineno
    return found.end_lineno or found.lineno


def _kept(statement: Statement, name: str) -> str:
    """Whether somebody else got hold of what the name holds."""
    for node in ast.walk(statement.scope):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            value = node.value
            if isinstance(value, ast.Name) and value.id == name:
                return f"{name} has another name, {text_of(node, 40)}"
            if isinstance(value, ast.Tuple | ast.List | ast.Dict) and loads(value, name):
                return f"{name} is put into a container"
        if isinstance(node, ast.Yield) and node.value is not None and loads(node.value, name):
            return f"{name} is yielded"
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            given = [*node.args, *(item.value for item in node.keywords)]
            if not any(isinstance(item, ast.Name) and item.id == name for item in given):
                continue
            if called in ("append", "add", "put", "setdefault", "extend", "insert", "submit"):
                return f"{name} is put into a container"
            if called in _HOLDERS or called.lstrip("_")[:1].isupper():
                return f"{name} is held by what {called}() gives"
    return ""
