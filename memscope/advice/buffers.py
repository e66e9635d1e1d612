"""What pool and reuse-buffer have in common: large blocks of one size that come and go.

To make a large block anew costs the allocation, filling it with zeroes where its maker does so,
and page faults where the allocator gives the memory back to the kernel in between. To use one
again costs 0.1 µs. Small blocks are not worth it in CPython: reference counting frees them at once
and free lists and pymalloc are their pool already.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Fix, Interval, Measure
from memscope.advice.names import returned
from memscope.advice.pools import pooled_rows
from memscope.advice.source import Statement, called_name, is_self, method_name, text_of
from memscope.capture.model import CodeFrame

LEAST_BYTES = 32 << 10
# Smaller values come from memory that the allocator keeps, whatever else makes page faults.
LEAST_VALUE_BYTES = 128 << 10
LEAST_VALUE_SHARE = 0.2  # of the peak
LEAST_VALUE_CPU_SHARE = 0.03  # how many pages are fresh varies from run to run
LEAST_COUNT = 16
LEAST_RELEASED = 0.9
ONE_SIZE_SHARE = 0.9
MOST_LIVE = 64
MOST_LIVE_SHARE = 0.05
# One after another: the new one, and the one that it is about to replace. What lived at once is
# exact for one size from one place; of several, not all need to have lived at the same time.
MOST_IN_TURN = 2
MOST_OF_SEVERAL = 3
FOREIGN_SHARE = 0.1
OWNERS_SHARE = 0.25  # those who keep one make it anew four times or more
POOL_S = 0.1e-6  # list.pop and append

# Makers that write to all they allocate before the program does.
_ZEROING = {"bytearray", "zeros", "zeros_like", "ones", "ones_like", "full", "full_like",
            "create_string_buffer", "array"}  # fmt: skip
_NOT_ZEROING = {"empty", "empty_like"}
# What gives a value that cannot be written to again.
_VALUES = {"read", "recv", "read_bytes", "read_text", "join", "dumps", "encode", "decode",
           "compress", "decompress", "tobytes", "getvalue", "bytes", "hex", "format", "replace",
           "split", "splitlines", "readlines", "loads", "load", "token_bytes", "randbytes",
           "urandom", "sorted", "str", "tuple"}  # fmt: skip
# Of those that say how much they give, what puts it into memory that there is already.
_IN_PLACE = {
    "read": "{owner}.readinto(buffer)", "read1": "{owner}.readinto1(buffer)",
    "recv": "{owner}.recv_into(buffer)", "recvfrom": "{owner}.recvfrom_into(buffer)",
    "os.read": "os.readv({first}, [buffer])", "os.pread": "os.preadv({first}, [buffer], {last})",
    "pack": "{owner}.pack_into(buffer, 0, ...)",
    "struct.pack": "struct.pack_into({first}, buffer, 0, ...)",
}  # fmt: skip
# What looks at a value and makes no other of it.
_LOOKING = {"memoryview", "len", "update", "crc32", "adler32", "write", "send", "sendall"}


@dataclass(frozen=True, slots=True)
class Buffers:
    """Large blocks of one line; `refusal` says why they are not worth keeping.

    `turn` says who uses one after another: a "loop", the "owner" in whose attribute it lies, or
    nobody alone: "". `in_place` is the call that fills a kept one instead of making a value.
    """

    line: Line
    rows: tuple[int, ...]
    statement: Statement | None
    call: ast.Call | None
    in_place: str
    turn: str
    count: float
    mean_bytes: float
    most_live: float
    foreign_share: float
    saved: Interval
    overlap: Interval  # of the peak: the new one is made before the old one goes
    zeroed: bool
    refusal: str
    weight: float
    confidence: float

    def advice(self, case: Case, kind: str, *, summary: str, cost: str, fix: Fix) -> Advice:
        hits = max(self.count - self.most_live, 0.0)
        predicted: dict[Measure, Interval] = {"cpu_s": self.saved}
        if self.overlap.low > 0:
            predicted["peak_bytes"] = self.overlap
        how = "zero-filling" if self.zeroed else "allocating"
        return Advice(
            kind=kind,
            site=self.line.frame,
            stack=case.heaviest_stack(self.rows, case.capture.totals.allocated_bytes),
            summary=summary,
            evidence={
                "allocations": round(self.count),
                "block_bytes": round(self.mean_bytes),
                "most_live": round(self.most_live),
                "hit_share": hits / self.count,
                "churn_bytes": round(self.count * self.mean_bytes),
                "foreign_free_share": self.foreign_share,
            },
            predicted=predicted,
            modelled=(
                f"blocks, sizes and page faults are measured; seconds are modelled: {how} at this"
                " machine's speed, and this line's part of the faults by its pages"
            ),
            cost=cost,
            confidence=self.confidence,
            fix=fix,
        )


def find_buffers(case: Case) -> Iterator[Buffers]:
    """Lines that make many large blocks of one size and drop them again."""
    totals = case.capture.totals
    pooled = pooled_rows(case)
    for line in case.lines:
        if line.blocks.allocated_bytes < LEAST_COUNT * LEAST_BYTES:
            break
        unpooled = (row for row in line.rows if row not in pooled)
        rows = _one_size(case, case.large(unpooled, LEAST_BYTES))
        if not rows:
            continue
        blocks = case.blocks(rows)
        if (
            blocks.allocations < LEAST_COUNT
            or blocks.released < LEAST_RELEASED * blocks.allocations
            or blocks.reallocations > 0.2 * blocks.allocations
        ):
            continue
        statement = case.statement(line.frame)
        call, zeroed, refusal = _maker(statement)
        in_place = ""
        if statement is not None and call is not None and _by_itself(case, rows):
            in_place = _in_place(statement, call)
        foreign_share = sum(totals.foreign_frees[row] for row in rows) / blocks.allocations
        most = blocks.max_live_high
        turn, users = "", 0.0
        if foreign_share <= FOREIGN_SHARE:
            turn, users = _turn(case, line.node, statement, rows, blocks.allocations)
        if turn:
            # `x = make()` makes the new before it drops the old: one would do.
            most = min(most, users)
        saved = _saving(
            case, blocks.allocations, blocks.mean_bytes, most, zeroed=zeroed, value=bool(in_place)
        )
        overlap = Interval(0.0, 0.0, 0.0)
        if turn and blocks.peak_blocks > most:
            overlap = case.peak_saving([line], blocks.peak_bytes - most * blocks.mean_bytes)
        share = case.whole.share("cpu_s", saved.value)
        if not refusal and most > max(MOST_LIVE, MOST_LIVE_SHARE * blocks.allocations):
            refusal = f"up to {most:,.0f} live at once: a pool would hold nearly as much"
        if call is not None and not zeroed and _is_value(call):
            # Filling a kept buffer takes as long as making a value: only fresh pages can pay, or
            # that there are no two at once.
            pays = blocks.mean_bytes >= LEAST_VALUE_BYTES and (
                case.whole.share("cpu_s", saved.low) >= LEAST_VALUE_CPU_SHARE
                or (
                    case.whole.share("peak_bytes", overlap.low) >= LEAST_VALUE_SHARE
                    and case.pays({"peak_bytes": overlap})
                )
            )
            refusal = "" if turn and in_place and pays else _value(call)
        if not refusal and not case.pays({"cpu_s": saved, "peak_bytes": overlap}):
            refusal = (
                f"{blocks.allocations:,.0f} blocks of {blocks.mean_bytes / 1024:,.0f} KiB come and"
                f" go, but making them takes only about {saved.value * 1e3:.1f} ms"
            )
        yield Buffers(
            line=line,
            rows=tuple(rows),
            statement=statement,
            call=call,
            in_place=in_place,
            turn=turn,
            count=blocks.allocations,
            mean_bytes=blocks.mean_bytes,
            most_live=most,
            foreign_share=foreign_share,
            saved=saved,
            overlap=overlap,
            zeroed=zeroed,
            refusal=refusal,
            weight=min(share * 5, 0.6),
            confidence=(0.85 if call is not None else 0.6) if statement is not None else 0.5,
        )


def _one_size(case: Case, rows: list[int]) -> list[int]:
    """The rows of one size class, or two neighbouring ones, that have nearly all allocations."""
    totals = case.capture.totals
    counts = {
        number: sum(totals.allocations[row] for row in members)
        for number, members in case.sizes(rows).items()
    }
    whole = sum(counts.values())
    if not whole:
        return []
    best = max(counts, key=lambda number: counts[number])
    near = {best, best - 1, best + 1}
    if sum(counts.get(number, 0) for number in near) < ONE_SIZE_SHARE * whole:
        return []
    classes = case.capture.tables.rows.size_class
    return [row for row in rows if classes[row] in near]


def _maker(statement: Statement | None) -> tuple[ast.Call | None, bool, str]:
    """The call that makes the block, whether it zeroes, and why it cannot be kept."""
    if statement is None:
        # Not known: that it zeroes is the assumption that promises more, so it is not made.
        return None, False, ""
    names: dict[str, ast.Call] = {}
    for call in statement.calls():
        names.setdefault(method_name(call), call)
    for name in _ZEROING:
        if name in names:
            call = names[name]
            if name == "bytearray" and not _is_size(call):
                continue
            return call, True, ""
    for name in _NOT_ZEROING:
        if name in names:
            return names[name], False, ""
    for node in statement.walk():
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for side in (node.left, node.right):
                if isinstance(side, ast.List):
                    return (
                        None,
                        True,
                        ("a list that has to be filled again costs what a new one costs"),
                    )
    values = [names[name] for name in sorted(names) if _is_value(names[name])]
    if len(values) == 1:
        return values[0], False, ""
    if values:
        return None, False, _value(values[0])
    return None, False, "what makes the block cannot be told from the source: nothing to keep"


def _is_value(call: ast.Call) -> bool:
    return method_name(call) in _VALUES or bool(_twin(call))


def _twin(call: ast.Call) -> str:
    return _IN_PLACE.get(called_name(call)) or _IN_PLACE.get(method_name(call), "")


def _value(call: ast.Call) -> str:
    """Why what a call gives is not worth keeping memory for."""
    return (
        f"{called_name(call).lstrip('.')}() gives a value of its own without zeroing memory first:"
        " reading into a kept buffer measures 0.98 to 1.17 times as fast, which is no reason for a"
        " change"
    )


def _in_place(statement: Statement, call: ast.Call) -> str:
    """The call that fills memory which is kept, where one does what `call` does; else "".

    Not for reads of all that there is, which have no size that a buffer could be made with, for
    text, nor for streams of asyncio.
    """
    twin = _twin(call)
    if not twin or not call.args or call.keywords:
        return ""
    for other in statement.calls():
        # What is made of it on the same line may be what is large.
        if method_name(other) not in _LOOKING and call in ast.walk(other) and call is not other:
            return ""
    for size in call.args:
        if isinstance(size, ast.UnaryOp) or (isinstance(size, ast.Constant) and size.value is None):
            return ""
    owner = text_of(call.func.value, 30) if isinstance(call.func, ast.Attribute) else ""
    awaited = any(isinstance(node, ast.Await) and node.value is call for node in statement.walk())
    if awaited or _is_text(statement.scope, owner):
        return ""
    return twin.format(
        owner=owner, first=text_of(call.args[0], 30), last=text_of(call.args[-1], 40)
    )


def _is_text(scope: ast.AST, name: str) -> bool:
    """Whether a file was opened as text under this name."""
    for node in ast.walk(scope):
        made, target = None, None
        if isinstance(node, ast.withitem):
            made, target = node.context_expr, node.optional_vars
        elif isinstance(node, ast.Assign):
            made, target = node.value, node.targets[0]
        if target is None or text_of(target, 30) != name or not isinstance(made, ast.Call):
            continue
        # `open(path, mode)`, or `path.open(mode)`.
        if called_name(made) == "open":
            modes = made.args[1:2]
        elif called_name(made) == ".open" or method_name(made) == "fdopen":
            modes = made.args[-1:]
        else:
            continue
        modes += [keyword.value for keyword in made.keywords if keyword.arg == "mode"]
        if not any("b" in text_of(mode) for mode in modes):
            return True
    return False


def _by_itself(case: Case, rows: list[int]) -> bool:
    """Whether the line itself makes the blocks, in C: a library's own code makes them anyhow."""
    stacks = case.measures.stacks
    made_at = {case.measures.row_stacks[row] for row in rows}
    return all(stacks.own[node] == node for node in made_at)


