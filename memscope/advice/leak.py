"""Lines whose blocks stay: containers that outlive their functions and only grow.

A load that ends is no leak, nor is what a running function collects in a local name. A leak grows
as fast in the second half of the run as in the first, to the end, and what holds it is a module's,
a class's, an instance's or a decorator's.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.source import FUNCTIONS, Statement, method_name, text_of
from memscope.capture.format import size_class, size_range
from memscope.capture.model import CodeFrame

KIND = "leak"

LEAST_WINDOWS = 2
SURE_WINDOWS = 6
TAIL_SHARE = 0.15
LEAST_SPAN = 0.25
LEAST_TAU = 0.8
LEAST_LATE_TAU = 0.6
LEAST_SLOPE_RATIO = 0.5
LATE_SHARE = 0.2
LEAST_GROWN_BYTES = 256 << 10
LEAST_GROWN_SHARE = 0.05
LEAST_CONTAINER_BYTES = 4096
LEAST_TABLE_BYTES = 512
_DEQUE_CLASS = size_class(528)

_STORES = {"append", "appendleft", "add", "setdefault", "extend", "insert", "put", "put_nowait",
           "update", "register", "subscribe", "connect", "push", "heappush", "add_listener",
           "on", "add_done_callback", "addHandler", "remember", "store", "record", "track",
           "setitem", "insort", "submit"}  # fmt: skip
_REMOVALS = {"pop", "popleft", "popitem", "clear", "remove", "discard", "get_nowait", "truncate"}
_CACHES = {"cache", "lru_cache"}


@dataclass(frozen=True, slots=True)
class Growth:
    """How a line's live bytes went: `steady` says whether like a leak's."""

    grown_bytes: float
    tau: float
    slope_ratio: float
    dropped: bool  # at the very end, when its holder went

    @property
    def steady(self) -> bool:
        return self.tau >= LEAST_TAU and self.slope_ratio >= LEAST_SLOPE_RATIO


@dataclass(frozen=True, slots=True)
class _Holder:
    """Where what grows is stored."""

    frame: CodeFrame
    statement: Statement | None
    container: str  # as code; "" if unknown
    scope: str  # "global", "attribute", "cache", "local", "module" or "" if unknown
    removes: bool
    reads: bool

    @property
    def lasting(self) -> bool:
        """Whether it outlives the function that stores."""
        return self.scope not in ("", "local", "module")


_Member = tuple[Line, Growth, _Holder]


def find(case: Case) -> Findings:
    """Places where memory is kept for good."""
    windows = case.windows
    if len(windows) < LEAST_WINDOWS:
        why = f"the run has only {len(windows)} windows: too short to tell growth from loading"
        return Findings(rejected=(Rejected(KIND, None, why),))
    # Against events and not time: a machine that stands still for a moment does not change them.
    progress = [window.last_event for window in windows]
    containers = _containers(case)
    growing: dict[tuple[str, int], list[_Member]] = {}
    rejected: list[Rejected] = []
    least = min(
        max(LEAST_GROWN_BYTES, LEAST_GROWN_SHARE * case.whole.peak_bytes), case.least_peak_bytes
    )
    for line in case.lines:
        changes = case.changes(line)
        most = max((change.live_bytes for change in changes), default=0.0)
        if most < LEAST_CONTAINER_BYTES:
            continue
        growth = growth_of(case.live_over_time(line), progress)
        if growth is None or not growth.steady:
            if growth is not None and growth.grown_bytes >= least and not growth.dropped:
                weight = min(growth.grown_bytes / case.whole.peak_bytes, 1.0) * 0.4
                rejected.append(
                    Rejected(KIND, line.frame, "it grows for a while and then stops", weight)
                )
            continue
        holder = _holder(case, line)
        if holder.lasting and holder.scope != "cache" and _place(holder.frame) not in containers:
            # It stores, but what it stores in does not grow: the blocks are held elsewhere.
            holder = _Holder(line.frame, None, "", "", False, False)
        growing.setdefault(_place(holder.frame), []).append((line, growth, holder))
    _add_containers(case, containers, growing)
    advice: list[Advice] = []
    known = [members for members in growing.values() if members[0][2].lasting]
    unknown = [members for members in growing.values() if not members[0][2].scope]
    stores = [members for members in growing.values() if members[0][2].scope]
    if stores and unknown:
        # What grows without a store in sight is held by what is seen to store: the container whose
        # own table is the largest.
        heaviest = max(stores, key=lambda group: containers.get(_place(group[0][2].frame), 0.0))
        for members in unknown:
            heaviest.extend(members)
        unknown = []
    for members in known or unknown:
        grown = sum(growth.grown_bytes for _, growth, _ in members)
        if grown >= least:
            found = _judge(case, members, grown)
            if isinstance(found, Advice):
                advice.append(found)
            else:
                rejected.append(found)
    for members in growing.values():
        grown = sum(growth.grown_bytes for _, growth, _ in members)
        if members[0][2].scope and not members[0][2].lasting and grown >= least:
            found = _judge(case, members, grown)
            assert isinstance(found, Rejected)
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def growth_of(live: Sequence[float], progress: Sequence[float]) -> Growth | None:
    """How a series of live bytes grew, by what the program had done by then; None if it did not."""
    if not live or not progress or max(live) <= 0:
        return None
    end = progress[-1]
    # What starts late is judged from there on, with the moment before as its zero.
    points = [(0.0, 0.0), *zip(progress, live, strict=True)]
    first = next(place for place, (_, value) in enumerate(points) if value > 0) - 1
    points = points[first:]
    # The tail is the program's end, when whatever holds the blocks may be gone.
    kept = max(range(len(points)), key=lambda place: (points[place][1], place))
    tail = next(
        (place for place in range(kept, len(points)) if points[place][1] < 0.5 * points[kept][1]),
        len(points),
    )
    dropped = tail < len(points)
    if dropped and end - points[tail][0] > TAIL_SHARE * end:
        return Growth(points[-1][1] - points[0][1], 0.0, 0.0, False)
    points = points[:tail]
    if len(points) < LEAST_WINDOWS + 1 or points[-1][0] - points[0][0] < LEAST_SPAN * end:
        return None
    grown = points[-1][1]
    if grown <= 0:
        return None
    middle = (points[0][0] + points[-1][0]) / 2
    early = [point for point in points if point[0] <= middle] or points[:1]
    late = [early[-1], *(point for point in points if point[0] > middle)]
    before, after = _slope(early), min(_slope(late), 2 * _late_rate(points))
    ratio = after / before if before > 0 else float(after > 0)
    tau = min(_tau(points), _tau(late) + LEAST_TAU - LEAST_LATE_TAU)
    return Growth(grown, tau, ratio, dropped)


def _late_rate(points: Sequence[tuple[float, float]]) -> float:
    """Growth over the last fifth of the way."""
    end, value = points[-1]
    start = end - LATE_SHARE * (end - points[0][0])
    before = [point for point in points if point[0] <= start][-1:] or points[:1]
    done, least = before[0]
    return (value - least) / (end - done) if end > done else 0.0


def _tau(points: Sequence[tuple[float, float]]) -> float:
    """Mann and Kendall's: the share of pairs that rise, less that of those that fall."""
    pairs = list(combinations(points, 2))
    if not pairs:
        return 0.0
    signs = sum((b > a) - (b < a) for (_, a), (_, b) in pairs)
    return signs / len(pairs)


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Theil and Sen's: the median of the slopes between all pairs."""
    slopes = sorted(
        (b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if b[0] > a[0]
    )
    if not slopes:
        return 0.0
    middle = len(slopes) // 2
    return slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2


def _place(frame: CodeFrame) -> tuple[str, int]:
    return frame.file, frame.line


def _containers(case: Case) -> dict[tuple[str, int], float]:
    """Lines that store in a container which grew there, and the bytes of its own table."""
    totals, rows = case.capture.totals, case.capture.tables.rows
    live = case.measures.live_bytes
    found = {}
    for line in case.lines:
        if max(line.blocks.peak_bytes, line.blocks.live_bytes) < LEAST_TABLE_BYTES:
            continue
        statement = case.statement(line.frame)
        if statement is None or _stored_in(statement) is None:
            continue
        # A list's array, a dictionary's or set's table, the blocks of a deque.
        tables = [
            row
            for row in line.rows
            if totals.reallocations[row]
            or (
                size_range(rows.size_class[row]).to_bytes >= 512 and totals.max_live_blocks[row] < 9
            )
            or rows.size_class[row] == _DEQUE_CLASS
        ]
        size = max((max(live[row], totals.peak_bytes[row]) for row in tables), default=0.0)
        if size >= LEAST_TABLE_BYTES:
            found[_place(line.frame)] = size
    return found


def _add_containers(
    case: Case,
    containers: dict[tuple[str, int], float],
    growing: dict[tuple[str, int], list[_Member]],
) -> None:
    """Lasting containers that store what other lines make, though they hardly grow themselves."""
    scopes = [members[0][2].scope for members in growing.values()]
    if "" not in scopes or any(members[0][2].lasting for members in growing.values()):
        return
    for line in case.lines:
        place = _place(line.frame)
        statement = case.statement(line.frame) if place in containers else None
        container = None if statement is None else _stored_in(statement)
        if statement is None or container is None or place in growing:
            continue
        holder = _described(case, line.frame, statement, container)
        if holder.lasting:
            size = containers[place]
            growing[place] = [(line, Growth(size, 1.0, 1.0, True), holder)]


def _holder(case: Case, line: Line) -> _Holder:
    """The innermost own frame on the way that stores something, and where."""
    rows = [row for row in line.rows if case.measures.live_bytes[row]] or list(line.rows)
    by = case.measures.live_bytes
    if not any(by[row] for row in rows):
        by = case.capture.totals.peak_bytes
    node = case.measures.row_stacks[max(rows, key=by.__getitem__)]
    for _, frame in case.own_frames(node):
        statement = case.statement(frame)
        if statement is None:
            break
        cached = _cached_function(statement)
        if cached is not None:
            place = CodeFrame(frame.function, frame.file, cached.lineno)
            return _Holder(place, statement, f"the cache of {cached.name}()", "cache", False, True)
        container = _stored_in(statement)
        if container is not None:
            return _described(case, frame, statement, container)
        if isinstance(statement.target, ast.Name):
            later = _stored_later(statement)
            if later is not None:
                stored, where = later
                place = CodeFrame(frame.function, frame.file, stored.node.lineno)
                return _described(case, place, stored, where)
            if not _returned(statement, statement.target.id):
                return _unknown(frame, statement)
        elif not isinstance(statement.target, ast.Attribute) and not isinstance(
            statement.node, ast.Return
        ):
            return _unknown(line.frame, statement)
    return _unknown(line.frame, case.statement(line.frame))


def _unknown(frame: CodeFrame, statement: Statement | None) -> _Holder:
    """What the module's own code holds it holds for good; of anything else nothing is known."""
    scope = "module" if statement is not None and statement.function is None else ""
    return _Holder(frame, statement, "", scope, False, False)


def _returned(statement: Statement, name: str) -> bool:
    """Whether the function returns the name, alone or in something."""
    return any(
        isinstance(node, ast.Return)
        and node.value is not None
        and any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node.value))
        for node in ast.walk(statement.scope)
    )


