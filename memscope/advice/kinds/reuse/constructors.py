"""Objects that are dear to make, made and dropped over and over.

What counts is the constructor, not the object: a constructor that allocates much, or one that is
known to take long. A pool of anything cheaper loses: `list.pop` and `append` take 0.1 µs, a class
with two attributes 0.2.
"""

from __future__ import annotations

import ast
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

from memscope.advice.context import Context
from memscope.advice.evidence.calls import likely_calls
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.rows import IS_OBJ, Blocks
from memscope.advice.facts import Fact, assumed, measured, modelled, read
from memscope.advice.kinds.pools.recognition import is_pool_frame
from memscope.advice.kinds.reuse.reusable import is_closed, why_used_once
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.policy import Constructors
from memscope.advice.program.expressions import code_of, method_name, text_of
from memscope.advice.program.known_costs import KNOWN_S, is_known
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement, bound_names
from memscope.advice.program.taint import depending_lines, name_of, parameters_given
from memscope.advice.program.walking import walk
from memscope.analysis.stacks import Stacks
from memscope.analysis.units import cost_text
from memscope.capture.columns import (
    balanced,
    chosen,
    entries_by_value,
    flags,
    gathered,
    largest,
    mark_at_least,
    members,
    nearest,
    nearest_of,
    numbered,
    only_where,
    scatter,
    sums_of_keys,
    typecode_of,
    zeros,
)
from memscope.capture.model import CodeFrame

NAME = "pool"

NOT_RESET = "when one is done with, and how it is reset, the source does not say"
POOL_S = 0.5e-6
FEW_TO_SORT = 128  # rows for each that is sorted: with fewer it is faster to go through all
# Made of their argument: to give one that was kept another costs as much.
SEEDED = {"random.Random"}


def find_constructors(context: Context) -> Findings:
    """Calls of constructors that are worth a pool."""
    made = [made for line in _candidates(context) if (made := _made(context, line)) is not None]
    # What is made within another that is advised is not advised again; of something made of what
    # it is given, what it makes of nothing is what can be kept.
    made.sort(key=lambda item: bool(item.given))
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    taken: set[int] = set()
    for item in made:
        found = _evaluate(context, item, taken)
        if isinstance(found, Advice):
            advice.append(found)
            taken.update(item.line.rows)
        elif found is not None:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _candidates(context: Context) -> Iterator[UserLine]:
    seen: set[int] = set()
    for line in (*_callers_of_init(context), *context.lines):
        if line.key not in seen and line.blocks.allocations >= Constructors.least_count:
            seen.add(line.key)
            yield line


def _called_inits(stacks: Stacks) -> tuple[Sequence[int], Sequence[int]]:
    """A flag for each node that is an `__init__` of user code, called by a line of user code.

    And for each node the nearest of these, itself or above.
    """
    nodes, codes = stacks.tables.nodes, stacks.tables.codes
    is_own = stacks.is_own
    initialises = flags(name.endswith("__init__") for name in codes.function)
    init = only_where(gathered(b"\0" + initialises[1:], nodes.code), is_own)
    called = only_where(init, gathered(is_own, nodes.parent))
    return called, nearest(nodes.parent, called)


def _callers_of_init(context: Context) -> list[UserLine]:
    """Lines that call an `__init__` of user code, with all that was allocated within it.

    The outermost first: a pool keeps what it makes with all within.
    """
    stacks, row_stacks = context.measures.stacks, context.measures.row_stacks
    called, within = _called_inits(stacks)
    if not largest(called):
        return []
    nodes = stacks.tables.nodes
    importing = gathered(stacks.importing, row_stacks)
    inside = chosen(importing, bytes(len(row_stacks)), gathered(within, row_stacks))

    @cache
    def callers(init: int) -> tuple[int, ...]:
        path = []
        while init:
            path.append(nodes.parent[init])
            init = within[nodes.parent[init]]
        return tuple(path[::-1][: Constructors.most_levels])

    parts: dict[int, list[array[int]]] = {}
    first: dict[int, tuple[int, int]] = {}  # how deep a line calls a constructor, and where
    for init, rows in entries_by_value(inside):
        keys = set()
        for level, called_from in enumerate(callers(init)):
            key = stacks.line_keys[called_from]
            keys.add(key)
            first[key] = min(first.get(key, (level, called_from)), (level, called_from))
        for key in keys:
            parts.setdefault(key, []).append(rows)
    found = []
    for key in sorted(parts, key=lambda key: first[key]):
        blocks = context.rows.blocks(_in_order(parts.pop(key), len(row_stacks)))
        node = first[key][1]
        found.append(UserLine(key, node, stacks.frame(node), blocks))
    return found