def _is_size(call: ast.Call) -> bool:
    """Whether `bytearray(x)` makes x zeroes rather than a copy of x, as far as one can see."""
    if len(call.args) != 1 or call.keywords:
        return False
    argument = call.args[0]
    if isinstance(argument, ast.Constant):
        return isinstance(argument.value, int)
    return not isinstance(argument, ast.GeneratorExp | ast.ListComp | ast.JoinedStr)


def _turn(
    case: Case, node: int, statement: Statement | None, rows: list[int], count: float
) -> tuple[str, float]:
    """Who uses one block after another, and how many such users there are; ("", 0) if nobody does.

    A function's loop, which makes the block itself or by a helper; or an object that makes another
    for what it has in an attribute. Of each thread's own no more than a few may live at once.
    """
    live = [case.capture.totals.max_live_blocks[row] for row in rows]
    if statement is None:
        few, threads = _few(case, rows, None)
        return ("loop", threads) if few else ("", 0.0)
    for _, frame in case.own_frames(node):
        around = case.statement(frame)
        if around is None:
            break
        owners = _owners(case, around)
        others = max(owners - 1, 0.0)  # each with one that is not about to be replaced
        if (
            0 < owners <= OWNERS_SHARE * count
            and max(live) <= others + MOST_IN_TURN
            and sum(live) <= others + MOST_OF_SEVERAL
        ):
            return "owner", owners
        if around.loop is not None or _is_asked_again(around.node):
            few, loops = _few(case, rows, frame)
            return ("loop", loops) if few else ("", 0.0)
        target = around.target
        passed_on = isinstance(around.node, ast.Return) or (
            isinstance(target, ast.Name) and returned(around, target.id)
        )
        if not passed_on:
            break
    return "", 0.0


