"""Programs written otherwise that do the same, line by line: what is advised must not change."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import sys
import tokenize

from memscope.advice.program.scopes import names_of
from memscope.advice.program.statements import COMPREHENSIONS, FUNCTIONS, is_self
from memscope.advice.program.walking import walk

_KNOWN = {
    name
    for kind in (*vars(builtins).values(), ast.AST)
    if isinstance(kind, type)
    for name in dir(kind)
} | set(dir(builtins))


def renamed(text: str) -> str:
    """The text with other words for all names that are the program's own and nobody else's.

    A class's begins with a capital still, and a constant's has no others: that is how Python is
    read.
    """
    words = {
        name: f"{'w' if name.islower() else 'W' if name.isupper() else 'Word'}{number}"
        for number, name in enumerate(sorted(_own_names(text)))
    }
    lines = text.splitlines(keepends=True)
    found = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for token in reversed(found):
        if token.type == tokenize.NAME and token.string in words:
            row, begin, end = token.start[0] - 1, token.start[1], token.end[1]
            lines[row] = lines[row][:begin] + words[token.string] + lines[row][end:]
    return "".join(lines)


def _own_names(text: str) -> set[str]:
    """Names that the program binds; none that a library may know, or that a string has."""
    tree = ast.parse(text)
    own: set[str] = set()
    others = {"self", "cls", *keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names}
    for node in walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS, *COMPREHENSIONS)):
            own |= names_of(node)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            (own if is_self(node.value) else others).add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            others.update(node.value.replace(".", " ").split())
        elif isinstance(node, ast.Import | ast.ImportFrom):
            others.update(str(getattr(node, "module", "")).split("."))
            for item in node.names:
                others.update((item.asname or "", *item.name.split(".")))
    defined = own | {"self"}
    for node in walk(tree):
        # An attribute of what is not the program's own, and an argument of a library by its name.
        if isinstance(node, ast.Attribute) and node.attr not in defined:
            others.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg and node.arg not in _parameters(tree):
            others.add(node.arg)
    return {name for name in own - others - _KNOWN if not name.startswith("_")}


def _parameters(tree: ast.AST) -> set[str]:
    return {node.arg for node in walk(tree) if isinstance(node, ast.arg)}


def called_by_a_helper(text: str) -> str:
    """The text with the module's last call made by a function within its line."""
    last = ast.parse(text).body[-1]
    if not isinstance(last, ast.Expr) or last.lineno != last.end_lineno:
        return text
    lines = text.splitlines()
    call = ast.get_source_segment(text, last.value)
    lines[last.lineno - 1] = lines[last.lineno - 1].replace(str(call), f"(lambda: {call})()", 1)
    return "\n".join(lines) + "\n"


def with_dead_code(text: str) -> str:
    """The text with functions and a class after it that nothing calls."""
    return (
        text
        + """

def never(rows, seen=None):
    for row in rows:
        rows.append(row)
        yield [part for part in row]
    del rows


class Never:
    kept = []

    def keep(self, item):
        self.kept.append(item)
        return sorted(self.kept)[-1:]
"""
    )
