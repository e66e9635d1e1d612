"""Holds what a fix names against the program's source: it may name only what is there.

A name in the code of a fix is right if it can be read at that line of the source, if it is a
builtin, if the fix imports it from the standard library, or if the fix binds it on a line that is
marked as new. An attribute is right if the file has it, or a builtin type. Code that names anything
else, or that is no Python, is left out: the sentence beside it then has to do.
"""

from __future__ import annotations

import array
import ast
import builtins
import collections
import io
import re
import sys
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache

from memscope.advice.model import Fix
from memscope.advice.program.scopes import imports_all, names_of, parameters
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import COMPREHENSIONS, FUNCTIONS
from memscope.advice.program.walking import walk
from memscope.plain import dataclass, replace

NEW = "# new"
# Said in place of a sentence that names what is not there.
PLAIN = "change what this line does, as said above"

_TYPES = (
    array.array, bytearray, bytes, BaseException, collections.OrderedDict, collections.deque, dict,
    float, frozenset, int, io.BufferedReader, io.BufferedWriter, io.BytesIO, io.FileIO, io.StringIO,
    io.TextIOWrapper, list, memoryview, set, str, tuple,
)  # fmt: skip
# With those of paths, sockets and queues, which take long to import.
_ATTRIBUTES = frozenset(name for kind in _TYPES for name in dir(kind)) | {
    "open", "recv_into", "put_nowait", "get_nowait",
}  # fmt: skip
# A word with a dot, an underscore or an opening parenthesis within is meant as code.
_CODE_IN_TEXT = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|\w*[A-Za-z]_\w+|[A-Za-z_]\w*(?=\()")


def grounded(fix: Fix, source: SourceFile | None, line: int, files: Set[str] = frozenset()) -> Fix:
    """The fix, without what it says of things that are not there; `files` are known by name."""
    code, text = fix.code, fix.text
    if code and invented_in_code(code, source, line):
        code = ""
    if invented_in_text(text, source, line, files):
        text = PLAIN
    return replace(fix, text=text, code=code)


def invented_in_code(code: str, source: SourceFile | None, line: int) -> list[str]:
    """What the code of a fix for a line names that is not there; the code itself if no Python."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [code]
    lines, nodes = code.splitlines(), list(walk(tree))
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {it.asname or it.name.partition(".")[0] for node in imports for it in node.names}
    invented = [name for node in imports for name in _modules_of(node) if not _is_standard(name)]
    visible = visible_at(source, line) | imported | _passing(nodes)
    # What is bound by a part of the fix may be used by any other: they are for several places.
    for name, number in _bound(tree):
        if NEW in lines[number - 1]:
            visible |= {name}
        elif name not in visible:
            invented.append(name)
    known = _Known(
        visible,
        _ATTRIBUTES | (frozenset() if source is None else _attributes_of(source)),
        imported | _libraries(source),
    )
    invented += [name for node in nodes if (name := _unknown(node, known))]
    return list(dict.fromkeys(invented))


@dataclass(frozen=True, slots=True)
class _Known:
    """What code may name: names, attributes of anything, and modules with whatever they have."""

    names: Set[str]
    attributes: Set[str]
    modules: Set[str]


def _unknown(node: ast.AST, known: _Known) -> str:
    """The name or attribute that a node reads and that is not known; else ""."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load | ast.Del):
        return "" if node.id in known.names else node.id
    if not isinstance(node, ast.Attribute) or node.attr in known.attributes:
        return ""
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    return "" if isinstance(root, ast.Name) and root.id in known.modules else node.attr


def _passing(nodes: Iterable[ast.AST]) -> Set[str]:
    """Names that comprehensions and lambdas have for themselves."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, (*COMPREHENSIONS, ast.Lambda)):
            names |= names_of(node)
    return names


def _modules_of(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [item.name for item in node.names]


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _libraries(source: SourceFile | None) -> Set[str]:
    """Names that the source imports modules of the standard library by."""
    imported = {} if source is None else source.imported
    return {name for name, module in imported.items() if module in sys.stdlib_module_names}


def invented_in_text(
    text: str, source: SourceFile | None, line: int, files: Set[str] = frozenset()
) -> list[str]:
    """What a sentence names as code that is not there."""
    visible = visible_at(source, line)
    attributes = _ATTRIBUTES | (set() if source is None else _attributes_of(source))
    invented = []
    for found in _CODE_IN_TEXT.finditer(text):
        name = found[0]
        first, _, rest = name.partition(".")
        known = first in visible or first in sys.stdlib_module_names or name in files
        if not known and (rest or first not in attributes):
            invented.append(name)
    return invented


def visible_at(source: SourceFile | None, line: int) -> Set[str]:
    """Names that code at a line can read: builtins, the module's, and those of its functions."""
    names = set(dir(builtins))
    if source is None:
        return names
    names |= names_of(source.tree)
    if imports_all(source.tree):
        names |= {node.id for node in walk(source.tree) if isinstance(node, ast.Name)}
    statement = source.statement(line)
    if statement is None:
        return names
    within: Set[str] = set()  # names of a class are seen in its body alone
    for node in (*statement.parents, statement.node):
        if isinstance(node, FUNCTIONS):
            if node is not statement.node:
                within = set()
            names |= names_of(node)
        elif isinstance(node, ast.ClassDef):
            within = names_of(node)
    for part in statement.walk():
        if isinstance(part, COMPREHENSIONS):
            names |= names_of(part)
    return names | within


def _bound(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What code binds, and in which of its lines; without what a class has for itself."""
    inside = {
        id(part)
        for node in walk(tree)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        for part in walk(item)
    }
    for node in walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
            for parameter in parameters(node):
                yield parameter, node.lineno
        elif isinstance(node, ast.ClassDef | ast.ExceptHandler) and node.name is not None:
            yield node.name, node.lineno


@lru_cache(maxsize=64)  # each fix asks
def _attributes_of(source: SourceFile) -> frozenset[str]:
    """Attributes that a file uses or defines."""
    found: set[str] = set()
    for node in walk(source.tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= names_of(node)
    return frozenset(found)
