"""Objects that are dear to make, made and dropped over and over.

What counts is the constructor, not the object: a constructor that allocates much, or one that is
known to take long. A pool of anything cheaper loses: `list.pop` and `append` take 0.1 µs, a class
with two attributes 0.2.
"""

from __future__ import annotations

import ast
from array import array
from collections.abc import Iterator, Sequence, Set
from functools import cache
from itertools import chain

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.evidence.objects import class_name
from memscope.advice.evidence.rows import Blocks
from memscope.advice.facts import Fact, assumed, measured, modelled, read
from memscope.advice.kinds.pools.recognition import is_pool_frame
from memscope.advice.kinds.reuse.reusable import is_closed, why_used_once
from memscope.advice.kinds.reuse.tools import rows_of_tools
from memscope.advice.model import Advice, Fix, Interval, Measure, Rejected
from memscope.advice.policy import Constructors
from memscope.advice.program.expressions import code_of, method_name, text_of
from memscope.advice.program.factories import changes, constructor_of, factories_of, factory_called
from memscope.advice.program.known_costs import KNOWN_S, is_known
from memscope.advice.program.scopes import bound_names, names_of
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import COMPREHENSIONS, Statement
from memscope.advice.program.taint import (
    asked_parameters,
    depending_lines,
    name_of,
    names_asked,
    parameters_given,
)
from memscope.advice.program.walking import walk
from memscope.analysis.origins import Origin
from memscope.analysis.units import cost_text
from memscope.capture.columns import (
    chosen,
    entries_by_value,
    flags,
    gathered,
    largest,
    members,
    nearest,
    only_where,
    scatter,
    total,
    zeros,
)
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass, replace

NAME = "pool"

NOT_RESET = "when one is done with, and how it is reset, the source does not say"
POOL_S = 0.5e-6
FEW_TO_SORT = 128  # rows for each that is sorted: with fewer it is faster to go through all
# Made of their argument: to give one that was kept another costs as much.
SEEDED = {"random.Random"}


def find_constructors(context: Context, taken: Set[int]) -> Iterator[Advice | Rejected | None]:
    """Calls of constructors that are worth a pool; rows in `taken` other advice is about."""
    made = [made for line in _candidates(context) if (made := _made(context, line)) is not None]
    # What is made within another that is advised is not advised again; of something made of what
    # it is given, what it makes of nothing is what can be kept.
    made.sort(key=lambda item: bool(item.given))
    taken = set(taken)
    for item in made:
        found = _evaluate(context, item, taken)
        if isinstance(found, Advice):
            taken.update(item.line.rows)
        yield found


def _candidates(context: Context) -> Iterator[UserLine]:
    seen: set[int] = set()
    for line in (*_callers_of_init(context), *context.lines):
        if line.key not in seen and line.blocks.allocations >= Constructors.least_count:
            seen.add(line.key)
            yield line


def _called_inits(context: Context) -> tuple[Sequence[int], Sequence[int]]:
    """A flag for each node of user code that makes an object for a line of user code.

    An `__init__`, or a function that makes one of nothing. That of a dataclass is made by a library
    and calls `__post_init__`. And for each node the nearest of these, itself or above.
    """
    stacks = context.measures.stacks
    nodes, codes = stacks.tables.nodes, stacks.tables.codes
    is_own = stacks.is_own
    initialises = flags(
        name.endswith(("__init__", "__post_init__")) or _is_factory(context, file, name)
        for name, file in zip(codes.function, codes.file, strict=True)
    )
    made_up = flags(
        name.endswith("__init__") and file.startswith("<")
        for name, file in zip(codes.function, codes.file, strict=True)
    )
    init = only_where(gathered(b"\0" + initialises[1:], nodes.code), is_own)
    by_own = gathered(is_own, nodes.parent)
    by_made_up = gathered(only_where(by_own, gathered(made_up, nodes.code)), nodes.parent)
    called = only_where(init, chosen(by_own, by_own, by_made_up))
    return called, nearest(nodes.parent, called)


def _callers_of_init(context: Context) -> list[UserLine]:
    """Lines that call an `__init__` of user code, with all that was allocated within it.

    The outermost first: a pool keeps what it makes with all within.
    """
    stacks, row_stacks = context.measures.stacks, context.measures.row_stacks
    called, within = _called_inits(context)
    if not largest(called):
        return []
    nodes = stacks.tables.nodes
    importing = gathered(stacks.importing, row_stacks)
    inside = chosen(importing, bytes(len(row_stacks)), gathered(within, row_stacks))

    @cache
    def callers(init: int) -> tuple[int, ...]:
        path = []
        while init:
            path.append(stacks.own[nodes.parent[init]])
            init = within[path[-1]]
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


def _is_factory(context: Context, file: str, function: str) -> bool:
    if not file or context.measures.stacks.origins.of(file) is not Origin.OWN:
        return False
    source = context.sources.of(file)
    return source is not None and function.rpartition(".")[2] in factories_of(source)