def _few(case: Case, rows: list[int], looping: CodeFrame | None) -> tuple[bool, float]:
    """Whether no more than a few blocks live at once for each user, and how many users there are.

    Each thread is one; and, where all rows' stacks go through the function `looping`, each call of
    it, as its loop has blocks of its own. Calls from one place are one. How many calls there are
    at once is not known: as many as have blocks at the peak.
    """
    totals = case.capture.totals
    most = [totals.max_live_blocks[row] for row in rows]
    threads = [_thread(case, case.measures.row_stacks[row]) for row in rows]
    calls = [_called_at(case, case.measures.row_stacks[row], looping) for row in rows]
    users = calls if all(calls) else threads
    by_user: dict[int, float] = {}
    for user, count in zip(users, most, strict=True):
        by_user[user] = by_user.get(user, 0.0) + count
    few = max(most) <= MOST_IN_TURN and max(by_user.values()) <= MOST_OF_SEVERAL
    at_peak = {user for user, row in zip(users, rows, strict=True) if totals.peak_blocks[row]}
    return few, float(max(len(set(threads)), len(at_peak)))


def _called_at(case: Case, node: int, looping: CodeFrame | None) -> int:
    """The node of the outermost call of a function on a stack; 0 if there is none."""
    found = 0
    if looping is None:
        return found
    for inner, frame in case.own_frames(node):
        if (frame.file, frame.function) == (looping.file, looping.function):
            found = case.measures.stacks.tables.nodes.parent[inner]
    return found


