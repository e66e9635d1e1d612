"""Objects that are dear to make, made and dropped over and over.

What counts is the constructor, not the object: a constructor that allocates much, or one that is
known to take long. A pool of anything cheaper loses: `list.pop` and `append` take 0.1 µs, a class
with two attributes 0.2.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memscope.advice.evidence import OBJ_DOMAIN, Blocks, Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.pools import is_pool_frame
from memscope.advice.source import Source, Statement, bound_names, method_name, text_of
from memscope.advice.taint import depending_lines, name_of, parameters_given
from memscope.capture.model import CodeFrame

KIND = "pool"

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
MOST_LEVELS = 3  # of constructors called by constructors
# Made of their argument: to give one that was kept another costs as much.
SEEDED = {"random.Random"}
# Seconds to make one, the lower of those measured on CPython 3.11 to 3.13.
KNOWN_S = {
    "random.Random": 12e-6,
    "sqlite3.connect": 18e-6,
    "ssl.create_default_context": 2e-3,
    "concurrent.futures.ThreadPoolExecutor": 50e-6,
    "concurrent.futures.thread.ThreadPoolExecutor": 50e-6,
    "requests.Session": 50e-6,
    "requests.sessions.Session": 50e-6,
}  # fmt: skip


def find(case: Case) -> Findings:
    """`find_constructors`, under the name that all kinds have."""
    return find_constructors(case)


def find_constructors(case: Case) -> Findings:
    """Calls of constructors that are worth a pool."""
    made = [made for line in _candidates(case) if (made := _made(case, line)) is not None]
    # What is made within another that is advised is not advised again; of something made of what
    # it is given, what it makes of nothing is what can be kept.
    made.sort(key=lambda item: bool(item.given))
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    taken: set[int] = set()
    for item in made:
        found = _judge(case, item, taken)
        if isinstance(found, Advice):
            advice.append(found)
            taken.update(item.line.rows)
        elif found is not None:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _candidates(case: Case) -> Iterator[Line]:
    seen: set[int] = set()
    for line in (*_callers_of_init(case), *case.lines):
        if line.key not in seen and line.blocks.allocations >= LEAST_COUNT:
            seen.add(line.key)
            yield line


def _callers_of_init(case: Case) -> list[Line]:
    """Lines that call an `__init__` of own code, with all that was allocated within it.

    The outermost first: a pool keeps what it makes with all within.
    """
    stacks = case.measures.stacks
    nodes, codes = stacks.tables.nodes, stacks.tables.codes
    initialises = [name.endswith("__init__") for name in codes.function]
    own, importing = stacks.own, stacks.importing
    callers: list[tuple[int, ...]] = [()] * len(nodes.parent)
    for node, (parent, code) in enumerate(zip(nodes.parent, nodes.code, strict=True)):
        above = callers[node] = callers[parent]
        called = code and initialises[code] and own[node] == node and own[parent] == parent
        if called and len(above) < MOST_LEVELS:
            callers[node] = (*above, parent)
    rows_of: dict[int, list[int]] = {}
    first: dict[int, tuple[int, int]] = {}  # how deep a line calls a constructor, and where
    for row, node in enumerate(case.measures.row_stacks):
        if importing[node]:
            continue
        for level, called_from in enumerate(callers[node]):
            key = stacks.line_keys[called_from]
            rows = rows_of.setdefault(key, [])
            if not rows or rows[-1] != row:
                rows.append(row)
            first[key] = min(first.get(key, (level, called_from)), (level, called_from))
    return [
        Line(key, first[key][1], stacks.frame(first[key][1]), case.blocks(rows_of[key]))
        for key in sorted(rows_of, key=lambda key: first[key])
    ]


@dataclass(frozen=True, slots=True)
class _Made:
    """Objects that a line makes. `given`: what its call has that is another's each time."""

    line: Line
    statement: Statement
    call: ast.Call
    name: str
    full_name: str
    given: tuple[str, ...]


def _made(case: Case, line: Line) -> _Made | None:
    statement, source = case.statement(line.frame), case.sources.of(line.frame.file)
    if statement is None or source is None:
        return None
    call = _constructor(statement, source)
    if call is None or is_pool_frame(case, line.frame):
        return None
    given = tuple(_of_the_call(case, statement, call))
    return _Made(line, statement, call, text_of(call.func, 30), source.full_name(call), given)