def _in_order(parts: Sequence[array[int]], rows: int) -> Sequence[int]:
    """Rows of several lists that have none in common, out of so many."""
    if len(parts) == 1:
        return parts[0]
    if sum(map(len, parts)) < rows / FEW_TO_SORT:
        return array("I", sorted(chain.from_iterable(parts)))
    found = zeros("B", rows)
    for part in parts:
        scatter(found, part, b"\1" * len(part))
    return members(b"\0\1", found)


@dataclass(frozen=True, slots=True)
class _Made:
    """Objects that a line makes. `given`: what its call has that is another's each time."""

    line: UserLine
    statement: Statement
    call: ast.Call
    name: str
    full_name: str
    given: tuple[str, ...]


def _made(context: Context, line: UserLine) -> _Made | None:
    statement, source = context.statement(line.frame), context.sources.of(line.frame.file)
    if statement is None or source is None:
        return None
    call = _constructor(statement, source)
    if call is None or is_pool_frame(context, line.frame):
        return None
    given = tuple(_of_the_call(context, statement, call))
    return _Made(line, statement, call, text_of(call.func, 30), source.full_name(call), given)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a line's objects cost: how many there are, and the seconds and blocks of what can be
    kept of each.
    """

    count: float
    exact: bool  # whether the count is sure
    each_s: float
    blocks: Blocks

    @property
    def counted(self) -> str:
        """The count before what is counted; nothing where it is a guess."""
        return f"{self.count:,.0f} " if self.exact else ""

    def saved(self, most_live: float) -> Interval:
        value = max(self.count - most_live, 0.0) * (self.each_s - POOL_S)
        # Only what allocates is seen of a constructor: fixes measured 1.1 to 4.5 times as much.
        return Interval(0.7 * value, 1.6 * value, 4.5 * value)


def _evaluate(context: Context, made: _Made, taken: set[int]) -> Advice | Rejected | None:
    """Whether one is worth keeping; None of what does not even look as if it were."""
    if not _is_released(made.line):
        return None
    count, exact = _count(context, made.line)
    if not _is_churned(context, made.line, count, taken):
        return None
    used_once = _used_once(context, made)
    if used_once is not None:
        return used_once
    known_s = KNOWN_S.get(made.full_name)
    blocks = made.line.blocks
    if (known_s or _seconds_each(context, blocks, count)) < Constructors.least_seconds_each:
        return None
    if known_s is None:
        # What others are advised for is not saved twice.
        kept = [row for row in _to_keep(context, made) if row not in taken]
        blocks = context.rows.blocks(kept)
    cost = _Cost(count, exact, known_s or _seconds_each(context, blocks, count), blocks)
    return _weighed(context, made, cost)


def _is_released(line: UserLine) -> bool:
    """Whether nearly all are dropped: to be asked first, as counting them takes a while."""
    return line.blocks.released >= Constructors.least_released * line.blocks.allocations


def _is_churned(context: Context, line: UserLine, count: float, taken: set[int]) -> bool:
    """Whether many are made, and most are not advised about already."""
    allocations = context.capture.totals.allocations
    advised = sum(allocations[row] for row in line.rows if row in taken) if taken else 0
    return (
        count >= Constructors.least_count
        and advised <= Constructors.most_advised_share * line.blocks.allocations
    )


def _used_once(context: Context, made: _Made) -> Rejected | None:
    """Why one that was kept would be of no use a second time; None if it would."""
    name, frame = made.name, made.line.frame
    if made.full_name in SEEDED and (made.call.args or made.call.keywords):
        why = f"{name}(…) is seeded, which is what takes the time: one that was kept is seeded anew"
        return Rejected(NAME, frame, why, 0.2)
    why = why_used_once(made.statement, made.call, made.full_name, context)
    return Rejected(NAME, frame, f"{name}: {why}", 0.1) if why else None


def _weighed(context: Context, made: _Made, cost: _Cost) -> Advice | Rejected:
    line, name, count = made.line, made.name, cost.count
    if cost.each_s < Constructors.least_seconds_each:
        why = (
            f"{name}() is made of what it is given ({', '.join(made.given)}): one that was"
            " kept would have to be filled again, at the same cost"
        )
        return Rejected(NAME, line.frame, why, 0.2)
    alive = _alive_at_once(context, line, count)
    if (
        alive > max(Constructors.most_garbage, Constructors.most_live_share * count)
        or alive > Constructors.most_alive_share * count
    ):
        why = f"up to {alive:,.0f} {name}() are alive at once: they are not made and dropped"
        return Rejected(NAME, line.frame, why, 0.2)
    most = _most_live(context, line, count)
    saved, whole = cost.saved(most), context.whole
    if most > max(Constructors.most_live, Constructors.most_live_share * count) or not whole.pays(
        {"cpu_s": saved}
    ):
        why = (
            f"{cost.counted}{name}() of about {cost_text(cost.each_s)} each:"
            f" {cost_text(min(saved.value, whole.cpu_s))} in all"
        )
        weight = min(whole.share("cpu_s", saved.value) * 2, 0.4)
        return Rejected(NAME, line.frame, why, weight)
    return _advice(context, made, cost, alive, saved)


def _most_live(context: Context, line: UserLine, count: float) -> float:
    """How many of the objects lived at once: of the blocks that each has, the fewest count."""
    totals = context.capture.totals
    return min(
        (totals.max_live_blocks[row] for row in line.rows if totals.allocations[row] >= count),
        default=line.blocks.max_live_low,
    )


def _advice(context: Context, made: _Made, cost: _Cost, alive: float, saved: Interval) -> Advice:
    known = made.full_name in KNOWN_S
    kept_open = known and is_closed(made.statement, made.call)
    predicted: dict[Measure, Interval] = {"cpu_s": saved}
    how_often = f"{cost.counted}times" if cost.exact else "over and over"
    return Advice(
        kind=NAME,
        site=made.line.frame,
        stack=context.stacks.frames(made.line.node),
        summary=(
            f"{made.name} is made and dropped {how_often}, at about {cost_text(cost.each_s)} each"
        ),
        facts=_facts(made, cost, alive),
        predicted=predicted,
        modelled=(
            f"{'objects and ' if cost.exact else ''}allocations are measured; the time of one is "
            + ("what others measured" if known else "modelled from its allocations")
        ),
        cost=(
            "it stays open"
            if kept_open
            else "those that are in use at once stay; each must be reset before it is used again"
        ),
        confidence=0.75 if known else 0.6,
        fix=replace(_fix(made, kept_open=kept_open), change=NOT_RESET),
    )


def _facts(made: _Made, cost: _Cost, alive: float) -> tuple[Fact, ...]:
    least, made_here = Constructors.least_count, "that the line made"
    most_live = max(Constructors.most_garbage, Constructors.most_live_share * cost.count)
    blocks, each_s = made.line.blocks, Constructors.least_seconds_each
    return (
        measured("objects", made_here, round(cost.count), "objects", least=least)
        if cost.exact
        else modelled("objects_about", made_here + ", about", cost.count, "objects", least=least),
        measured(
            "allocations_each", "for each of them", cost.blocks.allocations / cost.count, "blocks"
        ),
        measured(
            "released_share", "of the blocks that were released",
            blocks.released / max(blocks.allocations, 1), "share",
            least=Constructors.least_released,
        ),
        measured(
            "most_live", "alive at once, at most", round(alive), "objects", most=most_live,
        ),
        assumed("seconds_each", "to make one, as others measured", cost.each_s, "s")
        if made.full_name in KNOWN_S
        else modelled("seconds_each", "to make one, by its blocks", cost.each_s, "s", least=each_s),
        read("made_by", "what makes them", made.name),
        read("given", "what is another's each time", ", ".join(made.given) or "nothing"),
    )  # fmt: skip


def _fix(made: _Made, *, kept_open: bool) -> Fix:
    if kept_open:
        return Fix(
            "make one, keep it open, and use it each time (one for each thread, where threads"
            " cannot share it), instead of closing it and making another",
            f"kept = {code_of(made.call)}  # new, once, and not closed",
        )
    return Fix(
        "keep those that are done with in a list and hand them out again, or make one and"
        " keep it where only one is used at a time",
        "free = []  # new, at module level\ntry:\n    it = free.pop()  # new\n"
        f"except IndexError:\n    it = {code_of(made.call)}\n"
        "...\nfree.append(it)  # when done with it, reset",
    )


def _count(context: Context, line: UserLine) -> tuple[float, bool]:
    """How many objects a line made, and whether that is sure.

    A constructor makes several blocks, and so do those that it calls: the count that most of its
    stacks and sizes have in common, to the one, is that of its calls. Where too few have, as where
    free lists serve some of them, it is estimated.
    """
    direct = _made_directly(context, line)
    likely = [
        max(counts.items(), key=lambda it: (it[1], it[0]))
        for counts in _counts_of_calls(context, line, direct).values()
    ]
    total = sum(count for count, _ in likely)
    if total >= Constructors.least_count and all(
        times >= Constructors.least_in_common for _, times in likely
    ):
        return total, True
    return likely_calls([count for counts in direct.values() for count in counts]), False


def _made_directly(context: Context, line: UserLine) -> dict[int, list[float]]:
    """Objects that the line itself allocated, by its stacks: their constructors' come on top."""
    table, allocations = context.capture.tables.rows, context.capture.totals.allocations
    rows = context.rows_of_line(line.key)
    stacks = gathered(table.stack, rows)
    keys = gathered(context.measures.stacks.line_keys, stacks)
    is_obj = gathered(IS_OBJ, gathered(table.domain, rows))
    direct: dict[int, list[float]] = {}
    for place in members(b"\0\1", is_obj):
        if keys[place] == line.key:
            direct.setdefault(stacks[place], []).append(allocations[rows[place]])
    return direct