def _in_order(parts: Sequence[Sequence[int]], rows: int) -> Sequence[int]:
    """Rows of one list or several, each once, out of so many."""
    if len(parts) == 1:
        return parts[0]
    if sum(map(len, parts)) < rows / FEW_TO_SORT:
        return array("I", sorted(set(chain.from_iterable(parts))))
    found = zeros("B", rows)
    for part in parts:
        scatter(found, part, b"\1" * len(part))
    return members(b"\0\1", found)


@dataclass(frozen=True, slots=True)
class _Made:
    """Objects that a line makes, itself or by a function that makes one of nothing.

    `count` of them were made, in the rows `objects`. `given` is what the call has that is another's
    each time.
    """

    line: UserLine
    statement: Statement
    call: ast.Call
    name: str
    full_name: str
    given: tuple[str, ...]
    count: float
    objects: Sequence[int]


def _made(context: Context, line: UserLine) -> _Made | None:
    statement, source = context.statement(line.frame), context.sources.of(line.frame.file)
    if statement is None or source is None or is_pool_frame(context, line.frame):
        return None
    call, made = _constructor(statement, source), None
    if call is None:
        call, made = factory_called(statement, source)
    if call is None:
        return None
    is_factory, made = made is not None, made or call
    count, objects = _objects(context, line, method_name(made), source.full_name(made))
    if not objects:
        return None
    file = line.frame.file
    given = () if is_factory else tuple(_of_the_call(context, file, statement, call))
    if not given and source.full_name(made) not in KNOWN_S:
        tools = rows_of_tools(
            context, line.frame, statement,
            lambda asked: _of_the_call(context, file, statement, asked),
        )  # fmt: skip
        if tools:
            rows = array("I", sorted({*line.rows, *tools}))
            line = replace(line, blocks=context.rows.blocks(rows))
    name, full_name = text_of(made.func, 30), source.full_name(made)
    return _Made(line, statement, call, name, full_name, given, count, objects)


def _objects(
    context: Context, line: UserLine, name: str, full_name: str
) -> tuple[float, Sequence[int]]:
    """How many objects of a class user code made for a line, by their type, and in which rows."""
    stacks, row_stacks = context.measures.stacks, context.measures.row_stacks
    parts = (line.rows, context.rows_of_line(line.key))
    rows = _in_order([part for part in parts if len(part)], len(row_stacks))
    named = context.objects.of_types(
        rows, lambda of: of.kind == "object" and class_name(of) == name
    )
    in_own_code = gathered(stacks.is_own, gathered(row_stacks, named))
    found: dict[str, Sequence[int]] = {name: gathered(named, members(b"\0\1", in_own_code))}
    if full_name in KNOWN_S:
        found |= _of_library(context, rows, full_name.partition(".")[0], set(found[name]))
    created = context.measures.created
    counts = {of: total(gathered(created, rows)) for of, rows in found.items() if len(rows)}
    most = name if name in counts else max(counts, key=lambda of: counts[of], default="")
    return counts.get(most, 0.0), found.get(most, ())


def _of_library(
    context: Context, rows: Sequence[int], library: str, but: Set[int]
) -> dict[str, Sequence[int]]:
    """By the names of a library's types those of the rows that are objects of them."""
    found: dict[str, list[int]] = {}
    for row in context.objects.of_types(
        rows,
        lambda of: of.kind == "object" and of.module.lstrip("_").partition(".")[0] == library,
    ):
        if row not in but:
            found.setdefault(context.objects.of(row).name, []).append(row)
    return {name: array("I", of_name) for name, of_name in found.items()}


@dataclass(frozen=True, slots=True)
class _Cost:
    """The seconds that each of a line's objects takes, and the blocks of what can be kept of it."""

    count: float
    each_s: float
    blocks: Blocks

    def saved(self, most_live: float) -> Interval:
        value = max(self.count - most_live, 0.0) * (self.each_s - POOL_S)
        # Only what allocates is seen of a constructor: fixes measured 1.1 to 4.5 times as much.
        return Interval(0.7 * value, 1.6 * value, 4.5 * value)


def _evaluate(context: Context, made: _Made, taken: Set[int]) -> Advice | Rejected | None:
    """Whether one is worth keeping; None of what does not even look as if it were."""
    count = made.count
    if not _is_released(made.line) or not _is_churned(context, made.line, count, taken):
        return None
    used_once = _used_once(context, made)
    if used_once is not None:
        return used_once
    known_s = KNOWN_S.get(made.full_name)
    blocks = made.line.blocks
    if (known_s or _seconds_each(context, blocks, count)) < Constructors.least_seconds_each:
        return None
    if why := _why_state(context, made):
        return Rejected(NAME, made.line.frame, why, 0.2)
    if known_s is None:
        # What others are advised for is not saved twice.
        kept = [row for row in _to_keep(context, made) if row not in taken]
        blocks = context.rows.blocks(kept)
    cost = _Cost(count, known_s or _seconds_each(context, blocks, count), blocks)
    return _weighed(context, made, cost)


