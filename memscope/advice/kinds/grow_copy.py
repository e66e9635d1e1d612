"""Values that are copied whole each time something is added to them.

`self.text += part`, `data = data + chunk`, `total = np.concatenate([total, part])`: each link of
such a chain allocates what is there already once more and copies it. Lists and bytearrays grow by
an eighth at a time instead, and `text += part` on a local name mostly grows in place: those are
told apart by what was measured, not by how they look.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from itertools import pairwise

from memscope.advice.copies import CONCATENATIONS, Merge, grown_by, may_grow, merges
from memscope.advice.evidence import Case, Line
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.source import Statement, called_name, is_number, method_name, text_of
from memscope.analysis.growth import Growing, find_growth
from memscope.capture.format import size_range

KIND = "grow-copy"

LEAST_LINKS = 8
LEAST_CLASSES = 6  # how many size classes a chain has to have climbed through
LINK_BYTES = 256  # shorter links cost what any small object costs
# A block that grows by an eighth each time is copied 8 to 9 times over all; measured on lists.
AMORTISED_COPIES = 20
# Tables of hashes have room to spare, and the hashes themselves.
BYTES_A_POINTER = {"list": 8, "tuple": 8, "dict": 16, "set": 32}
MOST_LINKS_LIVE = 3
REMAPPED_BYTES = 128 << 10

# A table of hashes is twice as large as the one before it, and a little more for wider indexes.
DOUBLED = 3


@dataclass(frozen=True, slots=True)
class _Chain:
    links: float
    copied_bytes: float
    largest_bytes: float
    classes: int


@dataclass(frozen=True, slots=True)
class _Form:
    """What the source says of a line: what it adds to what it assigns, and how it copies."""

    statement: Statement | None
    adds: ast.expr | None
    merge: Merge | None

    @property
    def container(self) -> str:
        """A list, tuple, set or dict; "" for text and bytes, or where it is not known."""
        if self.merge is not None and self.merge.container:
            return self.merge.container
        for kind, container in _CONTAINERS.items():
            if isinstance(self.adds, kind):
                return container
        return ""


_CONTAINERS = {ast.Tuple: "tuple", ast.List: "list", ast.ListComp: "list", ast.Dict: "dict"}


def find(case: Case) -> Findings:
    """Lines that copy what they add to, and those that only look like it."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    grown = {
        (row.site.file, row.site.line): row
        for row in find_growth(case.measures, limit=0).rows
        if row.steps == "constant"
    }
    for line in case.lines:
        if line.blocks.allocated_bytes < 1 << 20 and line.blocks.copied_bytes < 1 << 20:
            continue
        form = _form(case.statement(line.frame))
        if form.adds is not None and is_number(form.adds):
            # A sum: what grows is made within the calls of the statement.
            continue
        chain = _copy_chain(case, line, grown.get((line.frame.file, line.frame.line)), form)
        reallocated = _reallocation_chain(case, line)
        if chain is None and reallocated is None:
            if (reason := _in_place(case, line)) is not None:
                rejected.append(Rejected(KIND, line.frame, reason, 0.3))
            continue
        if chain is None or (
            reallocated is not None and reallocated.copied_bytes > chain.copied_bytes
        ):
            assert reallocated is not None
            chain = reallocated
        if form.statement is not None and form.adds is None and not may_grow(form.statement):
            continue
        found = _judge(case, line, chain, form)
        if isinstance(found, Advice):
            advice.append(found)
        else:
            rejected.append(found)
    return Findings(tuple(advice), tuple(rejected))


def _form(statement: Statement | None) -> _Form:
    if statement is None:
        return _Form(None, None, None)
    grown = grown_by(statement)
    if grown is not None:
        return _Form(statement, *grown)
    return _Form(statement, None, next(merges(statement), None))


def _copy_chain(case: Case, line: Line, recorded: Growing | None, form: _Form) -> _Chain | None:
    """A chain of new blocks, each larger than the one before, of which two live at a time.

    Where the recorder saw the links that is exact. It does not where several values grow in turns,
    or something else is made between a link and the next: then the sizes tell.
    """
    totals = case.capture.totals
    if recorded is not None and recorded.copied_bytes >= 8 * recorded.largest_bytes:
        rows = case.large(line.rows, 512)
        links, copied = float(recorded.links), float(recorded.copied_bytes)
        if all(totals.max_live_blocks[row] <= MOST_LINKS_LIVE for row in rows):
            # `text + a + b` copies twice: the recorder takes the first of two for no link.
            links = max(links, sum(totals.allocations[row] for row in rows))
            copied = max(copied, sum(totals.allocated_bytes[row] for row in rows))
        return _Chain(
            links=links,
            copied_bytes=copied,
            largest_bytes=recorded.largest_bytes,
            classes=len(case.sizes(rows)),
        )
    links = copied = copied_from_live = 0.0
    classes = []
    largest = 0.0
    for size_class, rows in sorted(case.sizes(line.rows).items()):
        if size_range(size_class).to_bytes < LINK_BYTES:
            continue
        chained = [
            row
            for row in rows
            if totals.max_live_blocks[row] <= max(4, 0.02 * totals.allocations[row])
            and totals.reallocations[row] < 0.5 * totals.allocations[row]
        ]
        count = sum(totals.allocations[row] for row in chained)
        if not count:
            continue
        size = sum(totals.allocated_bytes[row] for row in chained)
        links += count
        copied += size
        # What is copied is there yet: a snapshot of something else is there alone.
        if sum(totals.max_live_blocks[row] for row in chained) >= 2:
            copied_from_live += size
        classes.append((size_class, count))
        largest = max(largest, size / count)
    if links < LEAST_LINKS or len(classes) < LEAST_CLASSES or copied < 8 * largest:
        return None
    if form.adds is None:
        tables = form.container in ("dict", "set") and _doubles(classes)
        if copied_from_live < 0.9 * copied or not (tables or _climbs(classes)):
            return None
    return _Chain(links, copied, largest, len(classes))