def _described(case: Case, frame: CodeFrame, statement: Statement, container: ast.expr) -> _Holder:
    name = text_of(container, 40)
    scope = _scope_of(statement, container)
    source = case.sources.of(frame.file)
    removes = reads = False
    if source is not None:
        removes, reads = _uses(source.tree, container, statement)
    return _Holder(frame, statement, name, scope, removes, reads)


def _cached_function(statement: Statement) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    function = statement.function
    if function is None:
        return None
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = text_of(call.func if call else decorator).rpartition(".")[2]
        if name == "cache":
            return function
        if name == "lru_cache" and call is not None:
            given = [*call.args, *(k.value for k in call.keywords if k.arg == "maxsize")]
            if given and isinstance(given[0], ast.Constant) and given[0].value is None:
                return function
    return None


def _stored_in(statement: Statement) -> ast.expr | None:
    """The container that the statement stores something in."""
    node = statement.node
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    for target in targets:
        if isinstance(target, ast.Subscript):
            return target.value
        if isinstance(node, ast.AugAssign):
            return target
    for call in statement.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in _STORES:
            return call.func.value
        if method_name(call) in ("heappush", "insort") and call.args:
            return call.args[0]
    return None


def _stored_later(statement: Statement) -> tuple[Statement, ast.expr] | None:
    """The statement of the same function that stores the name that this one assigns."""
    name = statement.target.id if isinstance(statement.target, ast.Name) else ""
    if statement.function is None:
        return None
    for node in ast.walk(statement.function):
        if not isinstance(node, ast.stmt) or node.lineno <= statement.node.lineno:
            continue
        if not isinstance(node, ast.Assign | ast.Expr | ast.AugAssign | ast.AnnAssign):
            continue
        other = Statement(node, statement.parents)
        container = _stored_in(other)
        if container is None:
            continue
        value = getattr(node, "value", None)
        named = [
            item
            for item in (ast.walk(value) if value is not None else ())
            if isinstance(item, ast.Name) and item.id == name
        ]
        root = _root(container)
        if named and not (isinstance(root, ast.Name) and root.id == name):
            return other, container
    return None


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _scope_of(statement: Statement, container: ast.expr) -> str:
    root = _root(container)
    function = statement.function
    if not isinstance(root, ast.Name):
        return ""
    if function is None:
        return "module"
    if root.id in ("self", "cls"):
        return "attribute"
    declared_global = any(
        isinstance(node, ast.Global | ast.Nonlocal) and root.id in node.names
        for node in ast.walk(function)
    )
    arguments = function.args
    defaults = dict(
        zip(
            [item.arg for item in [*arguments.posonlyargs, *arguments.args]][::-1],
            arguments.defaults[::-1],
            strict=False,
        )
    )
    if root.id in defaults and isinstance(defaults[root.id], ast.List | ast.Dict | ast.Set):
        return "default"
    names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    if root.id in {item.arg for item in names}:
        return "argument"
    stored = any(
        isinstance(node, ast.Name) and node.id == root.id and isinstance(node.ctx, ast.Store)
        for node in ast.walk(function)
    )
    if stored and not declared_global:
        return "attribute" if isinstance(container, ast.Attribute) else "local"
    return "global"


