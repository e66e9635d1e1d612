"""The source around a line, read as data: parsed and looked at, never run.

The file named in a capture is looked for where it was. A file that changed since the recording, is
none, or is too large is as good as absent: what is advised then says less.
"""

from __future__ import annotations

import ast
import os
import stat
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from memscope.capture.description import Meta
from memscope.capture.model import CodeFrame

MAX_SOURCE_BYTES = 4 << 20

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Loop = ast.For | ast.AsyncFor | ast.While
LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Statement:
    """The innermost simple statement (or compound one's head) that covers a line."""

    node: ast.stmt
    parents: tuple[ast.AST, ...]  # from the module down

    @property
    def function(self) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        for parent in reversed(self.parents):
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
                return parent
        return None

    @property
    def loop(self) -> Loop | None:
        """The innermost loop around it within its function."""
        for parent in reversed(self.parents):
            if isinstance(parent, (*FUNCTIONS, ast.ClassDef)):
                return None
            if isinstance(parent, LOOPS):
                return parent
        return None

    @property
    def enclosing_class(self) -> ast.ClassDef | None:
        for parent in reversed(self.parents):
            if isinstance(parent, ast.ClassDef):
                return parent
        return None

    @property
    def scope(self) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Module:
        module = self.parents[0]
        assert isinstance(module, ast.Module)
        return self.function or module

    @property
    def target(self) -> ast.expr | None:
        """What the statement assigns to, where that is one thing."""
        node = self.node
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            return node.targets[0]
        if isinstance(node, ast.AnnAssign | ast.AugAssign):
            return node.target
        if isinstance(node, ast.With | ast.AsyncWith) and len(node.items) == 1:
            return node.items[0].optional_vars
        return None

    @property
    def expressions(self) -> list[ast.expr]:
        """The expressions of the statement itself, not those of its body."""
        found: list[ast.expr] = []
        for name, value in ast.iter_fields(self.node):
            if name in ("body", "orelse", "finalbody", "handlers"):
                continue
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, ast.expr):
                    found.append(item)
                elif isinstance(item, ast.withitem):
                    found.append(item.context_expr)
        return found

    def walk(self) -> Iterator[ast.AST]:
        for expression in self.expressions:
            yield from ast.walk(expression)

    def calls(self) -> list[ast.Call]:
        return [node for node in self.walk() if isinstance(node, ast.Call)]


class Source:
    """One file's syntax tree."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def _statements(self) -> dict[int, Statement]:
        """The innermost statement for each line that one covers."""
        found: dict[int, Statement] = {}
        pending: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(self.tree, ())]
        while pending:
            node, parents = pending.pop()
            if isinstance(node, ast.stmt):
                statement = Statement(node, parents)
                last = node.end_lineno or node.lineno
                body = getattr(node, "body", None)
                if isinstance(body, list) and body:
                    # The head of a compound statement; the body's own statements come after.
                    last = max(node.lineno, min(last, body[0].lineno - 1))
                first = node.lineno
                decorators = getattr(node, "decorator_list", None)
                if decorators:
                    first = min(first, *(item.lineno for item in decorators))
                for line in range(first, last + 1):
                    found[line] = statement
            inner = (*parents, node)
            pending.extend(
                (child, inner)
                for child in ast.iter_child_nodes(node)
                if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
            )
        return found

    def statement(self, line: int) -> Statement | None:
        return self._statements.get(line)

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)}

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
        return {
            node.name: node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for, dotted: `cf` for `concurrent.futures`."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for item in node.names:
                    first = item.name.partition(".")[0]
                    found[item.asname or first] = item.name if item.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for item in node.names:
                    found[item.asname or item.name] = f"{node.module}.{item.name}"
        return found

    def full_name(self, call: ast.Call) -> str:
        """`concurrent.futures.ThreadPoolExecutor` of a call of it, however it was imported."""
        node, parts = call.func, []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.imported:
            return ""
        return ".".join([self.imported[node.id], *reversed(parts)])

    @cached_property
    def module_names(self) -> set[str]:
        """Names that the module binds itself."""
        names: set[str] = set()
        for node in self.tree.body:
            names.update(bound_names(node))
        return names


class Sources:
    """The files of a capture's own code, each read once."""

    def __init__(self, meta: Meta) -> None:
        self._cwd = meta.cwd
        self._started = meta.started
        self._known: dict[str, Source | None] = {}

    def of(self, file: str) -> Source | None:
        if file not in self._known:
            self._known[file] = self._read(file)
        return self._known[file]

    def loaded(self) -> list[Source]:
        """The files that were looked at so far."""
        return [source for source in self._known.values() if source is not None]

    def statement(self, frame: CodeFrame) -> Statement | None:
        source = self.of(frame.file)
        return None if source is None else source.statement(frame.line)

    def _read(self, file: str) -> Source | None:
        if not file or file.startswith("<") or "\0" in file:
            return None
        path = os.path.join(self._cwd, file) if self._cwd else file
        try:
            # Not through a device or a pipe, and without waiting: the name comes from the capture.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except (OSError, ValueError):
            return None
        try:
            about = os.fstat(descriptor)
            # A second of grace: time stamps are coarser than the clock.
            changed = bool(self._started) and about.st_mtime > self._started + 1
            if changed or not stat.S_ISREG(about.st_mode) or about.st_size > MAX_SOURCE_BYTES:
                return None
            data = os.read(descriptor, MAX_SOURCE_BYTES)
        except OSError:
            return None
        finally:
            os.close(descriptor)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(data)
            return Source(data.decode("utf-8", "replace"), tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def bound_names(node: ast.AST) -> set[str]:
    """Names that a statement binds, without those of functions and classes within it."""
    names: set[str] = set()
    pending: list[ast.AST] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
            names.add(item.id)
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(item.name)
            continue
        if isinstance(item, ast.Lambda):
            continue
        pending.extend(ast.iter_child_nodes(item))
    return names


def is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


_NUMBER_CALLS = {"len", "int", "float", "abs", "ord", "hash", "id", "count", "index", "find"}


def is_number(node: ast.expr) -> bool:
    """Whether an expression is a number by its form: nothing that was made for it outlives it."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float | complex)
    if isinstance(node, ast.Call):
        return method_name(node) in _NUMBER_CALLS
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not) or is_number(node.operand)
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Pow):
            return is_number(node.left) or is_number(node.right)
        return is_number(node.left) and is_number(node.right)
    return isinstance(node, ast.Compare)


def called_name(call: ast.Call) -> str:
    """`bytearray`, `np.zeros`, `.read` (a method of something): what a call calls."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute):
        if isinstance(function.value, ast.Name):
            return f"{function.value.id}.{function.attr}"
        return f".{function.attr}"
    return ""


def method_name(call: ast.Call) -> str:
    """The last part of what a call calls."""
    return called_name(call).rpartition(".")[2]


def text_of(node: ast.AST, limit: int = 60) -> str:
    """A piece of syntax as code, on one line."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        return "…"
    return text if len(text) <= limit else text[: limit - 1] + "…"
