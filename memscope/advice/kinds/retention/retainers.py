"""What holds a line's blocks: the container that they are stored in, read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.policy import Leak
from memscope.advice.program.container_uses import calls_its_items, goes_through, uses_of
from memscope.advice.program.containers import (
    cached_function,
    fills_new_object,
    hands_over,
    may_return,
    root_of,
    scope_of,
    stored_in,
    stores_of,
    surely_returns,
)
from memscope.advice.program.expressions import method_name, text_of
from memscope.advice.program.libraries import kept_by_library
from memscope.advice.program.statements import Statement, is_self
from memscope.advice.program.walking import walk
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass, replace

_REGISTER = re.compile(
    r"cache|memo|listen|handler|callback|subscri|observ|receiver|hook|watcher|pending|waiting"
    r"|regist|session|connection|client|in_?flight|active|alive|undo|recent",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Retainer:
    """Where what grows is stored."""

    frame: CodeFrame
    statement: Statement | None
    container: str  # as code; "" if unknown
    scope: str  # "global", "attribute", "cache", "library", "local", "module" or "" if unknown
    removes: bool
    reads: bool
    listens: bool = False  # whether it has the methods of objects, which it calls
    walked: bool = False  # whether something goes through all of it
    otherwise: Retainer | None = None  # the local name that holds it if this does not

    @property
    def is_register(self) -> bool:
        """Whether it is, by its name, for what comes and goes: then reading it proves nothing."""
        return self.listens or bool(_REGISTER.search(self.container))

    @property
    def of_another(self) -> bool:
        """Whether it is an attribute of an object that its function was given or looked up."""
        container = None if self.statement is None else stored_in(self.statement)
        root = None if container is None else root_of(container)
        return (
            self.scope == "attribute"
            and isinstance(root, ast.Name)
            and root.id not in ("self", "cls")
        )

    @property
    def lasting(self) -> bool:
        """Whether it outlives the function that stores."""
        return self.scope not in ("", "local", "module")

    @property
    def has_table(self) -> bool:
        """Whether its own table is made where it is filled, by user code, and grows there."""
        return self.lasting and self.scope not in ("cache", "library")


def retainer_of(context: Context, line: UserLine) -> Retainer:
    """The innermost own frame on the way that stores something, and where."""
    rows = [row for row in line.rows if context.measures.live_bytes[row]] or list(line.rows)
    by = context.measures.live_bytes
    if not any(by[row] for row in rows):
        by = context.capture.totals.peak_bytes
    node = context.measures.row_stacks[max(rows, key=by.__getitem__)]
    frames = context.stacks.own(node)
    found = _retainer_above(context, line, frames)
    root = None if found.statement is None else stored_in(found.statement)
    if found.scope != "local" or found.statement is None or not isinstance(root, ast.Name):
        return found
    # What a function collects and returns may be stored by a caller.
    above = [place for place, (_, frame) in enumerate(frames) if _same_function(frame, found.frame)]
    if not above or not surely_returns(found.statement, root.id):
        return found
    stored = _retainer_above(context, line, frames[above[0] + 1 :])
    return replace(stored, otherwise=found) if stored.lasting else found


def retainer_when_ended(context: Context, line: UserLine, found: Retainer) -> Retainer:
    """What holds a line's blocks when the functions have ended whose local names held them.

    What a function returns its caller may hold: the next local name, something lasting, or a name
    of the module. What it does not return nobody is seen to hold.
    """
    rows = [row for row in line.rows if context.measures.live_bytes[row]]
    heaviest = max(rows, key=context.measures.live_bytes.__getitem__, default=line.rows[0])
    frames = context.stacks.own(context.measures.row_stacks[heaviest])
    while found.scope == "local":
        root = None if found.statement is None else stored_in(found.statement)
        places = [at for at, (_, it) in enumerate(frames) if _same_function(it, found.frame)]
        if found.statement is None or not isinstance(root, ast.Name) or not places:
            return nobody(line)
        frames = frames[places[0] + 1 :]
        if not frames or not may_return(found.statement, root.id):
            return nobody(line)
        found = _retainer_above(context, line, frames)
    return found


def nobody(line: UserLine) -> Retainer:
    """The retainer of what nobody is seen to hold."""
    return Retainer(line.frame, None, "", "", False, False)


def _same_function(frame: CodeFrame, other: CodeFrame) -> bool:
    return (frame.file, frame.function) == (other.file, other.function)


def _retainer_above(
    context: Context, line: UserLine, frames: list[tuple[int, CodeFrame]]
) -> Retainer:
    for _, frame in frames:
        statement = context.statement(frame)
        if statement is None:
            break
        found = _retainer_at(context, line, frame, statement)
        if found is not None:
            return found
    return _unknown(line.frame, context.statement(line.frame))


def _retainer_at(
    context: Context, line: UserLine, frame: CodeFrame, statement: Statement
) -> Retainer | None:
    """What a frame's own statement has hold a line's blocks; None if its caller gets them."""
    kept = _of_cache(frame, statement) or _of_library(context, frame, statement)
    if kept is not None:
        return kept
    container, target = stored_in(statement), statement.target
    if container is not None:
        return _of_container(context, frame, statement, container)
    if isinstance(target, ast.Name):
        return _of_name(context, frame, statement, target.id)
    if isinstance(target, ast.Attribute):
        return nobody(line) if _too_many_for(context, line, statement) else None
    if hands_over(statement.node):
        return None
    # A call of the module's code whose value goes at once.
    dropped = statement.function is None and frame.line != line.frame.line
    return nobody(line) if dropped else _unknown(line.frame, statement)


def _of_cache(frame: CodeFrame, statement: Statement) -> Retainer | None:
    cached = cached_function(statement)
    if cached is None:
        return None
    place = CodeFrame(frame.function, frame.file, cached.lineno)
    return Retainer(place, statement, f"the cache of {cached.name}()", "cache", False, True)


def _of_library(context: Context, frame: CodeFrame, statement: Statement) -> Retainer | None:
    library = kept_by_library(statement, context.sources.of(frame.file))
    return Retainer(frame, statement, library, "library", False, False) if library else None


def _of_container(
    context: Context, frame: CodeFrame, statement: Statement, container: ast.expr
) -> Retainer | None:
    root = root_of(container)
    if isinstance(root, ast.Name) and fills_new_object(statement, container):
        # It fills an object that this call made: who keeps that is the question.
        return _of_name(context, frame, statement, root.id)
    return describe(context, frame, statement, container)


def _of_name(
    context: Context, frame: CodeFrame, statement: Statement, name: str
) -> Retainer | None:
    """What the function stores in later what it has in a name; None if it returns that."""
    later = _stored_later(context, frame, statement, name)
    if later is not None:
        stored, where = later
        place = CodeFrame(frame.function, frame.file, stored.node.lineno)
        return describe(context, place, stored, where)
    given = statement.function is not None and may_return(statement, name)
    return None if given else _unknown(frame, statement)


def _too_many_for(context: Context, line: UserLine, statement: Statement) -> bool:
    """Whether more is live than an attribute can hold, which has one for each object."""
    owner, function = statement.enclosing_class, statement.function
    if owner is None or function is None or function.name == "__init__":
        return False
    objects = context.objects.instances.get(owner.name, 0.0)
    blocks = context.measures.live_blocks
    return 0 < Leak.many_for_one * objects < max(blocks[row] for row in line.rows)


def _unknown(frame: CodeFrame, statement: Statement | None) -> Retainer:
    """What the module's own code holds it holds for good; of anything else nothing is known."""
    scope = "module" if statement is not None and statement.function is None else ""
    return Retainer(frame, statement, "", scope, False, False)