def _uses(tree: ast.AST, container: ast.expr, storing: Statement) -> tuple[bool, bool]:
    """Whether the container is emptied somewhere in the file, and whether it is read."""
    name = container.attr if isinstance(container, ast.Attribute) else text_of(_root(container))
    removes = reads = False
    inside = set(map(id, ast.walk(storing.node)))
    first = True
    for function in ast.walk(tree):
        starts = isinstance(function, FUNCTIONS) and getattr(function, "name", "") in (
            "__init__", "clear", "reset", "close",
        )  # fmt: skip
        for node in ast.iter_child_nodes(function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _REMOVALS
                and _names(node.func.value, name)
            ):
                removes = True
            if isinstance(node, ast.Delete) and any(
                _names(_base(target), name) for target in node.targets
            ):
                removes = True
            if isinstance(node, ast.For | ast.comprehension) and any(
                _names(part, name) for part in ast.walk(node.iter)
            ):
                reads = True
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                reads = reads or (_names(node.value, name) and id(node) not in inside)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "items", "values", "keys", "copy", "join")
                and _names(node.func.value, name)
            ):
                reads = True
            if isinstance(node, ast.Return) and node.value is not None:
                reads = reads or _names(node.value, name)
        first = first and not starts
    return removes, reads


def _base(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _names(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == name
    return isinstance(node, ast.Name) and node.id == name


def _judge(case: Case, members: list[_Member], grown: float) -> Advice | Rejected:
    holder = members[0][2]
    line, growth, _ = max(members, key=lambda member: member[1].grown_bytes)
    weight = min(grown / case.whole.peak_bytes, 1.0) * 0.7
    if holder.scope == "local":
        why = f"{holder.container} is a local name: it goes when its function ends"
        return Rejected(KIND, holder.frame, why, weight)
    if not holder.scope and len(case.windows) < SURE_WINDOWS:
        why = "what holds it is not known, and the run is too short to tell growth from loading"
        return Rejected(KIND, holder.frame, why, weight)
    if holder.scope == "module" or (not holder.scope and line.frame.function == "<module>"):
        why = "the module's own code collects it, once: a load, as far as one can see"
        return Rejected(KIND, holder.frame, why, weight)
    if growth.dropped and (holder.reads or not holder.scope) and holder.scope != "cache":
        why = "what holds it is gone before the program ends, and it is read: a load"
        return Rejected(KIND, holder.frame, why, weight)
    if holder.scope == "argument" and growth.dropped:
        why = "its caller's container takes it, and is gone before the program ends"
        return Rejected(KIND, holder.frame, why, weight)
    rate = grown / max(case.capture.duration_ns / 1e9, 1e-9)
    saving = case.peak_saving([item for item, _, _ in members], grown)
    predicted: dict[Measure, Interval] = {
        "peak_bytes": Interval(min(saving.low, 0.5 * grown), saving.value, saving.high)
    }
    confidence = 0.9 if holder.scope in ("global", "cache", "default") else 0.75
    if holder.scope == "":
        confidence = 0.55
    if holder.removes:
        confidence -= 0.15
    if len(case.windows) < SURE_WINDOWS:
        confidence -= 0.15
    blocks = sum(item.blocks.live_blocks for item, _, _ in members)
    where = holder.container or "it"
    return Advice(
        kind=KIND,
        site=holder.frame,
        stack=case.heaviest_stack(line.rows, case.capture.totals.peak_bytes),
        summary=(
            f"what {where} holds grows steadily to the end: {_size(rate)} a second, and nothing"
            f" of it is released{' before that' if growth.dropped else ''}"
        ),
        evidence={
            "grown_bytes": round(grown),
            "bytes_per_second": rate,
            "live_blocks": round(blocks),
            "tau": growth.tau,
            "slope_ratio": growth.slope_ratio,
            "held_by": holder.container or "unknown",
        },
        predicted=predicted,
        modelled=(
            "growth is measured; that it would go on as it did is assumed"
            f" ({_size(rate * 3600)} an hour, under recording)"
        ),
        cost="what is no longer kept must be made again when it is asked for",
        confidence=confidence,
        fix=_fix(holder),
        covers=tuple(item.frame for item, _, _ in members),
    )


def _fix(holder: _Holder) -> Fix:
    if holder.scope == "cache":
        return Fix("bound the cache", "@lru_cache(maxsize=1024)")
    if holder.scope == "default":
        return Fix(
            "a default value is made once and shared by all calls: make it in the function",
            "def function(items=None):\n    items = [] if items is None else items",
        )
    name = holder.container or "container"
    target = None if holder.statement is None else _stored_in(holder.statement)
    subscript = (
        holder.statement is not None
        and isinstance(holder.statement.node, ast.Assign)
        and target is not None
    )
    if subscript:
        return Fix(
            f"bound {name}: drop the oldest entry when there are enough (or let values go with"
            " their users: weakref.WeakValueDictionary)",
            f"if len({name}) >= 1024:\n    {name}.pop(next(iter({name})))  # the oldest",
        )
    return Fix(
        f"let go of what {name} no longer needs, or keep only the latest",
        f"{name} = collections.deque(maxlen=1000)  # where it is made",
    )


def _size(value: float) -> str:
    units = ("B", "KiB", "MiB", "GiB", "TiB")
    place = min(int(math.log(max(value, 1), 1024)), len(units) - 1)
    return f"{value / 1024**place:,.1f} {units[place]}"