def _judge(case: Case, made: _Made, taken: set[int]) -> Advice | Rejected | None:
    line, name = made.line, made.name
    known = KNOWN_S.get(made.full_name)
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
    if count < LEAST_COUNT or line.blocks.released < LEAST_RELEASED * line.blocks.allocations:
        return None
    if sum(totals.allocations[row] for row in line.rows if row in taken) > (
        0.5 * line.blocks.allocations
    ):
        return None
    if made.full_name in SEEDED and (made.call.args or made.call.keywords):
        why = f"{name}(…) is seeded, which is what takes the time: one that was kept is seeded anew"
        return Rejected(KIND, line.frame, why, 0.2)
    each = known or _seconds_each(case, line.blocks, count)
    if each < LEAST_SECONDS_EACH:
        return None
    blocks = line.blocks
    if known is None:
        # What others are advised for is not saved twice.
        kept = [row for row in _to_keep(case, made) if row not in taken]
        blocks = case.blocks(kept)
        each = _seconds_each(case, blocks, count)
        if each < LEAST_SECONDS_EACH:
            return Rejected(
                KIND,
                line.frame,
                f"{name}() is made of what it is given ({', '.join(made.given)}): one that was"
                " kept would have to be filled again, at the same cost",
                0.2,
            )
    most = min(
        (totals.max_live_blocks[row] for row in line.rows if totals.allocations[row] >= count),
        default=line.blocks.max_live_low,
    )
    hits = max(count - most, 0.0)
    value = hits * (each - POOL_S)
    # Only what allocates is seen of a constructor: fixes measured 1.1 to 4.5 times as much.
    saved = Interval(0.7 * value, 1.6 * value, 4.5 * value)
    if most > max(MOST_LIVE, MOST_LIVE_SHARE * count) or not case.pays({"cpu_s": saved}):
        return Rejected(
            KIND,
            line.frame,
            f"{count:,.0f} {name}() of about {each * 1e6:.1f} µs each:"
            f" {min(saved.value, case.whole.cpu_s) * 1e3:.1f} ms in all,"
            f" with up to {most:,.0f} at once",
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
            "allocations_each": blocks.allocations / count,
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
            f"try:\n    it = free.pop()\nexcept IndexError:\n    it = {text_of(made.call)}\n"
            "...\nfree.append(it)  # when done with it, reset",
        ),
    )


def _seconds_each(case: Case, blocks: Blocks, count: float) -> float:
    each_s = case.costs.small_allocation_s + STEP_S
    size = blocks.allocated_bytes / count
    return blocks.allocations / count * each_s + case.costs.zeroing(size)


def _to_keep(case: Case, made: _Made) -> list[int]:
    """Of the rows of objects those that do not depend on what each is given.

    Tables, buffers and other objects that a constructor makes of constants are there already in
    one that was kept; what it makes of its arguments has to be made again. What a library's does
    with them is not known: it may be what takes the time.
    """
    rows = made.line.rows
    if not made.given:
        return list(rows)
    depending: dict[CodeFrame, bool] = {}
    found = []
    for row in rows:
        frame = _constructors_frame(case, made.line.key, case.measures.row_stacks[row])
        if frame is None:
            continue
        if frame not in depending:
            depending[frame] = _depends(case, made, frame)
        if not depending[frame]:
            found.append(row)
    return found


def _constructors_frame(case: Case, key: int, node: int) -> CodeFrame | None:
    """The frame that the line called, if it is a constructor of own code."""
    stacks = case.measures.stacks
    parents = stacks.tables.nodes.parent
    while parents[node] and stacks.line_keys[parents[node]] != key:
        node = parents[node]
    frame = stacks.frame(node)
    return frame if parents[node] and frame.function.endswith("__init__") else None


def _depends(case: Case, made: _Made, frame: CodeFrame) -> bool:
    """Whether a line of the constructor works with what the call gives it."""
    statement = case.statement(frame)
    start = None if statement is None else statement.function
    if statement is None or start is None or start.name != "__init__":
        return True
    given = parameters_given(start, made.call, set(made.given))
    return frame.line in depending_lines(start, given, statement.enclosing_class)


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


def _of_the_call(case: Case, statement: Statement, call: ast.Call) -> list[str]:
    """Names among the arguments that have other values each time."""
    function = statement.function
    if function is None:
        # The module's own code runs once: only what its loops go through changes.
        local = bound_names(statement.node if statement.loop is None else statement.loop)
    else:
        given = function.args
        local = {item.arg for item in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
        for node in function.body:
            local |= bound_names(node)
    local -= {"self", "cls"}
    local |= _changing_attributes(case, statement)
    values = [*call.args, *(item.value for item in call.keywords)]
    names = [name_of(node) for value in values for node in ast.walk(value)]
    return list(dict.fromkeys(name for name in names if name in local))


def _changing_attributes(case: Case, statement: Statement) -> set[str]:
    """Attributes of one's own that hold now this and now that: `self.row`.

    What is set after the constructor; or all, where there are as many objects as calls.
    """
    owner = statement.enclosing_class
    if owner is None:
        return set()
    many = case.instances.get(owner.name, 0.0) >= LEAST_COUNT
    return {
        name_of(node)
        for method in owner.body
        if many or getattr(method, "name", "__init__") != "__init__"
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    } - {""}


def is_known(call: ast.Call, source: Source | None) -> bool:
    """Whether it is known how long a call takes: longer than a pool."""
    return source is not None and source.full_name(call) in KNOWN_S


def _constructor(statement: Statement, source: Source) -> ast.Call | None:
    """The call of a known dear constructor, or of something named like a class."""
    calls = statement.calls()
    for call in calls:
        if is_known(call, source):
            return call
    for call in calls:
        name = method_name(call).lstrip("_")
        if name[:1].isupper() and not name.isupper():
            return call
    return None
