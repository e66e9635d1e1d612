"""The source around a line, read as data: parsed and looked at, never run.

The file named in a capture is looked for where it was. A file that changed since the recording, is
none, or is too large is as good as absent: what is advised then says less.
"""

from __future__ import annotations

import ast
import os
import stat
import warnings
from functools import cached_property

from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk
from memscope.capture.description import Meta
from memscope.capture.model import CodeFrame

MAX_SOURCE_BYTES = 4 << 20


class SourceFile:
    """One file's syntax tree."""

    def __init__(self, data: bytes, tree: ast.Module) -> None:
        self.data = data
        self.text = data.decode("utf-8", "replace")
        self.tree = tree

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def _statements(self) -> dict[int, Statement]:
        """The innermost statement for each line that one covers.

        Of several in one line (`a = 1; b = f"{c}"`) the one that makes objects; none if two do.
        """
        found: dict[int, Statement] = {}
        unknown: set[int] = set()
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
                    other = found.get(line)
                    if other is None or other.parents != parents or not other.makes_objects:
                        found[line] = statement
                    elif statement.makes_objects:
                        unknown.add(line)
            inner = (*parents, node)
            pending.extend(
                (child, inner)
                for child in ast.iter_child_nodes(node)
                if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
            )
        for line in unknown:
            del found[line]
        return found

    def statement(self, line: int) -> Statement | None:
        return self._statements.get(line)

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        return {node.name: node for node in walk(self.tree) if isinstance(node, ast.ClassDef)}

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
        return {
            node.name: node
            for node in walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for, dotted: `cf` for `concurrent.futures`."""
        found: dict[str, str] = {}
        for node in walk(self.tree):
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


class SourceFiles:
    """The files of a capture's user code, each read once."""

    def __init__(self, meta: Meta) -> None:
        self._cwd = meta.cwd
        self._started = meta.started
        self._known: dict[str, SourceFile | None] = {}

    def of(self, file: str) -> SourceFile | None:
        if file not in self._known:
            self._known[file] = self._read(file)
        return self._known[file]

    def file_names(self) -> set[str]:
        """The names, without their folders, of the files that were looked at so far."""
        return {os.path.basename(file) for file, source in self._known.items() if source}

    def file_of(self, source: SourceFile) -> str:
        """The name that a file was asked for by."""
        return next(file for file, known in self._known.items() if known is source)

    def loaded(self) -> list[SourceFile]:
        """The files that were looked at so far."""
        return [source for source in self._known.values() if source is not None]

    def statement(self, frame: CodeFrame) -> Statement | None:
        source = self.of(frame.file)
        return None if source is None else source.statement(frame.line)

    def _read(self, file: str) -> SourceFile | None:
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
            return SourceFile(data, tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
