"""Values that are copied whole each time something is added to them.

`self.text += part`, `data = data + chunk`, `total = np.concatenate([total, part])`: each link of
such a chain allocates what is there already once more and copies it. Lists and bytearrays grow by
an eighth at a time instead, and `text += part` on a local name mostly grows in place: those are
told apart by what was measured, not by how they look.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from itertools import pairwise

from memscope.advice.changes.accumulating import added_in_place, joined_once
from memscope.advice.changes.editing import editor_of
from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import Fact, measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import (
    NOT_LOCAL,
    Advice,
    Change,
    Findings,
    Fix,
    Interval,
    Measure,
    Rejected,
)
from memscope.advice.policy import GrowCopy
from memscope.advice.program.copies import (
    CONCATENATIONS,
    Merge,
    cut_at,
    grown_by,
    may_grow,
    merges,
)
from memscope.advice.program.expressions import (
    called_name,
    code_of,
    is_number,
    method_name,
    text_of,
)
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk
from memscope.analysis.growth import GrowingSite, find_growth
from memscope.analysis.units import bytes_text, cost_text
from memscope.capture.columns import gathered, largest, mark_at_least, members, total
from memscope.capture.format import SAMPLED_UNIT, size_range
from memscope.capture.model import Totals
from memscope.plain import dataclass, replace

NAME = "grow-copy"

# Tables of hashes have room to spare, and the hashes themselves.
BYTES_A_POINTER = {"list": 8, "tuple": 8, "dict": 16, "set": 32}


@dataclass(frozen=True, slots=True)
class _Chain:
    links: float
    copied_bytes: float
    largest_bytes: float
    classes: int
    reallocated: bool = False  # one block, moved as it grew


@dataclass(frozen=True, slots=True)
class _Form:
    """What the source says of a line: what it adds to what it assigns, and how it copies."""

    statement: Statement | None
    adds: ast.expr | None
    merge: Merge | None

    @property
    def cut_at(self) -> ast.expr | None:
        """Where it takes off the front, and so copies the rest; None: it does not."""
        return None if self.statement is None else cut_at(self.statement)

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


def find(context: Context) -> Findings:
    """Lines that copy what they add to, and those that only look like it."""
    grown = {
        (row.site.file, row.site.line): row
        for row in find_growth(context.measures, limit=0).rows
        if row.steps == "constant"
    }
    found: dict[object, Advice | Rejected] = {}
    for line in context.lines:
        if max(line.blocks.allocated_bytes, line.blocks.copied_bytes) < GrowCopy.least_bytes:
            continue
        item = _of_line(context, line, grown.get((line.frame.file, line.frame.line)))
        if item is None:
            continue
        # Of several lines that copy what has one name the first speaks for all.
        key = _grown_by(context, line) if isinstance(item, Advice) else line.key
        first = found.setdefault(key, item)
        if isinstance(first, Advice) and first is not item:
            found[key] = replace(first, covers=(*first.covers, line.frame))
    return Findings.of(found.values())


KIND = AdviceKind(NAME, title="stop copying what is there", precedence=30, find=find)


def _grown_by(context: Context, line: UserLine) -> object:
    """What a line adds to: the function or class that has it, and its name there."""
    statement = context.statement(line.frame)
    if statement is None or statement.target is None:
        return line.key
    target = statement.target
    owner = statement.scope if isinstance(target, ast.Name) else statement.enclosing_class
    return owner, text_of(target)


def _of_line(
    context: Context, line: UserLine, recorded: GrowingSite | None
) -> Advice | Rejected | None:
    form = _form(context.statement(line.frame))
    if form.adds is not None and is_number(form.adds):
        # A sum: what grows is made within the calls of the statement.
        return None
    chains = _copy_chain(context, line, recorded, form), _reallocation_chain(context, line)
    found = [chain for chain in chains if chain is not None]
    if not found:
        why = _in_place(context, line)
        return Rejected(NAME, line.frame, why, 0.3) if why is not None else None
    copies = form.statement is None or form.cut_at is not None or may_grow(form.statement)
    if form.adds is None and not copies:
        return None
    return _evaluate(context, line, max(found, key=lambda chain: chain.copied_bytes), form)


def _form(statement: Statement | None) -> _Form:
    if statement is None:
        return _Form(None, None, None)
    grown = grown_by(statement)
    if grown is not None:
        return _Form(statement, *grown)
    return _Form(statement, None, next(merges(statement), None))


def _copy_chain(
    context: Context, line: UserLine, recorded: GrowingSite | None, form: _Form
) -> _Chain | None:
    """A chain of new blocks, each larger than the one before, of which two live at a time.

    Where the recorder saw the links that is exact. It does not where several values grow in turns,
    or something else is made between a link and the next: then the sizes tell.
    """
    totals = context.capture.totals
    if recorded is not None and _copies_enough(recorded.copied_bytes, recorded.largest_bytes):
        rows = context.rows.large(line.rows, GrowCopy.least_chained_bytes)
        links, copied = float(recorded.links), float(recorded.copied_bytes)
        if all(totals.max_live_blocks[row] <= GrowCopy.most_links_live for row in rows):
            # `text + a + b` copies twice: the recorder takes the first of two for no link.
            links = max(links, sum(totals.allocations[row] for row in rows))
            copied = max(copied, sum(totals.allocated_bytes[row] for row in rows))
        return _Chain(
            links=links,
            copied_bytes=copied,
            largest_bytes=recorded.largest_bytes,
            classes=len(context.rows.sizes(rows)),
        )
    links = copied = copied_from_live = 0.0
    classes = []
    largest = 0.0
    for size_class, of_size in sorted(context.rows.sizes(line.rows).items()):
        if size_range(size_class).to_bytes < GrowCopy.least_link_bytes:
            continue
        chained = _chained(totals, of_size)
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
    if (
        links < GrowCopy.least_links
        or len(classes) < GrowCopy.least_classes
        or not _copies_enough(copied, largest)
    ):
        return None
    if form.adds is None and form.cut_at is None:
        tables = form.container in ("dict", "set") and _doubles(classes)
        if copied_from_live < GrowCopy.least_copied_live_share * copied or not (
            tables or _climbs(classes)
        ):
            return None
    return _Chain(links, copied, largest, len(classes))


def _copies_enough(copied_bytes: float, largest_bytes: float) -> bool:
    return copied_bytes >= GrowCopy.least_copies * largest_bytes


def _climbs(classes: list[tuple[int, float]]) -> bool:
    """Whether blocks spread over neighbouring size classes as those of steady growth do.

    Growth by equal steps passes through each class in proportion to its width, which doubles each
    four classes.
    """
    if len(classes) < 2 * GrowCopy.least_classes:
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
    return max(upper) <= GrowCopy.most_rate_ratio * min(upper)


def _doubles(classes: list[tuple[int, float]]) -> bool:
    """Whether blocks are the tables of a dictionary or set that grows, copied time and again.

    A table lasts for as many additions as all smaller ones together: unless the growing ended, the
    larger size comes more often, and none is left out.
    """
    most = max(range(len(classes)), key=lambda place: classes[place][1])
    climbed = classes[: most + 1]
    if len(climbed) < GrowCopy.least_classes:
        return False
    return all(
        size_range(above).from_bytes <= GrowCopy.most_step_of_tables * size_range(below).to_bytes
        and more >= less
        for (below, less), (above, more) in pairwise(climbed)
    )


def _chained(totals: Totals, rows: Sequence[int]) -> list[int]:
    """Of these rows those of which few blocks live at a time, and are not reallocated."""
    columns = totals.max_live_blocks, totals.allocations, totals.reallocations
    entries = zip(rows, *(gathered(column, rows) for column in columns), strict=True)
    return [
        row
        for row, most, count, again in entries
        if most <= max(GrowCopy.most_chained_live, GrowCopy.most_chained_live_share * count)
        and again < GrowCopy.most_reallocated_share * count
    ]


def _reallocation_chain(context: Context, line: UserLine) -> _Chain | None:
    """A block that is reallocated again and again, and moves nearly each time."""
    totals = context.capture.totals
    # Larger blocks have pages of their own: they move by being mapped elsewhere, uncopied.
    classes = context.capture.tables.rows.size_class
    moves = bytearray(len(line.rows))
    mark_at_least(moves, gathered(totals.moved, line.rows), 1 / SAMPLED_UNIT)
    rows = [
        row
        for row in gathered(line.rows, members(b"\0\1", moves))
        if size_range(classes[row]).from_bytes < GrowCopy.least_remapped_bytes
    ]
    if not rows:
        return None
    moved = sum(totals.moved[row] for row in rows)
    copied = sum(totals.copied_bytes[row] for row in rows)
    largest = max(totals.allocated_bytes[row] / totals.allocations[row] for row in rows)
    chain = max(totals.longest_chain[row] for row in rows)
    grew = bytearray(len(line.rows))
    mark_at_least(grew, gathered(totals.longest_chain, line.rows), 1)
    ended = total(gathered(totals.frees, gathered(line.rows, members(b"\0\1", grew)))) or 1
    amortised = GrowCopy.most_amortised_moves * math.log(max(largest, 64))
    if chain <= amortised or copied < GrowCopy.most_amortised_copies * largest * ended:
        return None
    return _Chain(moved, copied, largest, len(context.rows.sizes(rows)), reallocated=True)


def _in_place(context: Context, line: UserLine) -> str | None:
    """Why a chain of reallocations is no reason to change anything."""
    totals = context.capture.totals
    chain = largest(gathered(totals.longest_chain, line.rows)) if line.rows else 0
    if chain < GrowCopy.least_moves_in_place:
        return None
    copied = line.blocks.copied_bytes
    return (
        f"one block grew {chain:,.0f} times, but in place: its moves copied"
        f" {bytes_text(copied) if copied else 'nothing'}"
    )


def _evaluate(context: Context, line: UserLine, chain: _Chain, form: _Form) -> Advice | Rejected:
    costs = context.costs
    statement = form.statement
    seconds = costs.copying(chain.copied_bytes, chain.copied_bytes / chain.links)
    if form.container:
        # Each item is counted once more in the copy, and once less when the old one goes.
        pointers = chain.copied_bytes / BYTES_A_POINTER[form.container]
        seconds = 2 * pointers * costs.pointer_copy_s
    seconds += chain.links * costs.large_allocation_s
    faults = context.faults.seconds(chain.copied_bytes / chain.links, chain.links)
    predicted: dict[Measure, Interval] = {
        "cpu_s": Interval(
            0.6 * seconds + faults.low,
            seconds + faults.value,
            2.0 * seconds + faults.high,
        ),
    }
    share = context.whole.share("cpu_s", predicted["cpu_s"].low)
    if not context.whole.pays(predicted):
        return Rejected(
            NAME,
            line.frame,
            f"it copies {'the rest' if form.cut_at else 'what it adds to'}, but only"
            f" {bytes_text(chain.copied_bytes)} in all:"
            f" about {cost_text(predicted['cpu_s'].value)}, below 1% of the program's CPU time",
            min(0.5, share * 20),
        )
    totals = context.capture.totals
    confidence = 0.95 if form.adds is not None else 0.75 if statement is not None else 0.6
    times = chain.copied_bytes / chain.largest_bytes
    return Advice(
        kind=NAME,
        site=line.frame,
        stack=context.stacks.heaviest(line.rows, totals.allocated_bytes),
        summary=(
            f"taking from the front of {_what_grows(form)} copies the rest each time:"
            f" {times:,.0f} times its largest size"
            if form.cut_at
            else f"adding to {_what_grows(form)} copies all of it each time: {times:,.0f} times its"
            " final size"
        ),
        facts=_facts(chain, form),
        predicted=predicted,
        modelled=(
            "copied bytes, blocks and page faults are measured; seconds are modelled: copied bytes"
            " by this machine's copying speed, and this line's part of the faults by its pages"
        ),
        cost=(
            "who still holds an earlier one sees what is added to it"
            if form.container in ("dict", "set")
            else "what is cut out of a bytearray is one, too: bytes() of it where it is a key"
            if form.cut_at
            else "parts and result are live at once when they are joined; each part takes some 40"
            " bytes beside its content"
        ),
        confidence=confidence,
        fix=replace(_fix(form), change=_change(context, line, form)),
    )


def _facts(chain: _Chain, form: _Form) -> tuple[Fact, ...]:
    found = [
        measured(
            "links",
            "each with the rest of the one before" if form.cut_at
            else "each larger than the one before",
            round(chain.links), "blocks",
            least=None if chain.reallocated else GrowCopy.least_links,
        ),
        measured(
            "copied_bytes", "copied in all", round(chain.copied_bytes), "bytes",
            least=GrowCopy.least_copies * chain.largest_bytes,
        ),
        measured("largest_bytes", "of the largest", round(chain.largest_bytes), "bytes"),
        measured("size_classes", "that they went through", chain.classes, "size classes"),
        measured(
            "grown_by", "how it grows",
            "reallocations that move it" if chain.reallocated else "new blocks", decides=True,
        ),
    ]  # fmt: skip
    if form.statement is not None and form.cut_at is None:
        adds = "unknown" if form.adds is None else text_of(form.adds, 40)
        found.append(read("adds", "what is added each time", adds))
    if form.container:
        found.append(read("container", "what it is added to", form.container))
    return tuple(found)


def _what_grows(form: _Form) -> str:
    named = form.adds is not None or form.cut_at is not None
    if named and form.statement is not None and form.statement.target is not None:
        return text_of(form.statement.target, 30)
    if form.merge is not None and form.container and not _is_folded(form.merge):
        return text_of(form.merge.copied[0], 30)
    return "it"


def _is_folded(merge: Merge) -> bool:
    return isinstance(merge.node, ast.Call) and method_name(merge.node) in ("sum", "reduce")


def _change(context: Context, line: UserLine, form: _Form) -> Change:
    editor, statement = editor_of(context.sources, line.frame.file), form.statement
    if editor is None or statement is None or form.adds is None:
        return NOT_LOCAL
    if form.container:
        for other in context.lines:  # an attribute may be used in any of the files
            context.sources.of(other.frame.file)
        return added_in_place(editor, statement, form.container, context.sources.loaded())
    return joined_once(editor, statement)


def _fix(form: _Form) -> Fix:
    statement, adds = form.statement, form.adds
    if statement is None or statement.target is None or adds is None:
        return _general_fix(form)
    target, part = code_of(statement.target), code_of(adds)
    if (
        form.merge is not None
        and isinstance(adds, ast.List | ast.Tuple)
        and adds is form.merge.node
    ):
        part = f"[{', '.join(code_of(item) for item in form.merge.added)}]"
    value = getattr(statement.node, "value", None)
    calls = [] if value is None else [c for c in walk(value) if isinstance(c, ast.Call)]
    joined = next((called_name(c) for c in calls if method_name(c) in CONCATENATIONS), None)
    if joined is not None:
        return Fix(
            "collect the pieces in a list and concatenate them once, after the loop",
            "pieces = []  # new, before the loop\npieces.append(...)  # in the loop\n"
            f"{target} = {joined}(pieces)  # once, after it",
        )
    if form.container in ("dict", "set"):
        return _general_fix(form)
    if form.container in ("list", "tuple"):
        return _fix_of_sequence(form.container, target, part)
    return _fix_of_text(target, part, is_bytes=_is_bytes(statement, adds))


def _fix_of_sequence(container: str, target: str, part: str) -> Fix:
    if container == "list":
        return Fix(
            "extend the list in place: it then grows by an eighth at a time",
            f"{target}.extend({part})",
        )
    return Fix(
        "collect in a list, which grows by an eighth at a time; make the tuple once",
        f"items = []  # new, before the loop\nitems.extend({part})  # in the loop\n"
        f"{target} = tuple(items)  # once, after it",
    )


def _fix_of_text(target: str, part: str, *, is_bytes: bool) -> Fix:
    if is_bytes:
        return Fix(
            "use a bytearray, which grows by an eighth at a time",
            f"{target} = bytearray()  # once\n{target} += {part}  # as before",
        )
    return Fix(
        "collect the parts in a list and join them once",
        f"parts = []  # new, once\nparts.append({part})  # here\n"
        f"{target} = ''.join(parts)  # once, when it is whole",
    )


def _general_fix(form: _Form) -> Fix:
    """What can be said of a merge that is not assigned to what it copies."""
    whole = _what_grows(form)
    if form.cut_at is not None:
        return Fix(
            "keep the place up to which it is read, and cut once, when all of it is read; a"
            " bytearray lets go of its front without a copy",
            f"{whole} = bytearray()  # once\n"
            f"del {whole}[:{code_of(form.cut_at)}]  # in place of the slice",
        )
    if form.merge is not None and _is_folded(form.merge) and form.container in ("list", "tuple"):
        parts = code_of(form.merge.copied[0])
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
            "items = []  # new, before the loop\nitems.extend(...)  # in the loop\n"
            f"result = {form.container}(items)  # new, once, after it",
        )
    return Fix(
        "collect the parts in a list and join them once, at the end",
        "parts = []  # new, before the loop\nparts.append(...)  # in the loop\n"
        "result = ''.join(parts)  # new, once, after it",
    )


def _is_bytes(statement: Statement, adds: ast.expr) -> bool:
    """Whether bytes are added, as far as the file says: by what is added, or how it began."""
    target = text_of(statement.target) if statement.target is not None else ""
    started = [
        node.value
        for node in walk(statement.parents[0])
        if isinstance(node, ast.Assign) and any(text_of(item) == target for item in node.targets)
    ]
    return any(
        isinstance(part, ast.Constant) and isinstance(part.value, bytes)
        for part in (adds, *started)
    )