def describe(
    context: Context, frame: CodeFrame, statement: Statement, container: ast.expr
) -> Retainer:
    """A container as a retainer, with what its file does with it."""
    name, scope = text_of(container, 40), scope_of(statement, container)
    source = context.sources.of(frame.file)
    if source is None:
        return Retainer(frame, statement, name, scope, removes=False, reads=False)
    tree = source.tree
    uses = uses_of(tree, container, statement)
    return Retainer(
        frame,
        statement,
        name,
        scope,
        uses.removes,
        uses.reads,
        listens=calls_its_items(tree, container) and _stores_methods(context, statement),
        walked=goes_through(tree, container),
    )


def _stores_methods(context: Context, statement: Statement) -> bool:
    """Whether objects give the function of a statement a method of their own, and it stores it."""
    function = statement.function
    if function is None:
        return False
    arguments = {item.arg for item in (*function.args.posonlyargs, *function.args.args)}
    stored = {
        part.id for call in statement.calls() for part in call.args if isinstance(part, ast.Name)
    }
    if not stored & arguments:
        return False
    return any(
        isinstance(call, ast.Call)
        and method_name(call) == function.name
        and any(_is_own_method(part, source.functions) for part in call.args)
        for source in context.sources.loaded()
        for call in walk(source.tree)
    )


def _is_own_method(node: ast.expr, functions: Mapping[str, object]) -> bool:
    return isinstance(node, ast.Attribute) and is_self(node.value) and node.attr in functions


def _table_bytes(context: Context, frame: CodeFrame, line: int) -> float:
    """What a line of a frame's function took for tables that it had grow itself."""
    stacks, totals = context.measures.stacks, context.capture.totals
    return sum(
        totals.allocated_bytes[row]
        for item in context.lines
        if (item.frame.file, item.frame.line) == (frame.file, line)
        for row in item.rows
        if totals.reallocations[row]
        and stacks.own[context.measures.row_stacks[row]] == context.measures.row_stacks[row]
    )


def _stored_later(
    context: Context, frame: CodeFrame, statement: Statement, name: str
) -> tuple[Statement, ast.expr] | None:
    """The statement of the same function that stores a name that this one assigns or fills.

    Of several the one whose container was seen to grow most, else the first.
    """
    found = list(stores_of(statement, name))
    if len(found) > 1:
        found.sort(key=lambda item: -_table_bytes(context, frame, item[0].node.lineno))
    return found[0] if found else None