def _counts_of_calls(
    context: Context, line: UserLine, direct: dict[int, list[float]]
) -> dict[int, Counter[int]]:
    """For each call of the line, how many of its stacks and sizes have each count."""
    stacks, allocations = context.measures.stacks, context.capture.totals.allocations
    parent = stacks.tables.nodes.parent
    nodes = gathered(context.measures.row_stacks, line.rows)
    calls = nearest_of(nodes, parent, stacks.own, stacks.line_keys, line.key)
    counts_of = gathered(allocations, line.rows)
    of_row, first = numbered(calls)
    # What a call's own objects come to, at most.
    most = array(
        "d" if typecode_of(allocations) == "d" else "q",
        [max(direct.get(calls[row], (0,))) for row in first],
    )
    nothing = bytes(len(calls))
    enough, few = bytearray(len(calls)), bytearray(len(calls))
    mark_at_least(enough, counts_of, Constructors.least_of_call)
    mark_at_least(few, balanced(gathered(most, of_row), counts_of, nothing, nothing), 0)
    places = members(b"\0\1", only_where(enough, few))
    found: dict[int, Counter[int]] = {}
    rounded = array("q", map(round, gathered(counts_of, places)))
    for (node, count), times in sums_of_keys(
        (gathered(calls, places), rounded), b"\1" * len(places)
    ):
        found.setdefault(node, Counter())[count] = times
    return found


