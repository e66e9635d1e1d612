"""Which lines call compiled modules by name, as their source has it.

A call of a method of an object, as `box.fill()`, names no module: such lines are not told.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from posixpath import dirname

from memscope.advice.program.source import SourceFile, SourceFiles
from memscope.advice.program.walking import walk
from memscope.analysis.compiledmodules import Compiled
from memscope.analysis.hotspots import Group, Hotspot
from memscope.capture.description import Meta


class CompiledCalls:
    """Looks lines up; a file is read once, and none if no module was compiled."""

    def __init__(self, meta: Meta, modules: Sequence[Compiled]) -> None:
        self._modules = modules
        self._sources = SourceFiles(meta)
        self._known: dict[str, Mapping[int, dict[str, Compiled]]] = {}

    def at(self, file: str, line: int) -> Mapping[str, Compiled]:
        """What a line calls, by the name that the module's own code has it under: `fast.build`."""
        if not self._modules or line <= 0:
            return {}
        if file not in self._known:
            source = self._sources.of(file)
            self._known[file] = {} if source is None else self._calls(source, file)
        return self._known[file].get(line, {})

    def of(self, row: Hotspot, group: Group) -> Mapping[str, Compiled]:
        """The same of a row, if it is about a line."""
        return self.at(row.file, row.line) if group in ("line", "stack") else {}

    def _calls(self, source: SourceFile, file: str) -> Mapping[int, dict[str, Compiled]]:
        imported = {**source.imported, **_relative(source, file)}
        found: dict[int, dict[str, Compiled]] = {}
        for node in walk(source.tree):
            if not isinstance(node, ast.Call):
                continue
            called = _dotted(node.func, imported)
            module = self._module_of(called) if called else None
            if module is not None:
                name = _short(called, module)
                # Where the interpreter counts a call: at its beginning, or at the method's name.
                for line in {node.lineno, node.func.end_lineno or node.lineno}:
                    found.setdefault(line, {})[name] = module
        return found

    def _module_of(self, called: str) -> Compiled | None:
        """The module that has what is called: by its name, or by its path if `called` has one."""
        fitting = [module for module in self._modules if _is_of(called, module)]
        return max(fitting, key=lambda module: len(module.stem), default=None)


def _is_of(called: str, module: Compiled) -> bool:
    parts = called.replace(".", "/").split("/")
    stem = module.stem.replace(".", "/")
    if called.startswith("/"):
        return f"{called.replace('.', '/')}/".startswith(f"{stem}/")
    # Packages whose beginning allocates nothing are not in a capture: the full name may be longer.
    least = module.name.count(".") + 1
    return any(
        stem.endswith("/" + "/".join(parts[:count])) for count in range(least, len(parts) + 1)
    )


def _short(called: str, module: Compiled) -> str:
    """`app.fast.build`, also where the import was relative."""
    if not called.startswith("/"):
        return called
    return module.name + called[len(module.stem) :].replace("/", ".")


def _relative(source: SourceFile, file: str) -> dict[str, str]:
    """What names stand for that come from the file's own package: a path and what is in it."""
    found: dict[str, str] = {}
    for node in walk(source.tree):
        if not isinstance(node, ast.ImportFrom) or not node.level or not file.startswith("/"):
            continue
        folder = dirname(file)
        for _ in range(node.level - 1):
            folder = dirname(folder)
        if node.module:
            folder = f"{folder}/{node.module.replace('.', '/')}"
        for item in node.names:
            found[item.asname or item.name] = f"{folder}/{item.name}"
    return found


def _dotted(node: ast.expr, imported: Mapping[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in imported:
        return ""
    return ".".join([imported[node.id], *reversed(parts)])


NO_CALLS = CompiledCalls(Meta(), ())
