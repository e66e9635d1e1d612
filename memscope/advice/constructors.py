"""Objects that are dear to make, made and dropped over and over.

What counts is the constructor, not the object: a constructor that allocates much, or one that is
known to take long. A pool of anything cheaper loses: `list.pop` and `append` take 0.1 µs, a class
with two attributes 0.2.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.pools import is_pool_frame
from memscope.advice.source import Statement, bound_names, called_name, method_name, text_of
from memscope.capture.format import DOMAINS

KIND = "pool"
OBJ_DOMAIN = DOMAINS.index("obj")

LEAST_COUNT = 100
LEAST_RELEASED = 0.9
MOST_LIVE = 64
MOST_LIVE_SHARE = 0.05
LEAST_SECONDS_EACH = 5e-6
POOL_S = 0.5e-6
# A Python line that allocates takes at least this long besides the allocation.
STEP_S = 50e-9
NEARLY_WHOLE = 0.02
MOST_BLOCKS_EACH = 8
# Made of their argument: to give one that was kept another costs as much.
SEEDED = {"random.Random", "Random"}
# Seconds to make one, the lower of those measured on CPython 3.11 to 3.13.
KNOWN_S = {
    "random.Random": 12e-6, "Random": 12e-6,
    "sqlite3.connect": 18e-6,
    "ssl.create_default_context": 2e-3, "create_default_context": 2e-3,
    "ThreadPoolExecutor": 50e-6, "futures.ThreadPoolExecutor": 50e-6,
    "requests.Session": 50e-6, "Session": 50e-6,
}  # fmt: skip


def find(case: Case) -> Findings:
    """`find_constructors`, under the name that all kinds have."""
    return find_constructors(case)


def find_constructors(case: Case) -> Findings:
    """Calls of constructors that are worth a pool."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    seen: set[int] = set()
    for line in (*_callers_of_init(case), *case.lines):
        if line.key in seen or line.blocks.allocations < LEAST_COUNT:
            continue
        seen.add(line.key)
        statement = case.statement(line.frame)
        if statement is None or is_pool_frame(case, line.frame):
            continue
        found = _judge(case, line, statement)
        if isinstance(found, Advice):
            advice.append(found)
        elif found is not None:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _callers_of_init(case: Case) -> list[Line]:
    """Lines that call an `__init__` of own code, with all that was allocated within it."""
    stacks = case.measures.stacks
    nodes, codes = stacks.tables.nodes, stacks.tables.codes
    initialises = [name.endswith("__init__") for name in codes.function]
    own, importing = stacks.own, stacks.importing
    caller = [0] * len(nodes.parent)
    for node, (parent, code) in enumerate(zip(nodes.parent, nodes.code, strict=True)):
        # The outermost constructor counts: a pool keeps what it makes with all within.
        if caller[parent]:
            caller[node] = caller[parent]
        elif code and initialises[code] and own[node] == node and own[parent] == parent:
            caller[node] = parent
    rows_of: dict[int, list[int]] = {}
    frames: dict[int, int] = {}
    for row, node in enumerate(case.measures.row_stacks):
        called_from = caller[node]
        if called_from and not importing[node]:
            key = stacks.line_keys[called_from]
            rows_of.setdefault(key, []).append(row)
            frames.setdefault(key, called_from)
    return [
        Line(key, frames[key], stacks.frame(frames[key]), case.blocks(rows))
        for key, rows in rows_of.items()
    ]