def _climbs(classes: list[tuple[int, float]]) -> bool:
    """Whether blocks spread over neighbouring size classes as those of steady growth do.

    Growth by equal steps passes through each class in proportion to its width, which doubles each
    four classes.
    """
    if len(classes) < 2 * LEAST_CLASSES:
        return False
    inner = classes[1:-1]
    numbers = [number for number, _ in inner]
    if numbers[-1] - numbers[0] > len(numbers) + 1:
        return False
    rates = []
    for number, count in inner:
        low, high = size_range(number)
        rates.append(count / (high - low + 1))
    upper = rates[len(rates) // 2 :]
    return max(upper) <= 3 * min(upper)


def _doubles(classes: list[tuple[int, float]]) -> bool:
    """Whether blocks are the tables of a dictionary or set that grows, copied time and again.

    A table lasts for as many additions as all smaller ones together: unless the growing ended, the
    larger size comes more often, and none is left out.
    """
    most = max(range(len(classes)), key=lambda place: classes[place][1])
    climbed = classes[: most + 1]
    if len(climbed) < LEAST_CLASSES:
        return False
    return all(
        size_range(above).from_bytes <= DOUBLED * size_range(below).to_bytes and more >= less
        for (below, less), (above, more) in pairwise(climbed)
    )


def _reallocation_chain(case: Case, line: Line) -> _Chain | None:
    """A block that is reallocated again and again, and moves nearly each time."""
    totals = case.capture.totals
    # Larger blocks have pages of their own: they move by being mapped elsewhere, uncopied.
    classes = case.capture.tables.rows.size_class
    rows = [
        row
        for row in line.rows
        if totals.moved[row] and size_range(classes[row]).from_bytes < REMAPPED_BYTES
    ]
    if not rows:
        return None
    moved = sum(totals.moved[row] for row in rows)
    copied = sum(totals.copied_bytes[row] for row in rows)
    largest = max(totals.allocated_bytes[row] / totals.allocations[row] for row in rows)
    chain = max(totals.longest_chain[row] for row in rows)
    ended = sum(totals.frees[row] for row in line.rows if totals.longest_chain[row]) or 1
    amortised = 12 * math.log(max(largest, 64))
    if chain <= amortised or copied < AMORTISED_COPIES * largest * ended:
        return None
    return _Chain(moved, copied, largest, len(case.sizes(rows)))


def _in_place(case: Case, line: Line) -> str | None:
    """Why a chain of reallocations is no reason to change anything."""
    totals = case.capture.totals
    chain = max((totals.longest_chain[row] for row in line.rows), default=0)
    if chain < 100:
        return None
    copied = line.blocks.copied_bytes
    return (
        f"one block grew {chain:,.0f} times, but in place: all its moves copied"
        f" {copied / 1e6:,.1f} MB"
    )


def _judge(case: Case, line: Line, chain: _Chain, form: _Form) -> Advice | Rejected:
    costs = case.costs
    statement = form.statement
    seconds = costs.copying(chain.copied_bytes, chain.copied_bytes / chain.links)
    if form.container:
        # Each item is counted once more in the copy, and once less when the old one goes.
        pointers = chain.copied_bytes / BYTES_A_POINTER[form.container]
        seconds = 2 * pointers * costs.pointer_copy_s
    seconds += chain.links * costs.large_allocation_s
    faults = case.faults_s(chain.copied_bytes / chain.links, chain.links)
    predicted: dict[Measure, Interval] = {
        "cpu_s": Interval(
            0.6 * seconds + faults.low,
            seconds + faults.value,
            2.0 * seconds + faults.high,
        ),
    }
    share = case.whole.share("cpu_s", predicted["cpu_s"].low)
    if not case.pays(predicted):
        return Rejected(
            KIND,
            line.frame,
            f"it copies what it adds to, but only {chain.copied_bytes / 1e6:,.1f} MB in all:"
            f" about {predicted['cpu_s'].value * 1e3:.1f} ms, below 1% of the program's CPU time",
            min(0.5, share * 20),
        )
    totals = case.capture.totals
    confidence = 0.95 if form.adds is not None else 0.75 if statement is not None else 0.6
    times = chain.copied_bytes / chain.largest_bytes
    return Advice(
        kind=KIND,
        site=line.frame,
        stack=case.heaviest_stack(line.rows, totals.allocated_bytes),
        summary=(
            f"adding to {_what_grows(form)} copies all of it each time: {times:,.0f} times its"
            " final size"
        ),
        evidence={
            "links": round(chain.links),
            "copied_bytes": round(chain.copied_bytes),
            "largest_bytes": round(chain.largest_bytes),
            "size_classes": chain.classes,
        },
        predicted=predicted,
        modelled=(
            "copied bytes, blocks and page faults are measured; seconds are modelled: copied bytes"
            " by this machine's copying speed, and this line's part of the faults by its pages"
        ),
        cost=(
            "who still holds an earlier one sees what is added to it"
            if form.container in ("dict", "set")
            else "the parts are held until they are joined, which takes no more than the result"
        ),
        confidence=confidence,
        fix=_fix(form),
    )


def _what_grows(form: _Form) -> str:
    if form.adds is not None and form.statement is not None and form.statement.target is not None:
        return text_of(form.statement.target, 30)
    if form.merge is not None and form.container and not _is_folded(form.merge):
        return text_of(form.merge.copied[0], 30)
    return "it"


def _is_folded(merge: Merge) -> bool:
    return isinstance(merge.node, ast.Call) and method_name(merge.node) in ("sum", "reduce")


def _fix(form: _Form) -> Fix:
    statement, adds = form.statement, form.adds
    if statement is None or statement.target is None or adds is None:
        return _general_fix(form)
    target, part = text_of(statement.target), text_of(adds)
    if (
        form.merge is not None
        and isinstance(adds, ast.List | ast.Tuple)
        and adds is form.merge.node
    ):
        part = f"[{', '.join(text_of(item) for item in form.merge.added)}]"
    value = getattr(statement.node, "value", None)
    calls = [] if value is None else [c for c in ast.walk(value) if isinstance(c, ast.Call)]
    joined = next((called_name(c) for c in calls if method_name(c) in CONCATENATIONS), None)
    if joined is not None:
        return Fix(
            "collect the pieces in a list and concatenate them once, after the loop",
            f"pieces.append(...)  # in the loop\n{target} = {joined}(pieces)  # once, after it",
        )
    if form.container == "list":
        return Fix(
            "extend the list in place: it then grows by an eighth at a time",
            f"{target}.extend({part})",
        )
    if form.container == "tuple":
        return Fix(
            "collect in a list, which grows by an eighth at a time; make the tuple once",
            f"items.extend({part})  # in the loop\n{target} = tuple(items)  # once, after it",
        )
    if form.container in ("dict", "set"):
        return _general_fix(form)
    if _is_bytes(statement, adds):
        return Fix(
            "use a bytearray, which grows by an eighth at a time",
            f"{target} = bytearray()  # once\n{target} += {part}  # as before",
        )
    return Fix(
        "collect the parts in a list and join them once",
        f"parts.append({part})  # here\n{target} = ''.join(parts)  # once, when it is whole",
    )


def _general_fix(form: _Form) -> Fix:
    """What can be said of a merge that is not assigned to what it copies."""
    whole = _what_grows(form)
    if form.merge is not None and _is_folded(form.merge) and form.container in ("list", "tuple"):
        parts = text_of(form.merge.copied[0])
        return Fix(
            "chain the parts: each of their items is then copied once",
            f"from itertools import chain\n{form.container}(chain.from_iterable({parts}))",
        )
    if form.container == "dict":
        return Fix("update the dictionary in place", f"{whole}.update(...)")
    if form.container == "set":
        return Fix("add to the set in place", f"{whole}.update(...)")
    if form.container in ("list", "tuple"):
        return Fix(
            "extend one list in place, which grows by an eighth at a time",
            f"items.extend(...)  # in the loop\nresult = {form.container}(items)  # once, after it",
        )
    return Fix(
        "collect the parts in a list and join them once, at the end",
        "parts.append(part)  # in the loop\nresult = ''.join(parts)  # once, after it",
    )


def _is_bytes(statement: Statement, adds: ast.expr) -> bool:
    """Whether bytes are added, as far as the file says: by what is added, or how it began."""
    target = text_of(statement.target) if statement.target is not None else ""
    started = [
        node.value
        for node in ast.walk(statement.parents[0])
        if isinstance(node, ast.Assign) and any(text_of(item) == target for item in node.targets)
    ]
    return any(
        isinstance(part, ast.Constant) and isinstance(part.value, bytes)
        for part in (adds, *started)
    )