def _is_asked_again(node: ast.stmt) -> bool:
    """Whether a loop's own head is worked out each time around.

    `while piece := read():`, or `for piece in iter(lambda: read(), b""):`.
    """
    if isinstance(node, ast.For | ast.AsyncFor):
        return any(isinstance(part, ast.Lambda) for part in ast.walk(node.iter))
    return isinstance(node, ast.While)


def _thread(case: Case, node: int) -> int:
    """The root of a stack: each thread has its own."""
    parents = case.measures.stacks.tables.nodes.parent
    while parents[node]:
        node = parents[node]
    return node


def _owners(case: Case, statement: Statement) -> float:
    """How many objects there were in whose attribute the statement puts what it makes.

    0 where that is not known. An object that is made for each block is no owner of more than one:
    its constructor, or what is called once after it, makes as many blocks as there are objects.
    """
    target, owner = statement.target, statement.enclosing_class
    if isinstance(target, ast.Name):
        return float(target.id in _globals(statement.scope))
    if owner is None or not isinstance(target, ast.Attribute) or not is_self(target.value):
        return 0.0
    return case.instances.get(owner.name, 0.0)


def _globals(scope: ast.AST) -> set[str]:
    """Names of the module that a function assigns to."""
    return {name for node in ast.walk(scope) if isinstance(node, ast.Global) for name in node.names}


def _saving(
    case: Case, count: float, size: float, most: float, *, zeroed: bool, value: bool
) -> Interval:
    """Seconds that are not spent; for what is read as a value, only those of page faults."""
    costs = case.costs
    hits = max(count - most, 0.0)
    each = 0.0 if value else costs.large_allocation_s - POOL_S
    if zeroed:
        each += costs.zeroing(size)
    made_s = max(hits * each, 0.0)
    faults = case.faults_s(size, hits)
    # Fresh blocks also push what the program works on out of the caches: fixes measured 0.8 to 2.4
    # times the modelled time.
    return Interval(
        0.7 * made_s + faults.low, 1.3 * made_s + faults.value, 2.6 * made_s + faults.high
    )