def _judge(case: Case, line: Line, statement: Statement) -> Advice | Rejected | None:
    call = _constructor(statement)
    if call is None:
        return None
    known = KNOWN_S.get(called_name(call))
    totals = case.capture.totals
    # The object itself is allocated by the line; what its constructor makes comes on top.
    rows = case.capture.tables.rows
    keys = case.measures.stacks.line_keys
    count = likely_calls(
        [
            totals.allocations[row]
            for row in case.lines_rows(line.key)
            if keys[rows.stack[row]] == line.key and rows.domain[row] == OBJ_DOMAIN
        ]
    )
    blocks = line.blocks
    if count < LEAST_COUNT or blocks.released < LEAST_RELEASED * blocks.allocations:
        return None
    per_object = blocks.allocations / count
    each = known or (
        per_object * (case.costs.small_allocation_s + STEP_S)
        + case.costs.zeroing(blocks.allocated_bytes / count)
    )
    most = min(
        (totals.max_live_blocks[row] for row in line.rows if totals.allocations[row] >= count),
        default=blocks.max_live_low,
    )
    if each < LEAST_SECONDS_EACH:
        return None
    name = text_of(call.func, 30)
    given = _of_the_call(statement, call)
    if called_name(call) in SEEDED and (call.args or call.keywords):
        why = f"{name}(…) is seeded, which is what takes the time: one that was kept is seeded anew"
        return Rejected(KIND, line.frame, why, 0.2)
    if known is None and given and (len(given) > 1 or _works_on(case, line, call)):
        return Rejected(
            KIND,
            line.frame,
            f"{name}() is made of what it is given ({', '.join(given)}): one that was kept would"
            " have to be filled again, at the same cost",
            0.2,
        )
    hits = max(count - most, 0.0)
    value = hits * (each - POOL_S)
    # Only what allocates is seen of a constructor: fixes measured 1.1 to 4.5 times as much.
    whole_s = case.whole.cpu_s
    saved = Interval(
        min(0.7 * value, whole_s), min(1.6 * value, whole_s), min(4.5 * value, whole_s)
    )
    if most > max(MOST_LIVE, MOST_LIVE_SHARE * count) or not case.pays({"cpu_s": saved}):
        return Rejected(
            KIND,
            line.frame,
            f"{count:,.0f} {name}() of about {each * 1e6:.1f} µs each: {saved.value * 1e3:.1f} ms"
            f" in all, with up to {most:,.0f} at once",
            min(case.whole.share("cpu_s", saved.value) * 2, 0.4),
        )
    predicted: dict[Measure, Interval] = {"cpu_s": saved}
    return Advice(
        kind=KIND,
        site=line.frame,
        stack=case.stack(line.node),
        summary=f"{name} is made and dropped {count:,.0f} times, at {each * 1e6:.0f} µs each",
        evidence={
            "objects": round(count),
            "allocations_each": per_object,
            "most_live": round(most),
            "seconds_each": each,
        },
        predicted=predicted,
        modelled=(
            "objects and allocations are measured; the time of one is "
            + ("what others measured" if known else "modelled from its allocations")
        ),
        cost=f"{max(most, 1):,.0f} of them stay; each must be reset before it is used again",
        confidence=0.75 if known else 0.6,
        fix=Fix(
            "keep those that are done with in a list and hand them out again, or make one and"
            " keep it where only one is used at a time",
            "free = []  # at module level\n"
            f"try:\n    it = free.pop()\nexcept IndexError:\n    it = {text_of(call)}\n"
            "...\nfree.append(it)  # when done with it, reset",
        ),
    )


def _works_on(case: Case, line: Line, call: ast.Call) -> bool:
    """Whether a constructor works on what it is given, rather than only to store it.

    What a library's does with it is not known: it may be what takes the time.
    """
    source = case.sources.of(line.frame.file)
    made = None if source is None else source.classes.get(method_name(call))
    start = None
    for item in made.body if made is not None else ():
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            start = item
    if start is None:
        return True
    given = {item.arg for item in (*start.args.posonlyargs, *start.args.args)[1:]}
    stored = {
        id(node.value)
        for node in ast.walk(start)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
    }
    return any(
        isinstance(node, ast.Name) and node.id in given and id(node) not in stored
        for statement in start.body
        for node in ast.walk(statement)
    )


def likely_calls(counts: Sequence[float]) -> float:
    """How often a line ran, told from how many blocks of each size it had.

    A call makes one block of a size, or two, or three: the count is the one that the most of them
    are whole multiples of. Sizes that free lists serve in part are no multiples of anything.
    """

    def multiples(count: float) -> float:
        return sum(
            abs(other / count - round(other / count)) <= NEARLY_WHOLE
            for other in counts
            if other >= count
        )

    least = max(LEAST_COUNT, max(counts, default=0) / MOST_BLOCKS_EACH)
    likely = [count for count in counts if count >= least]
    return max(likely, key=lambda count: (multiples(count), count), default=0.0)


def _of_the_call(statement: Statement, call: ast.Call) -> list[str]:
    """Names among the arguments that each call of the function has its own values for."""
    function = statement.function
    if function is None:
        return []
    arguments = function.args
    local = {item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    for node in function.body:
        local |= bound_names(node)
    local -= {"self", "cls"}
    values = [*call.args, *(item.value for item in call.keywords)]
    names = [node for value in values for node in ast.walk(value) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(node.id for node in names if node.id in local))


def _constructor(statement: Statement) -> ast.Call | None:
    """The call of a known dear constructor, or of something named like a class."""
    calls = statement.calls()
    for call in calls:
        if called_name(call) in KNOWN_S:
            return call
    for call in calls:
        name = method_name(call).lstrip("_")
        if name[:1].isupper() and not name.isupper():
            return call
    return None