def _alive_at_once(context: Context, line: UserLine, count: float) -> float:
    """How many of the objects lived at once, at most: by those of their blocks that lived most."""
    totals = context.capture.totals
    return max(
        (
            totals.max_live_blocks[row] / max(totals.allocations[row] / count, 1.0)
            for row in line.rows
            if totals.allocations[row] >= 0.5 * count
        ),
        default=0.0,
    )


def _seconds_each(context: Context, blocks: Blocks, count: float) -> float:
    each_s = context.costs.allocating_step_s
    size = blocks.allocated_bytes / count
    return blocks.allocations / count * each_s + context.costs.zeroing(size)


def _to_keep(context: Context, made: _Made) -> list[int]:
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
        frame = _constructors_frame(context, made.line.key, context.measures.row_stacks[row])
        if frame is None:
            continue
        if frame not in depending:
            depending[frame] = _depends(context, made, frame)
        if not depending[frame]:
            found.append(row)
    return found


def _constructors_frame(context: Context, key: int, node: int) -> CodeFrame | None:
    """The frame that the line called, if it is a constructor of user code."""
    stacks = context.measures.stacks
    parents = stacks.tables.nodes.parent
    while parents[node] and stacks.line_keys[parents[node]] != key:
        node = parents[node]
    frame = stacks.frame(node)
    return frame if parents[node] and frame.function.endswith("__init__") else None


def _depends(context: Context, made: _Made, frame: CodeFrame) -> bool:
    """Whether a line of the constructor works with what the call gives it."""
    statement = context.statement(frame)
    start = None if statement is None else statement.function
    if statement is None or start is None or start.name != "__init__":
        return True
    given = parameters_given(start, made.call, set(made.given))
    return frame.line in depending_lines(start, given, statement.enclosing_class)


def _of_the_call(context: Context, statement: Statement, call: ast.Call) -> list[str]:
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
    local |= _changing_attributes(context, statement)
    values = [*call.args, *(item.value for item in call.keywords)]
    names = [name_of(node) for value in values for node in walk(value)]
    return list(dict.fromkeys(name for name in names if name in local))


def _changing_attributes(context: Context, statement: Statement) -> set[str]:
    """Attributes of one's own that hold now this and now that: `self.row`.

    What is set after the constructor; or all, where there are as many objects as calls.
    """
    owner = statement.enclosing_class
    if owner is None:
        return set()
    many = context.instances.get(owner.name, 0.0) >= Constructors.least_count
    return {
        name_of(node)
        for method in owner.body
        if many or getattr(method, "name", "__init__") != "__init__"
        for node in walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    } - {""}


def _constructor(statement: Statement, source: SourceFile) -> ast.Call | None:
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
