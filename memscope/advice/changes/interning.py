"""Has the interpreter keep one of each text that a statement makes."""

from __future__ import annotations

import ast

from memscope.advice.changes.editing import Editor
from memscope.advice.model import Change
from memscope.advice.program.expressions import is_name, method_name
from memscope.advice.program.walking import walk

# Of a text they give texts, and no subclass of it: those `sys.intern` refuses.
_GIVE_TEXT = {"strip", "lstrip", "rstrip", "lower", "upper", "title", "casefold", "replace",
              "join", "format", "removeprefix", "removesuffix"}  # fmt: skip


def interned(editor: Editor, node: ast.stmt) -> Change:
    """`sys.intern(…)` around the one text that a statement makes and assigns."""
    value = node.value if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    is_text = isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Call) and method_name(value) in _GIVE_TEXT
    )
    code = editor.code(value) if value is not None and is_text else ""
    if not isinstance(node, ast.Assign) or value is None or not code:
        return "which of its values repeat is for those who know them to say"
    tree = editor.source.tree
    wrapped = editor.replaced(value, f"sys.intern({code})")
    imports = [it for it in tree.body if isinstance(it, ast.Import)]
    if any(alias.name == "sys" and not alias.asname for it in imports for alias in it.names):
        return (wrapped,)
    if any(is_name(it, "sys") for it in walk(tree)):
        return "the file has a sys of its own"
    added = editor.before(imports[0], ["import sys"]) if imports else None
    return (added, wrapped) if added else "the file has no line with an import to stand beside"