def _why_state(context: Context, made: _Made) -> str:
    """Why one that was kept would have to be made anew: it is of objects that change in use."""
    sources = context.sources.loaded()
    for of, count in context.objects.created(made.line.rows).items():
        name, each = class_name(of), count / made.count
        if (
            name != made.name.rpartition(".")[2]
            and each >= Constructors.least_state
            and changes(name, sources)
        ):
            return (
                f"each has {each:,.0f} objects of {name}, which change when it is used:"
                " to put them back costs what a new one costs"
            )
    return ""


def _is_released(line: UserLine) -> bool:
    """Whether nearly all are dropped: to be asked first, as it costs least."""
    return line.blocks.released >= Constructors.least_released * line.blocks.allocations


def _is_churned(context: Context, line: UserLine, count: float, taken: Set[int]) -> bool:
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
    alive = context.rows.alive_together(made.objects)
    most = max(Constructors.most_garbage, Constructors.most_live_share * count)
    if alive > min(most, Constructors.most_alive_share * count):
        why = f"up to {alive:,.0f} {name}() are alive at once: they are not made and dropped"
        return Rejected(NAME, line.frame, why, 0.2)
    saved, whole = cost.saved(alive), context.whole
    if not whole.pays({"cpu_s": saved}):
        why = (
            f"{count:,.0f} {name}() of about {cost_text(cost.each_s)} each:"
            f" {cost_text(min(saved.value, whole.cpu_s))} in all"
        )
        weight = min(whole.share("cpu_s", saved.value) * 2, 0.4)
        return Rejected(NAME, line.frame, why, weight)
    return _advice(context, made, cost, alive, saved)


def _advice(context: Context, made: _Made, cost: _Cost, alive: float, saved: Interval) -> Advice:
    known = made.full_name in KNOWN_S
    kept_open = known and is_closed(made.statement, made.call)
    predicted: dict[Measure, Interval] = {"cpu_s": saved}
    return Advice(
        kind=NAME,
        site=made.line.frame,
        stack=context.stacks.frames(made.line.node),
        summary=(
            f"{made.name} is made and dropped {cost.count:,.0f} times, at about"
            f" {cost_text(cost.each_s)} each"
        ),
        facts=_facts(made, cost, alive),
        predicted=predicted,
        modelled=(
            "objects and allocations are measured; the time of one is "
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
        measured("objects", made_here, round(cost.count), "objects", least=least),
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


def _of_the_call(context: Context, file: str, statement: Statement, call: ast.Call) -> list[str]:
    """Names among the arguments that have other values each time."""
    function = statement.function
    if function is None:
        # The module's own code runs once: only what its loops go through changes.
        local = bound_names([statement.node if statement.loop is None else statement.loop])
    else:
        local = {*names_of(function)}
    within = (*COMPREHENSIONS, ast.Lambda)
    for node in statement.walk():
        local |= names_of(node) if isinstance(node, within) else set()
    local -= {"self", "cls"}
    local |= _changing_attributes(context, statement)
    source = context.sources.of(file)
    values = [*call.args, *(item.value for item in call.keywords)]
    for value in values:
        local |= names_asked(value, set() if source is None else source.imported.keys())
    local |= _asked_in_constructor(context, call)
    names = [name_of(node) for value in values for node in walk(value)]
    return list(dict.fromkeys(name for name in names if name in local))


def _asked_in_constructor(context: Context, call: ast.Call) -> set[str]:
    """Names whose objects the constructor asks for something: a generator of numbers, a file."""
    start = constructor_of(method_name(call), context.sources.loaded())
    if start is None:
        return set()
    asked = asked_parameters(start)
    names = {name_of(part) for value in call.args for part in walk(value)} - {""}
    return {name for name in names if parameters_given(start, call, {name}) & asked}


def _changing_attributes(context: Context, statement: Statement) -> set[str]:
    """Attributes of one's own that hold now this and now that: `self.row`.

    What is set after the constructor; or all, where there are as many objects as calls.
    """
    owner = statement.enclosing_class
    if owner is None:
        return set()
    many = context.objects.instances.get(owner.name, 0.0) >= Constructors.least_count
    return {
        name_of(node)
        for method in owner.body
        if many or getattr(method, "name", "__init__") != "__init__"
        for node in walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    } - {""}


def _constructor(statement: Statement, source: SourceFile) -> ast.Call | None:
    """The call of a known dear constructor, a class of the file, or what is named like one."""
    calls = statement.calls()
    for call in calls:
        if is_known(call, source):
            return call
    for call in calls:
        name = method_name(call).lstrip("_")
        if method_name(call) in source.classes or (name[:1].isupper() and not name.isupper()):
            return call
    return None
